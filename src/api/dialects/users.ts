/** Users; called namespaces up to 0.18. */
import type {User} from '../../domain/user.ts'
import {checkUserName} from '../../domain/values/user-name.ts'
import type {NewUser, UsersApi} from '../control-api.ts'
import {byId, type Dialect, readTime, requireCapability} from './shared/dialect.ts'
import type {WireUser} from './shared/schemas.ts'
import {requestName} from './shared/user-name.ts'

export function usersDialect(dialect: Dialect): UsersApi {
  const {group, call} = dialect
  const {ownerWord, userProfiles, userNameRule, usersById} = group.capabilities
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
      const flag = profileFlag(user)
      if (flag) requireCapability(group, (capabilities) => capabilities.userProfiles, {flag, hint: NO_PROFILE})
      return ownerWord === 'namespace'
        ? read((await call<{namespace: WireUser}>('CreateNamespace', {name: user.name})).namespace)
        : read((await call<{user: WireUser}>('CreateUser', {...user})).user)
    },

    async rename(user, newName) {
      checkUserName(newName, userNameRule, ownerWord)
      if (ownerWord === 'namespace') {
        return read(
          (await call<{namespace: WireUser}>('RenameNamespace', {oldName: await requestName(dialect, user), newName}))
            .namespace,
        )
      }
      const reply = usersById
        ? await call<{user: WireUser}>('RenameUser', {oldId: user.id, newName})
        : await call<{user: WireUser}>('RenameUserByName', {oldName: await requestName(dialect, user), newName})
      return read(reply.user)
    },

    async destroy(user) {
      if (ownerWord === 'namespace') await call('DeleteNamespace', {name: await requestName(dialect, user)})
      else if (usersById) await call('DeleteUser', {id: user.id})
      else await call('DeleteUserByName', {name: await requestName(dialect, user)})
    },
  }
}

const NO_PROFILE = 'users have no profile there; leave out --display-name, --email and --picture-url'

/** The first flag that sets a field of the profile. */
function profileFlag({displayName, email, pictureUrl}: NewUser): string | null {
  if (displayName !== undefined) return '--display-name'
  if (email !== undefined) return '--email'
  return pictureUrl === undefined ? null : '--picture-url'
}

/** @param profiles whether the release has profile fields; without them they are null, not empty */
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
