/**
 * Pre-auth keys and API keys of 0.15 to 0.22. A key without an expiration is expired from the start, as on the server.
 * Behaviour: preauth_keys.go and api_key.go at v0.17.1 and v0.22.3.
 */
import {randomBytes} from 'node:crypto'
import {tagFault} from '../../names.ts'
import {invalidArgument, serverError} from '../../server-error.ts'
import {randomText, ZERO_TIME} from '../../tailnet.ts'
import {date, flag, list, text, type Handlers} from '../shared/release-simulator.ts'
import {apiKeyMessage} from '../shared/records.ts'
import {preAuthKeyMessage} from './messages.ts'
import {findOwner} from '../shared/owners.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** `<prefix>.<secret>`: base64url of 7 and of 32 random bytes. */
export function newApiKey(): {secret: string; prefix: string} {
  const prefix = randomText(10)
  return {prefix, secret: `${prefix}.${randomText(43)}`}
}

export function keyHandlers(release: ReleaseFacts): Handlers {
  return {
    CreatePreAuthKey: (tailnet, request) => {
      const tags = release.hasAclTags ? list(request, 'aclTags') : []
      for (const tag of tags) {
        const fault = tagFault(tag)
        if (fault) throw invalidArgument(fault)
      }
      const key = tailnet.addPreAuthKey({
        key: randomBytes(24).toString('hex'),
        userId: findOwner(tailnet, release, text(request, release.owner)).id,
        reusable: flag(request, 'reusable'),
        ephemeral: flag(request, 'ephemeral'),
        used: false,
        tags: [...new Set(tags)],
        expiration: date(request, 'expiration') ?? ZERO_TIME,
      })
      // the reply to the call that sets the tags does not show them
      return {preAuthKey: preAuthKeyMessage(tailnet, release, {...key, tags: []})}
    },

    ExpirePreAuthKey: (tailnet, request) => {
      const key = tailnet.preAuthKeys.find((candidate) => candidate.key === text(request, 'key'))
      if (!key) throw serverError('AuthKey not found')
      if (key.expiration && key.expiration < tailnet.now()) throw serverError('AuthKey expired')
      const joined = tailnet.nodes.some((node) => node.preAuthKeyId === key.id)
      if (!key.reusable && !key.ephemeral && (joined || key.used)) throw serverError('AuthKey has already been used')
      if (tailnet.user(key.userId)?.name !== text(request, release.owner))
        throw serverError(`${release.owner} mismatch`)
      key.expiration = tailnet.now()
      return {}
    },

    ListPreAuthKeys: (tailnet, request) => {
      const owner = findOwner(tailnet, release, text(request, release.owner))
      const keys = tailnet.preAuthKeys.filter((key) => key.userId === owner.id)
      return {preAuthKeys: keys.map((key) => preAuthKeyMessage(tailnet, release, key))}
    },

    CreateApiKey: (tailnet, request) => {
      const key = tailnet.addApiKey({...newApiKey(), expiration: date(request, 'expiration') ?? ZERO_TIME})
      return {apiKey: key.secret}
    },

    ExpireApiKey: (tailnet, request) => {
      const key = tailnet.apiKeys.find((candidate) => candidate.prefix === text(request, 'prefix'))
      if (!key) throw serverError('record not found')
      key.expiration = tailnet.now()
      return {}
    },

    ListApiKeys: (tailnet) => ({apiKeys: tailnet.apiKeys.map((key) => apiKeyMessage(key))}),
  }
}
