import type {ControlApi} from '../../api/control-api.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'

/**
 * Checks that no other user has a name. Users of single sign-on (0.24+) do not count: the server allows a user without
 * a provider to have the same name.
 * @param renamed the user to rename; null for a new user
 * @throws HeadscaleError (already-exists)
 */
export function checkNameIsFree(api: ControlApi, users: readonly User[], name: string, renamed: User | null): void {
  if (renamed?.providerId) return
  const holder = users.find((user) => user.name === name && !user.providerId && user.id !== renamed?.id)
  if (!holder) return
  const word = api.server.capabilities.ownerWord
  throw new HeadscaleError('already-exists', `${word} ${describeUser(holder)} already exists`, {
    details: {id: holder.id},
  })
}
