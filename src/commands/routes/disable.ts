import {confirmationFlags} from '../../cli/flags.ts'
import {RouteChangeCommand} from '../../cli/commands/route-change.ts'

export default class RoutesDisable extends RouteChangeCommand<typeof RoutesDisable> {
  static override summary = 'Disable routes of a node'
  static override description = 'Other routes of the node do not change. --all needs a confirmation.'
  static override usage = 'routes disable -i NODE (-r CIDR | --all) [flags]'
  static override examples = [
    '<%= config.bin %> routes disable -i 6 -r 192.168.100.0/24',
    '<%= config.bin %> routes disable -i 6 --all',
  ]
  static override flags = confirmationFlags

  protected override readonly approve = false
}
