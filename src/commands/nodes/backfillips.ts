import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {confirmationFlags} from '../../cli/flags.ts'
import type {BackfillDocument} from '../../render/document/schemas.ts'
import {planBackfill} from '../../usecases/nodes/backfill-ips.ts'

export default class NodesBackfillIPs extends ChangeCommand<typeof NodesBackfillIPs, string[]> {
  static override summary = 'Assign and remove node addresses to match the prefixes (headscale 0.23+)'
  static override description = 'Run it after adding prefixes to the server configuration or removing them.'
  static override examples = ['<%= config.bin %> nodes backfillips --force']
  static override flags = confirmationFlags

  protected override plan(api: ControlApi) {
    return planBackfill(api)
  }

  protected override view(changes: string[]) {
    return `${changes.map((change) => `${change}\n`).join('')}Node IPs backfilled successfully\n`
  }

  protected override document(changes: string[]): BackfillDocument {
    return {changes}
  }
}
