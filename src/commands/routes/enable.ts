import * as Flags from '@oclif/core/flags'
import {RouteChangeCommand, routeTargets} from '../../cli/commands/route-change.ts'

export default class RoutesEnable extends RouteChangeCommand<typeof RoutesEnable> {
  static override summary = 'Enable routes of a node'
  static override description =
    'Other routes of the node do not change. An exit route (0.0.0.0/0 or ::/0) enables both address families. Routes ' +
    'that the node does not advertise are rejected.'
  static override usage = 'routes enable NODE... (CIDR... | --all | --exit-node) [flags]'
  static override examples = [
    '<%= config.bin %> routes enable -i 6 -r 192.168.100.0/24',
    '<%= config.bin %> routes enable router 10.0.0.0/8 192.168.100.0/24',
    '<%= config.bin %> routes enable -i router --all',
    '<%= config.bin %> routes enable --all-pending --tag tag:router',
  ]
  static override flags = {
    'all-pending': Flags.boolean({
      description: 'all routes that wait for approval, of all nodes or of those selected',
    }),
    'allow-unadvertised': Flags.boolean({
      description: 'accept prefixes that the node does not advertise (headscale 0.26+)',
    }),
  }

  static override args = routeTargets

  protected override readonly verb = 'enable the routes of'
  protected override readonly approve = true

  protected override get chosen() {
    return this.flags['all-pending'] ? 'all' : super.chosen
  }

  protected override get selector() {
    const selector = super.selector
    if (!this.flags['all-pending']) return selector
    return [...(selector ?? []), {is: 'pending-routes', value: true, not: false} as const]
  }

  protected override get allowUnadvertised() {
    return this.flags['allow-unadvertised']
  }
}
