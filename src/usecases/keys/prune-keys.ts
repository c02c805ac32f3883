/** The keys that `preauthkeys prune` and `apikeys prune` delete: keys that nobody can use any more. */
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {type ApiKeySelector, matchesApiKey, type PreAuthKeySelector} from '../../domain/selector.ts'
import {listPreAuthKeys} from './list-pre-auth-keys.ts'

export interface PrunableKey<Key> {
  key: Key
  /** `expired`, `used up` */
  reason: string
}

/**
 * Pre-auth keys that are expired or, without being reusable, used.
 *
 * A key that a node joined with still matters to that node: without it, an ephemeral node is not removed any more when
 * it goes offline, and a client that presents the key at each start, as containers do, is refused (0.28 and 0.29,
 * HandleNodeFromPreAuthKey and DestroyPreAuthKey).
 * @param selector further conditions; null for none
 * @param includeInUse also keys that nodes joined with
 * @throws HeadscaleError (unsupported-by-server) before anything is sent; as selectPreAuthKeys
 */
export async function selectPrunablePreAuthKeys(
  api: ControlApi,
  selector: PreAuthKeySelector<string> | null,
  now: Date,
  {includeInUse}: {includeInUse: boolean},
): Promise<{found: PrunableKey<PreAuthKey>[]; inUse: number}> {
  api.requireAbility(
    'delete-pre-auth-keys',
    'expired and used keys stay in the list of this server; none registers nodes',
  )
  const [{found: keys}, nodes] = await Promise.all([
    listPreAuthKeys(api, {selector, now}),
    includeInUse ? [] : api.nodes.list(),
  ])
  const needed = new Set(nodes.map(({preAuthKey}) => preAuthKey?.id))
  const useless = keys.flatMap(({key}) => {
    const reason = reasonFor(key, now)
    return reason === null ? [] : [{key, reason}]
  })
  const found = useless.filter(({key}) => !needed.has(key.id))
  return {found, inUse: useless.length - found.length}
}

function reasonFor({expiration, used, reusable}: PreAuthKey, now: Date): string | null {
  if (expiration !== null && expiration <= now) return 'expired'
  return used && !reusable ? 'used up' : null
}

/**
 * API keys that are expired, except for the key in use: it can look expired when the clocks of the server and of this
 * machine differ.
 * @param selector further conditions; null for none
 * @throws HeadscaleError (unsupported-by-server) before anything is sent
 */
export async function selectPrunableApiKeys(
  api: ControlApi,
  selector: ApiKeySelector | null,
  now: Date,
): Promise<{found: PrunableKey<ApiKey>[]; inUse: ApiKey[]}> {
  api.requireAbility('delete-api-keys', 'expired keys stay in the list of this server; none gives access')
  const conditions: ApiKeySelector = [...(selector ?? []), {is: 'expired', value: true, not: false}]
  const expired = (await api.apiKeys.list()).filter((key) => matchesApiKey(key, conditions, now))
  return {
    found: expired.filter((key) => !api.apiKeys.isInUse(key)).map((key) => ({key, reason: 'expired'})),
    inUse: expired.filter((key) => api.apiKeys.isInUse(key)),
  }
}
