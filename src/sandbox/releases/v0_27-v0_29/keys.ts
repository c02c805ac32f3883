/**
 * Pre-auth keys and API keys of 0.28 and 0.29: shown once, masked afterwards, identified by id.
 * Behaviour: hscontrol/db/preauth_keys.go, db/api_key.go and grpcv1.go at v0.29.3.
 */
import {tagFault} from '../../names.ts'
import {invalidArgument, serverError} from '../../server-error.ts'
import {randomHex, randomText, remove, ZERO_TIME, type ApiKey, type Tailnet} from '../../tailnet.ts'
import {date, flag, id, list, text, type Handlers, type Message} from '../shared/release-simulator.ts'
import {apiKeyMessage} from '../shared/records.ts'
import {preAuthKeyMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findUser} from '../shared/numbered-users.ts'

const API_KEY = 'hskey-api-'

export function newApiKey(random = randomText): {secret: string; prefix: string} {
  const prefix = random(12)
  return {prefix, secret: `${API_KEY}${prefix}-${random(64)}`}
}

/** The twelve characters after the fixed prefix of an API key, or null if it is not one. */
export function prefixOfToken(token: string): string | null {
  return /^hskey-api-([\w-]{12})-[\w-]{64}$/.exec(token)?.[1] ?? null
}

/** The stored prefix of a key, from any form of it in a request. */
function storedPrefix(given: string): string {
  if (!given.startsWith(API_KEY)) return given
  const prefix = given.slice(API_KEY.length, API_KEY.length + 12)
  if (prefix.length < 12) throw serverError('failed to parse ApiKey: prefix too short')
  if (!/^[\w-]+$/.test(prefix)) throw serverError('failed to parse ApiKey: prefix contains invalid characters')
  return prefix
}

function findApiKey(tailnet: Tailnet, request: Message): ApiKey {
  const [keyId, prefix] = [id(request, 'id'), text(request, 'prefix')]
  if (keyId !== '0' && prefix !== '') throw invalidArgument('provide either id or prefix, not both')
  if (keyId === '0' && prefix === '') throw invalidArgument('must provide id or prefix')
  const stored = storedPrefix(prefix)
  const found = tailnet.apiKeys.find((key) => (keyId === '0' ? key.prefix === stored : key.id === keyId))
  if (!found) throw serverError('record not found')
  return found
}

export function keyHandlers(release: ReleaseFacts): Handlers {
  return {
    CreatePreAuthKey: (tailnet, request) => {
      const tags = list(request, 'aclTags')
      for (const tag of tags) {
        const fault = tagFault(tag, release.spaceInTagMessage)
        if (fault) throw invalidArgument(fault)
      }
      const userId = id(request, 'user')
      const owner = userId === '0' ? null : findUser(tailnet, userId)
      if (!owner && tags.length === 0) throw serverError('auth-key must be either tagged or owned by user')
      const secret = release.hexSecrets ? randomHex : randomText
      const key = tailnet.addPreAuthKey({
        key: `hskey-auth-${secret(12)}-${secret(64)}`,
        userId: owner?.id ?? null,
        reusable: flag(request, 'reusable'),
        ephemeral: flag(request, 'ephemeral'),
        used: false,
        tags: [...new Set(tags)].sort(),
        expiration: date(request, 'expiration') ?? ZERO_TIME,
      })
      return {preAuthKey: preAuthKeyMessage(tailnet, key, true)}
    },

    // an unknown id is not an error here
    ExpirePreAuthKeyById: (tailnet, request) => {
      const key = tailnet.preAuthKey(id(request, 'id'))
      if (key) key.expiration = tailnet.now()
      return {}
    },

    DeletePreAuthKey: (tailnet, request) => {
      const key = tailnet.preAuthKey(id(request, 'id'))
      if (!key) return {}
      for (const node of tailnet.nodes) if (node.preAuthKeyId === key.id) node.preAuthKeyId = null
      remove(tailnet.preAuthKeys, key)
      return {}
    },

    ListAllPreAuthKeys: (tailnet) => ({
      preAuthKeys: tailnet.preAuthKeys.map((key) => preAuthKeyMessage(tailnet, key)),
    }),

    CreateApiKey: (tailnet, request) => {
      const key = tailnet.addApiKey({
        ...newApiKey(release.hexSecrets ? randomHex : randomText),
        expiration: date(request, 'expiration') ?? ZERO_TIME,
      })
      return {apiKey: key.secret}
    },

    ExpireApiKey: (tailnet, request) => {
      findApiKey(tailnet, request).expiration = tailnet.now()
      return {}
    },

    DeleteApiKey: (tailnet, request) => {
      remove(tailnet.apiKeys, findApiKey(tailnet, request))
      return {}
    },

    ListApiKeys: (tailnet) => ({
      apiKeys: tailnet.apiKeys.map((key) => apiKeyMessage(key, `${API_KEY}${key.prefix}-***`)),
    }),
  }
}
