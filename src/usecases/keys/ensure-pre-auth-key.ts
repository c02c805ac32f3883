import type {ControlApi, NewPreAuthKey} from '../../api/control-api.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {sameTexts} from '../../domain/values/same-texts.ts'
import type {ChangePlan} from '../change-plan.ts'
import {type Ensured, unchanged} from '../ensured.ts'
import {resolveUser} from '../users/resolve-user.ts'
import {planCreatePreAuthKey} from './create-pre-auth-key.ts'
import {preAuthKeyOwners} from './pre-auth-key-owners.ts'

export interface WantedKey extends Pick<NewPreAuthKey, 'ephemeral' | 'expiration' | 'tags'> {
  /** Name or id; null for a key that belongs to tags. */
  user: string | null
  /** An existing key must be valid at least until then. */
  validUntil: Date
}

/** Plans that a reusable key with these properties is valid. Of several, the one that is valid longest is taken. */
export async function planEnsurePreAuthKey(
  api: ControlApi,
  {validUntil, ...wanted}: WantedKey,
): Promise<ChangePlan<Ensured<PreAuthKey>>> {
  const {ephemeral, tags} = wanted
  const owner = wanted.user === null ? null : await resolveUser(api, wanted.user)
  const {users} = await preAuthKeyOwners(api, owner ?? undefined)
  const endOf = ({expiration}: PreAuthKey) => expiration?.getTime() ?? Infinity
  const [existing] = (await api.preAuthKeys.list(users))
    .filter((key) => key.reusable && key.ephemeral === ephemeral && sameTexts(key.tags, tags))
    // Up to 0.25 a key has only the name of its user, and only keys of this user are listed.
    .filter(({user}) => (owner ? user !== null && (user.id ?? owner.id) === owner.id : user === null))
    .filter((key) => endOf(key) >= validUntil.getTime())
    .toSorted((a, b) => endOf(b) - endOf(a))
  if (existing) return unchanged(existing)
  const plan = await planCreatePreAuthKey(api, {...wanted, reusable: true})
  return {...plan, apply: async () => ({outcome: 'created', object: await plan.apply()})}
}
