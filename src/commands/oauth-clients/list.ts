import type {ControlApi} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {listView} from '../../cli/list-view.ts'
import type {OAuthClient} from '../../domain/oauth-client.ts'
import {oauthClientColumns} from '../../render/columns/oauth-clients.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

export default class OAuthClientsList extends ControlCommand<typeof OAuthClientsList, OAuthClient[]> {
  static override summary = 'List OAuth clients (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients list']

  protected override perform(api: ControlApi) {
    return api.oauthClients.list()
  }

  protected override view(clients: OAuthClient[]) {
    return listView(oauthClientColumns, clients, this.io)
  }

  protected override document(clients: OAuthClient[]) {
    return clients.map((client) => oauthClientDocument(client))
  }
}
