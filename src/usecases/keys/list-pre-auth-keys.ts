import type {ControlApi} from '../../api/control-api.ts'
import type {PreAuthKeySelector} from '../../domain/selector.ts'
import {preAuthKeyOwners} from './pre-auth-key-owners.ts'
import {type SelectedKeys, selectPreAuthKeys} from './select-keys.ts'

/** All pre-auth keys, or those that a selector matches. @throws HeadscaleError as selectPreAuthKeys */
export async function listPreAuthKeys(
  api: ControlApi,
  {selector, now}: {selector: PreAuthKeySelector<string> | null; now: Date},
): Promise<SelectedKeys> {
  if (selector) return selectPreAuthKeys(api, selector, now)
  const {users, unlisted} = await preAuthKeyOwners(api, undefined)
  const keys = await api.preAuthKeys.list(users)
  return {found: keys.map((key) => ({key, owner: null})), unlisted, useUnknown: 0}
}
