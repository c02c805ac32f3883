import type {ControlApi} from '../../api/control-api.ts'
import {oauthClientSelectorFlags, oauthClientSelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import type {OAuthClient} from '../../domain/oauth-client.ts'
import {matchesOAuthClient} from '../../domain/selector.ts'
import {OAUTH_CLIENTS, SHOWN_OAUTH_CLIENTS} from '../../render/columns/oauth-clients.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

export default class OAuthClientsList extends ListCommand<typeof OAuthClientsList, OAuthClient> {
  static override summary = 'List OAuth clients (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients list']
  static override flags = oauthClientSelectorFlags

  override readonly list = OAUTH_CLIENTS

  protected override async fetch(api: ControlApi) {
    const selector = oauthClientSelectorOf(this.flags)
    const clients = await api.oauthClients.list()
    return selector ? clients.filter((client) => matchesOAuthClient(client, selector, this.io.now())) : clients
  }

  protected override shown() {
    return SHOWN_OAUTH_CLIENTS
  }

  protected override item(client: OAuthClient) {
    return oauthClientDocument(client)
  }
}
