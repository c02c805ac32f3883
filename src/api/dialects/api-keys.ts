/** API keys: the same on all releases, addressed by their prefix. */
import type {ApiKey} from '../../domain/api-key.ts'
import type {ApiKeysApi} from '../control-api.ts'
import {byId, type Dialect, readTime} from './shared/dialect.ts'
import type {WireApiKey} from './shared/schemas.ts'

/** Connects to the same server with another API key. */
export type ConnectWith = (secret: string) => Promise<{api: {apiKeys: Pick<ApiKeysApi, 'list'>}; close(): void}>

/**
 * @param own the secret that requests are sent with; null over a socket. It is compared here and goes nowhere else
 * @param connectWith absent over a socket
 */
export function apiKeysDialect({call}: Dialect, own: string | null, connectWith?: ConnectWith): ApiKeysApi {
  return {
    async list() {
      const {apiKeys} = await call<{apiKeys: WireApiKey[]}>('ListApiKeys', {})
      return apiKeys.map(readApiKey).toSorted(byId)
    },

    async create(expiration) {
      return (await call<{apiKey: string}>('CreateApiKey', {expiration: expiration.toISOString()})).apiKey
    },

    async expire({prefix}) {
      await call('ExpireApiKey', {prefix: bare(prefix)})
    },

    async delete({prefix}) {
      await call('DeleteApiKey', {prefix: bare(prefix)})
    },

    async prove(secret) {
      if (!connectWith) return false
      const {api, close} = await connectWith(secret)
      try {
        await api.apiKeys.list()
        return true
      } finally {
        close()
      }
    },

    isInUse: ({prefix}) => own !== null && own.startsWith(prefix.replace(/-?\*+$/, '')),
  }
}

/** Servers since 0.28 accept the masked form of new keys, but not that of keys from older releases: `abcdefg***`. */
function bare(prefix: string): string {
  return prefix.startsWith('hskey-api-') ? prefix : prefix.replace(/\*+$/, '')
}

function readApiKey(wire: WireApiKey): ApiKey {
  return {
    id: wire.id,
    prefix: wire.prefix,
    expiration: readTime(wire.expiration),
    createdAt: readTime(wire.createdAt),
    lastSeen: readTime(wire.lastSeen),
  }
}
