import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {resolveUser} from '../users/resolve-user.ts'

/**
 * Whose pre-auth keys to ask for: one user given by name or id, or everybody's. A release that lists all keys at once
 * needs no names for that; the others are asked user by user.
 */
export async function preAuthKeyOwners(api: ControlApi, user: string | undefined): Promise<User[]> {
  if (user !== undefined) return [await resolveUser(api, user)]
  return api.server.capabilities.preAuthKeysHaveIds ? [] : api.users.list()
}
