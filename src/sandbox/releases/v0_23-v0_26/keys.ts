/**
 * Pre-auth keys and API keys of 0.23 to 0.26. A key without an expiration is expired from the start, as on the server.
 * Behaviour: hscontrol/grpcv1.go, db/preauth_keys.go and db/api_key.go at v0.23.0, v0.25.1 and v0.26.1.
 */
import {randomBytes} from 'node:crypto'
import {tagFault} from '../../names.ts'
import {invalidArgument, serverError} from '../../server-error.ts'
import {randomText, remove, ZERO_TIME, type ApiKey, type Tailnet, type User} from '../../tailnet.ts'
import {date, flag, id, list, text, type Handlers, type Message} from '../shared/release-simulator.ts'
import {findUser} from '../shared/numbered-users.ts'
import {inOrder} from '../shared/owners.ts'
import {apiKeyMessage} from '../shared/records.ts'
import {preAuthKeyMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findNamed} from './users.ts'

export function newApiKey({apiKey: [short, long]}: ReleaseFacts): {secret: string; prefix: string} {
  const prefix = randomText(short)
  return {prefix, secret: `${prefix}.${randomText(long)}`}
}

function findApiKey(tailnet: Tailnet, request: Message): ApiKey {
  const found = tailnet.apiKeys.find((key) => key.prefix === text(request, 'prefix'))
  if (!found) throw serverError('record not found')
  return found
}

export function keyHandlers(release: ReleaseFacts): Handlers {
  const ownerOf = (tailnet: Tailnet, request: Message): User =>
    release.keyOwner === 'id'
      ? findUser(tailnet, id(request, 'user'))
      : findNamed(tailnet, release, text(request, 'user'))
  const isOwner = (user: User | undefined, request: Message) =>
    release.keyOwner === 'id' ? user?.id === id(request, 'user') : user?.name === text(request, 'user')
  return {
    CreatePreAuthKey: (tailnet, request) => {
      const tags = list(request, 'aclTags')
      for (const tag of tags) {
        const fault = tagFault(tag)
        if (fault) throw invalidArgument(fault)
      }
      const key = tailnet.addPreAuthKey({
        key: randomBytes(24).toString('hex'),
        userId: ownerOf(tailnet, request).id,
        reusable: flag(request, 'reusable'),
        ephemeral: flag(request, 'ephemeral'),
        used: false,
        // in random order up to 0.26, sorted in 0.27
        tags: [...new Set(tags)].sort(),
        expiration: date(request, 'expiration') ?? ZERO_TIME,
      })
      return {preAuthKey: preAuthKeyMessage(tailnet, release, release.showsNewTags ? key : {...key, tags: []})}
    },

    ExpirePreAuthKey: (tailnet, request) => {
      const key = tailnet.preAuthKeys.find((candidate) => candidate.key === text(request, 'key'))
      if (!key) throw serverError('AuthKey not found')
      if (release.expiresUsableKeysOnly) {
        if (key.expiration && key.expiration < tailnet.now()) throw serverError('AuthKey expired')
        const joined = tailnet.nodes.some((node) => node.preAuthKeyId === key.id)
        if (!key.reusable && (joined || key.used)) throw serverError('AuthKey has already been used')
      }
      if (!isOwner(tailnet.user(key.userId), request)) {
        throw serverError(release.expiresUsableKeysOnly ? 'user mismatch' : 'preauth key does not belong to user')
      }
      key.expiration = tailnet.now()
      return {}
    },

    ListPreAuthKeys: (tailnet, request) => {
      const owner = ownerOf(tailnet, request)
      const keys = tailnet.preAuthKeys.filter((key) => key.userId === owner.id)
      return {preAuthKeys: inOrder(keys, release).map((key) => preAuthKeyMessage(tailnet, release, key))}
    },

    CreateApiKey: (tailnet, request) => {
      const expiration = date(request, 'expiration') ?? ZERO_TIME
      return {apiKey: tailnet.addApiKey({...newApiKey(release), expiration}).secret}
    },

    ExpireApiKey: (tailnet, request) => {
      findApiKey(tailnet, request).expiration = tailnet.now()
      return {}
    },

    DeleteApiKey: (tailnet, request) => {
      remove(tailnet.apiKeys, findApiKey(tailnet, request))
      return {}
    },

    ListApiKeys: (tailnet) => ({apiKeys: tailnet.apiKeys.map((key) => apiKeyMessage(key))}),
  }
}
