/** Finds the keys that a selector matches. */
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {type ApiKeySelector, matchesApiKey, matchesPreAuthKey, type PreAuthKeySelector} from '../../domain/selector.ts'
import type {User} from '../../domain/user.ts'
import {requireFact, withUsers} from '../resolve-selector.ts'
import type {FoundKey} from './find-pre-auth-key.ts'
import {preAuthKeyOwners} from './pre-auth-key-owners.ts'

export interface SelectedKeys {
  /** By id. Each with its owner where requests to the server need it (up to 0.27). */
  found: FoundKey[]
  /** Users whose keys the server cannot list (preAuthKeyOwners). */
  unlisted: User[]
  /** How many reusable keys were left out because the server does not record their use (0.25 and later). */
  useUnknown: number
}

/**
 * The pre-auth keys that meet every condition; none for a selector without conditions.
 * @throws HeadscaleError as resolveUser; (unsupported-by-server) for a fact that the release does not report, before
 * anything is read
 */
export async function selectPreAuthKeys(
  api: ControlApi,
  selector: PreAuthKeySelector<string>,
  now: Date,
): Promise<SelectedKeys> {
  requireFact(api, selector, 'tag', 'pre-auth-key-tags')
  const resolved = await withUsers(api, selector)
  const user = resolved.find((condition) => condition.is === 'user' && !condition.not)
  const {users, unlisted} = await preAuthKeyOwners(api, user?.is === 'user' ? user.value : undefined)
  const keys = await api.preAuthKeys.list(users)
  const recordsReusableUse = api.server.capabilities.recordsReusableKeyUse
  const selected = keys.filter((key) => matchesPreAuthKey(key, resolved, now, {recordsReusableUse}))
  const others = resolved.filter(({is}) => is !== 'used')
  const unknown = (key: FoundKey['key']) =>
    key.reusable && !key.used && (others.length === 0 || matchesPreAuthKey(key, others, now, {recordsReusableUse}))
  return {
    found: selected.map((key) => ({key, owner: users.find(({id}) => id === key.user?.id) ?? null})),
    unlisted,
    useUnknown: others.length === resolved.length || recordsReusableUse ? 0 : keys.filter(unknown).length,
  }
}

/** The API keys that meet every condition, by id; none for a selector without conditions. */
export async function selectApiKeys(api: ControlApi, selector: ApiKeySelector, now: Date): Promise<ApiKey[]> {
  return (await api.apiKeys.list()).filter((key) => matchesApiKey(key, selector, now))
}
