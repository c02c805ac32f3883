import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import type {BackfillDocument} from '../../render/document/schemas.ts'

export default class NodesBackfillIPs extends ChangeCommand<typeof NodesBackfillIPs, string[]> {
  static override summary = "Assign and remove node addresses to match the server's prefixes (headscale 0.23+)"
  static override description = 'Run it after adding prefixes to the server configuration or removing them.'
  static override examples = ['<%= config.bin %> nodes backfillips --force']

  protected override async perform(api: ControlApi) {
    if (api.server.capabilities.backfillsIPs) {
      const {length} = await api.nodes.list()
      const question = 'Are you sure that you want to assign/remove IPs to/from nodes?'
      await this.confirm(question, [`this concerns ${length === 1 ? '1 node' : `${length} nodes`}`])
    }
    return api.nodes.backfillIPs()
  }

  protected override intent() {
    return 'assign and remove addresses as the prefixes ask'
  }

  protected override view(changes: string[]) {
    return `${changes.map((change) => `${change}\n`).join('')}Node IPs backfilled successfully\n`
  }

  protected override document(changes: string[]): BackfillDocument {
    return {changes}
  }
}
