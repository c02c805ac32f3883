/** Users, and the namespaces they were up to 0.18. */
import type {User} from '../../domain/user.ts'
import {checkUserName} from '../../domain/user-name.ts'
import {HeadscaleError} from '../../errors.ts'
import type {NewUser, UsersApi} from '../control-api.ts'
import {byId, type Dialect, readTime} from './dialect.ts'
import type {WireUser} from './schemas.ts'

export function usersDialect({era, call}: Dialect): UsersApi {
  const {ownerWord, userProfiles, userNameRule} = era.capabilities
  const read = (wire: WireUser) => readUser(wire, userProfiles)

  return {
    async list() {
      const wire =
        ownerWord === 'namespace'
          ? (await call<{namespaces: WireUser[]}>('ListNamespaces', {})).namespaces
          : (await call<{users: WireUser[]}>('ListUsers', {})).users
      return wire.map(read).toSorted(byId)
    },

    async create(user) {
      checkUserName(user.name, userNameRule, ownerWord)
      if (!userProfiles) refuseProfile(user, era.releases)
      return ownerWord === 'namespace'
        ? read((await call<{namespace: WireUser}>('CreateNamespace', {name: user.name})).namespace)
        : read((await call<{user: WireUser}>('CreateUser', {...user})).user)
    },
  }
}

function refuseProfile({displayName, email, pictureUrl}: NewUser, releases: string): void {
  if (displayName === undefined && email === undefined && pictureUrl === undefined) return
  throw new HeadscaleError('unsupported-by-server', `users have no profile on headscale ${releases}`, {
    hint: 'leave out --display-name, --email and --picture-url, or use a server from 0.24 on',
    details: {needs: '0.24', found: releases},
  })
}

/** @param profiles whether the release has profile fields; without them they read as null, not as empty */
export function readUser(wire: WireUser, profiles: boolean): User {
  const field = (text: string | null | undefined) => (profiles ? (text ?? '') : null)
  return {
    id: wire.id,
    name: wire.name,
    displayName: field(wire.displayName),
    email: field(wire.email),
    provider: field(wire.provider),
    providerId: field(wire.providerId),
    profilePictureUrl: field(wire.profilePicUrl),
    createdAt: readTime(wire.createdAt),
  }
}
