/** Pre-auth keys: addressed by the user's name (to 0.25), by the user's id (0.26, 0.27), by their own id (0.28+). */
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import type {PreAuthKeysApi} from '../control-api.ts'
import {byId, type Dialect, readTime, requireCapability} from './shared/dialect.ts'
import type {WirePreAuthKey} from './shared/schemas.ts'
import {requestName} from './shared/user-name.ts'

export function preAuthKeysDialect(dialect: Dialect): PreAuthKeysApi {
  const {group, call} = dialect
  const {ownerWord, preAuthKeyOwner, preAuthKeysHaveIds} = group.capabilities
  const ownerOf = async (user: User) => ({
    [ownerWord]: preAuthKeyOwner === 'id' ? user.id : await requestName(dialect, user),
  })

  return {
    async list(users) {
      if (preAuthKeysHaveIds) {
        const wanted = new Set(users.map(({id}) => id))
        const {preAuthKeys} = await call<{preAuthKeys: WirePreAuthKey[]}>('ListAllPreAuthKeys', {})
        const keys = preAuthKeys.map(readPreAuthKey).toSorted(byId)
        return wanted.size === 0 ? keys : keys.filter(({user}) => user?.id && wanted.has(user.id))
      }
      const lists = await Promise.all(
        users.map(async (user) => {
          // Where keys belong to a user name, a user without a name has no keys.
          if (preAuthKeyOwner === 'name' && user.name === '') return []
          const {preAuthKeys} = await call<{preAuthKeys: WirePreAuthKey[]}>('ListPreAuthKeys', await ownerOf(user))
          if (preAuthKeys.some((wire) => isOfAnother(wire, user))) throw ofOthers()
          // 0.24 and 0.25 show the e-mail address as the owner, so the user of the request is used.
          return preAuthKeys.map((wire) => ({...readPreAuthKey(wire), user: {id: user.id, name: user.name}}))
        }),
      )
      return lists.flat().toSorted(byId)
    },

    async create({user, reusable, ephemeral, expiration, tags}) {
      if (tags.length > 0) {
        requireCapability(group, (capabilities) => capabilities.preAuthKeyTags, {
          flag: '--tags',
          hint: 'leave out --tags',
        })
      }
      if (!user && !preAuthKeysHaveIds) throw usageError(`a pre-auth key needs a ${ownerWord}`, 'add --user USER')
      if (!user && tags.length === 0) {
        throw usageError('a pre-auth key belongs to a user or to tags', 'add --user USER or --tags tag:NAME')
      }
      const {preAuthKey} = await call<{preAuthKey: WirePreAuthKey}>('CreatePreAuthKey', {
        ...(user ? await ownerOf(user) : {}),
        reusable,
        ephemeral,
        expiration: expiration.toISOString(),
        ...(tags.length > 0 ? {aclTags: tags} : {}),
      })
      const key = readPreAuthKey(preAuthKey)
      // 0.17 to 0.23 leave the tags out of this reply.
      return {
        ...key,
        tags: key.tags.length > 0 ? key.tags : [...tags],
        user: user ? {id: user.id, name: user.name} : null,
      }
    },

    async expire(key, owner) {
      if (preAuthKeysHaveIds) {
        await call('ExpirePreAuthKeyById', {id: key.id})
        return
      }
      if (!owner) throw new HeadscaleError('not-found', `the ${ownerWord} of this key is not known`)
      await call('ExpirePreAuthKey', {...(await ownerOf(owner)), key: key.key})
    },

    async delete({id}) {
      await call('DeletePreAuthKey', {id})
    },
  }
}

/** Releases since 0.28 return the keys of all users, even if the request names one. */
function isOfAnother({user}: WirePreAuthKey, {id}: User): boolean {
  return user === null || (typeof user === 'object' && user.id !== id)
}

function ofOthers(): HeadscaleError {
  return new HeadscaleError('bad-reply', 'the server answered with pre-auth keys of other users', {
    hint: 'the server may have been upgraded just now; try again',
  })
}

export function readPreAuthKey(wire: WirePreAuthKey): PreAuthKey {
  const {user} = wire
  const name = typeof user === 'string' ? user : (wire.namespace ?? null)
  return {
    id: wire.id,
    key: wire.key,
    user: user && typeof user === 'object' ? {id: user.id, name: user.name} : name ? {id: null, name} : null,
    reusable: wire.reusable ?? false,
    ephemeral: wire.ephemeral ?? false,
    used: wire.used ?? false,
    expiration: readTime(wire.expiration),
    createdAt: readTime(wire.createdAt),
    tags: wire.aclTags ?? [],
  }
}
