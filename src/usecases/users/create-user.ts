import type {ControlApi, NewUser} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import type {User} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'
import {checkNameIsFree} from './name-is-free.ts'
import {ambiguousInPolicies} from './policy-names.ts'

/** Plans a new user. @throws HeadscaleError (already-exists) when the name is taken */
export async function planCreateUser(api: ControlApi, user: NewUser): Promise<ChangePlan<User>> {
  const {name, displayName, email, pictureUrl} = user
  const users = await api.users.list()
  checkNameIsFree(api, users, name, null)
  const change = otherChange({
    action: 'create',
    kind: 'user',
    name,
    address: email ?? null,
    after: {
      name,
      ...(displayName === undefined ? {} : {displayName}),
      ...(email === undefined ? {} : {email}),
      ...(pictureUrl === undefined ? {} : {profilePicUrl: pictureUrl}),
    },
    summary: `create ${api.server.capabilities.ownerWord} ${name}`,
  })
  return {
    changes: [change],
    warnings: ambiguousInPolicies(users, user, null),
    apply: () => api.users.create(user),
  }
}
