import type {ControlApi} from '../../api/control-api.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import type {OAuthClient} from '../../domain/oauth-client.ts'
import {oauthClientColumns} from '../../render/columns/oauth-clients.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

export default class OAuthClientsList extends ListCommand<typeof OAuthClientsList, OAuthClient> {
  static override summary = 'List OAuth clients (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients list']

  protected override fetch(api: ControlApi) {
    return api.oauthClients.list()
  }

  protected override columns() {
    return oauthClientColumns
  }

  protected override item(client: OAuthClient) {
    return oauthClientDocument(client)
  }
}
