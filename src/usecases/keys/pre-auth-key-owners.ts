import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {resolveUser} from '../users/resolve-user.ts'

export interface KeyOwners {
  users: User[]
  /** Users whose keys cannot be listed: the release takes only names, and theirs belongs to several users. */
  unlisted: User[]
}

/**
 * Whose pre-auth keys to ask for: one user's, or everybody's. A release that lists all keys at once needs no names for
 * that; the others are asked user by user.
 */
export async function preAuthKeyOwners(api: ControlApi, user: string | undefined): Promise<KeyOwners> {
  const {preAuthKeysHaveIds, preAuthKeyOwner} = api.server.capabilities
  if (user !== undefined) return {users: [await resolveUser(api, user)], unlisted: []}
  if (preAuthKeysHaveIds) return {users: [], unlisted: []}
  const users = await api.users.list()
  if (preAuthKeyOwner === 'id') return {users, unlisted: []}
  const namesakes = Map.groupBy(users, ({name}) => name)
  const isShared = ({name}: User) => name !== '' && namesakes.get(name)!.length > 1
  return {users: users.filter((one) => !isShared(one)), unlisted: users.filter(isShared)}
}
