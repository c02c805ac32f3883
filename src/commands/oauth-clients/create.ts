import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {repeatedFlag, textFlag} from '../../cli/flags.ts'
import {type OAuthClient, unknownScopes} from '../../domain/oauth-client.ts'
import {checkTag} from '../../domain/tag.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

interface NewClient {
  client: OAuthClient
  secret: string
}

export default class OAuthClientsCreate extends ChangeCommand<typeof OAuthClientsCreate, NewClient> {
  static override summary = 'Create an OAuth client; its secret is shown only once (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients create -s devices:core:read -d "inventory"']
  static override flags = {
    scope: repeatedFlag({
      char: 's',
      description: 'scope to grant (repeatable)',
      helpValue: 'SCOPE',
      required: true,
    }),
    tag: repeatedFlag({
      char: 't',
      description: 'tag the client may assign (repeatable); required for the scopes devices:core and auth_keys',
      helpValue: 'TAG',
    }),
    description: textFlag({char: 'd', description: 'description of the client'}),
  }

  protected override perform(api: ControlApi) {
    const {scope = [], tag = [], description} = this.flags
    const unknown = unknownScopes(scope)
    if (unknown.length > 0) this.warn(`headscale knows no scope ${unknown.join(', ')} and does not say so`)
    return api.oauthClients.create({scopes: scope, tags: tag.map(checkTag), description})
  }

  protected override intent() {
    return `create an OAuth client for ${this.flags.scope?.join(', ')}`
  }

  protected override view({client, secret}: NewClient) {
    this.notice(`OAuth client ${client.id} created`)
    return `${secret}\n`
  }

  protected override document({client, secret}: NewClient) {
    return oauthClientDocument(client, secret)
  }
}
