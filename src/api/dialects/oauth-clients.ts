/** OAuth clients (0.30): one kind of key in the v2 API. Its other kind, pre-auth keys, is ignored here. */
import type {OAuthClient} from '../../domain/oauth-client.ts'
import type {OAuthClientsApi} from '../control-api.ts'
import {type Dialect, readTime} from './shared/dialect.ts'
import type {WireV2Key} from './shared/schemas.ts'

const KIND = 'client'

export function oauthClientsDialect({call}: Dialect): OAuthClientsApi {
  return {
    async list() {
      const {keys} = await call<{keys: WireV2Key[]}>('ListKeys', {})
      return keys.filter(({keyType}) => keyType === KIND).map(readClient)
    },

    async create({scopes, tags, description}) {
      const reply = await call<WireV2Key>('CreateKey', {
        keyType: KIND,
        scopes,
        ...(tags.length > 0 ? {tags} : {}),
        description,
      })
      return {client: readClient(reply), secret: reply.key ?? ''}
    },

    async delete({id}) {
      await call('DeleteKey', {id})
    },
  }
}

function readClient(wire: WireV2Key): OAuthClient {
  return {
    id: wire.id,
    description: wire.description ?? '',
    scopes: wire.scopes ?? [],
    tags: wire.tags ?? [],
    createdAt: readTime(wire.created),
  }
}
