import type {ControlApi} from '../../api/control-api.ts'
import {SecretCommand} from '../../cli/commands/secret-command.ts'
import {offering, repeatedFlag, textFlag} from '../../cli/flags.ts'
import {otherChange} from '../../domain/change.ts'
import {type OAuthClient, SCOPES, unknownScopes} from '../../domain/oauth-client.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

interface NewClient {
  client: OAuthClient
  secret: string
}

export default class OAuthClientsCreate extends SecretCommand<typeof OAuthClientsCreate, NewClient> {
  static override summary = 'Create an OAuth client; its secret is shown only once (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients create -s devices:core:read -d "inventory"']
  static override flags = {
    scope: offering(
      repeatedFlag({
        char: 's',
        description: 'scope to grant (repeatable)',
        helpValue: 'SCOPE',
        required: true,
      }),
      SCOPES.flatMap((scope) => [scope, `${scope}:read`]),
    ),
    tag: repeatedFlag({
      char: 't',
      description: 'tag the client may assign (repeatable); required for the scopes devices:core and auth_keys',
      helpValue: 'TAG',
      completes: 'tag',
    }),
    description: textFlag({char: 'd', description: 'description of the client', helpValue: 'TEXT'}),
  }

  protected override async planSecret(api: ControlApi) {
    const {scope: scopes = [], tag = [], description} = this.flags
    const tags = [...new Set(tag.map(checkTag))]
    const unknown = unknownScopes(scopes)
    return {
      changes: [
        otherChange({
          action: 'create',
          kind: 'oauth-client',
          after: {scopes, tags, description: description ?? ''},
          summary: `create an OAuth client with scope ${scopes.join(', ')}`,
        }),
      ],
      warnings: unknown.length > 0 ? [`unknown scope ${unknown.join(', ')}: headscale accepts it silently`] : [],
      apply: () => api.oauthClients.create({scopes, tags, description}),
    }
  }

  protected override secret({secret}: NewClient) {
    return secret
  }

  protected override view(created: NewClient) {
    if (this.path === null) this.notice(`OAuth client ${created.client.id} created`)
    return super.view(created)
  }

  protected override secretOf({client: {id}}: NewClient) {
    return {what: `OAuth client ${id}`, undo: `oauth-clients delete -i ${id}`}
  }

  protected override document({client, secret}: NewClient) {
    return oauthClientDocument(client, this.path === null ? secret : null)
  }
}
