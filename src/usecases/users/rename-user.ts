import type {ControlApi} from '../../api/control-api.ts'
import {userChange} from '../../domain/change.ts'
import type {User} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'
import {checkNameIsFree} from './name-is-free.ts'

/** Plans to rename a user. @throws HeadscaleError (already-exists) when another user has the name */
export async function planRenameUser(api: ControlApi, user: User, newName: string): Promise<ChangePlan<User>> {
  checkNameIsFree(api, await api.users.list(), newName, user)
  const effect = {action: 'rename', before: {name: user.name}, after: {name: newName}}
  return {
    changes: [userChange(api.server.capabilities.ownerWord, user, effect, ` to ${newName}`)],
    apply: () => api.users.rename(user, newName),
  }
}
