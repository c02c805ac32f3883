import type {ControlApi, NewPreAuthKey} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {describeUser} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'
import {resolveUser} from '../users/resolve-user.ts'
import {formatTime} from '../../domain/values/time.ts'

/** Plans a new pre-auth key. @param user name or id; null for a key that belongs to tags */
export async function planCreatePreAuthKey(
  api: ControlApi,
  {user, ...options}: Omit<NewPreAuthKey, 'user'> & {user: string | null},
): Promise<ChangePlan<PreAuthKey>> {
  const owner = user === null ? null : await resolveUser(api, user)
  const {reusable, ephemeral, expiration, tags} = options
  const change = otherChange({
    action: 'create',
    kind: 'pre-auth-key',
    owner: owner && {id: owner.id, name: owner.name},
    after: {reusable, ephemeral, expiration: formatTime(expiration), aclTags: [...tags]},
    summary: `create a pre-auth key for ${owner ? describeUser(owner) : tags.join(', ')}`,
  })
  return {changes: [change], apply: () => api.preAuthKeys.create({user: owner, ...options})}
}
