import type {ControlApi} from '../../api/control-api.ts'
import {userChange} from '../../domain/change.ts'
import type {User} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'
import {checkNameIsFree} from './name-is-free.ts'
import {ambiguousInPolicies} from './policy-names.ts'

/** Plans to rename a user. @throws HeadscaleError (already-exists) when another user has the name */
export async function planRenameUser(api: ControlApi, user: User, newName: string): Promise<ChangePlan<User>> {
  const users = await api.users.list()
  checkNameIsFree(api, users, newName, user)
  const effect = {action: 'rename', before: {name: user.name}, after: {name: newName}}
  return {
    changes: [userChange(api.server.capabilities.ownerWord, user, effect, ` to ${newName}`)],
    warnings: ambiguousInPolicies(users, {name: newName}, user),
    apply: () => api.users.rename(user, newName),
  }
}
