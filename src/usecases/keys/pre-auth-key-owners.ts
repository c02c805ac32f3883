import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {resolveUser} from '../users/resolve-user.ts'

export interface KeyOwners {
  users: User[]
  /** Users whose keys cannot be listed: the release accepts only user names, and several users share theirs. */
  unlisted: User[]
}

/**
 * The users whose pre-auth keys to list: one user, or all. No users where the release lists all keys at once; other
 * releases need one request per user.
 */
export async function preAuthKeyOwners(api: ControlApi, user: string | User | undefined): Promise<KeyOwners> {
  const {preAuthKeysHaveIds, preAuthKeyOwner} = api.server.capabilities
  if (user !== undefined) return {users: [typeof user === 'string' ? await resolveUser(api, user) : user], unlisted: []}
  if (preAuthKeysHaveIds) return {users: [], unlisted: []}
  const users = await api.users.list()
  if (preAuthKeyOwner === 'id') return {users, unlisted: []}
  const namesakes = Map.groupBy(users, ({name}) => name)
  const isShared = ({name}: User) => name !== '' && namesakes.get(name)!.length > 1
  return {users: users.filter((one) => !isShared(one)), unlisted: users.filter(isShared)}
}
