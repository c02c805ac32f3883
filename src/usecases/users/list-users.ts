import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {usageError} from '../../errors.ts'

/**
 * All users, or those that match every filter. Filtered here, since some releases ignore a filter and list all users.
 * @throws HeadscaleError (usage) for an id that is not a number
 */
export async function listUsers(
  api: ControlApi,
  {id, name, email}: {id?: string | undefined; name?: string | undefined; email?: string | undefined},
): Promise<User[]> {
  if (id !== undefined && !/^\d+$/.test(id)) throw usageError(`invalid ID ${JSON.stringify(id)}`, 'an ID is a number')
  const users = await api.users.list()
  return users.filter(
    (user) =>
      (id === undefined || user.id === id) &&
      (name === undefined || user.name === name) &&
      (email === undefined || user.email === email),
  )
}
