import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {requiredTextFlag} from '../../cli/flags.ts'
import {otherChange} from '../../domain/change.ts'
import type {OAuthClient} from '../../domain/oauth-client.ts'
import {HeadscaleError} from '../../errors.ts'
import {oauthClientDocument} from '../../render/document/oauth-client.ts'

export default class OAuthClientsDelete extends ChangeCommand<typeof OAuthClientsDelete, OAuthClient> {
  static override summary = 'Delete an OAuth client (headscale 0.30)'
  static override examples = ['<%= config.bin %> oauth-clients delete -i 3f2a']
  static override flags = {
    id: requiredTextFlag({char: 'i', description: 'ID of the client', helpValue: 'ID', completes: 'oauth-client'}),
  }

  protected override async plan(api: ControlApi) {
    const {id: ref} = this.flags
    const client = (await api.oauthClients.list()).find(({id}) => id === ref)
    if (!client) {
      throw new HeadscaleError('not-found', `OAuth client ${ref} not found`, {
        hint: 'see: headscale-ts oauth-clients list',
      })
    }
    const {id, description} = client
    const summary = `delete OAuth client ${id}${description ? ` (${description})` : ''}`
    return {
      changes: [otherChange({action: 'delete', kind: 'oauth-client', id, name: description, summary})],
      apply: async () => {
        await api.oauthClients.delete(client)
        return client
      },
    }
  }

  protected override view({id}: OAuthClient) {
    return `OAuth client ${id} deleted\n`
  }

  protected override document(client: OAuthClient) {
    return oauthClientDocument(client)
  }
}
