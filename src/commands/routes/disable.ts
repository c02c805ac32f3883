import {RouteChangeCommand, routeTargets} from '../../cli/commands/route-change.ts'

export default class RoutesDisable extends RouteChangeCommand<typeof RoutesDisable> {
  static override summary = 'Disable routes of a node'
  static override description = 'Other routes of the node do not change. --all needs a confirmation.'
  static override usage = 'routes disable NODE... (CIDR... | --all | --exit-node) [flags]'
  static override examples = [
    '<%= config.bin %> routes disable -i 6 -r 192.168.100.0/24',
    '<%= config.bin %> routes disable -i 6 --all',
  ]
  static override args = routeTargets

  protected override readonly verb = 'disable the routes of'
  protected override readonly approve = false
}
