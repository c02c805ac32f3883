import type {ControlApi} from '../../api/control-api.ts'
import {matchesUser, type UserSelector} from '../../domain/selector.ts'
import type {User} from '../../domain/user.ts'
import {usageError} from '../../errors.ts'

/**
 * All users, or those that match every filter and the selector. Filtered here, since some releases ignore a filter and list all users.
 * @throws HeadscaleError (usage) for an id that is not a number
 */
export async function listUsers(
  api: ControlApi,
  {
    id,
    email,
    selector,
    now,
  }: {id?: string | undefined; email?: string | undefined; selector: UserSelector | null; now: Date},
): Promise<User[]> {
  if (id !== undefined && !/^\d+$/.test(id)) throw usageError(`invalid ID ${JSON.stringify(id)}`, 'an ID is a number')
  const users = await api.users.list()
  return users.filter(
    (user) =>
      (id === undefined || user.id === id) &&
      (email === undefined || user.email === email) &&
      (selector === null || matchesUser(user, selector, now)),
  )
}
