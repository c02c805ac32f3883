/**
 * The reads that plans share, sent once: with many targets, each plan asks for the same lists (the users for a name,
 * the nodes for a free name, the policy for a tag). Only for planning: a cached list does not show changes.
 */
import type {ControlApi} from '../../api/control-api.ts'

/** @returns the same API, whose lists and policy are read once. Changes, and reads of one object, are sent as before */
export function withCachedReads(api: ControlApi): ControlApi {
  const replies = new Map<string, Promise<unknown>>()
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const reply = (replies.get(key) as Promise<T> | undefined) ?? read()
    replies.set(key, reply)
    return reply
  }
  const {users, nodes, preAuthKeys, apiKeys, policy} = api
  return {
    ...api,
    users: {...users, list: () => once('users', () => users.list())},
    nodes: {...nodes, list: (filter = {}) => once(`nodes ${filter.user?.id ?? ''}`, () => nodes.list(filter))},
    preAuthKeys: {
      ...preAuthKeys,
      list: (owners) => once(`keys ${owners.map(({id}) => id).join(' ')}`, () => preAuthKeys.list(owners)),
    },
    apiKeys: {...apiKeys, list: () => once('api keys', () => apiKeys.list())},
    policy: {...policy, get: () => once('policy', () => policy.get())},
  }
}
