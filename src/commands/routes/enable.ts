import * as Flags from '@oclif/core/flags'
import {RouteChangeCommand, routeChangeFlags} from '../../cli/commands/route-change.ts'

export default class RoutesEnable extends RouteChangeCommand<typeof RoutesEnable> {
  static override summary = 'Enable routes of a node; its other routes stay as they are'
  static override description =
    'An exit route (0.0.0.0/0 or ::/0) means both families. A route the node does not advertise is refused.'
  static override examples = [
    '<%= config.bin %> routes enable -i 6 -r 192.168.100.0/24',
    '<%= config.bin %> routes enable -i router --all',
  ]
  static override flags = {
    ...routeChangeFlags,
    'allow-unadvertised': Flags.boolean({description: 'also prefixes the node does not advertise yet (0.26+)'}),
  }
  protected override readonly approve = true
}
