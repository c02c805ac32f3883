/** Everything that metrics are made of, read once. */
import type {ControlApi} from '../api/control-api.ts'
import type {ApiKey} from '../domain/api-key.ts'
import type {Node} from '../domain/node.ts'
import type {PreAuthKey} from '../domain/pre-auth-key.ts'
import type {User} from '../domain/user.ts'
import {withCachedReads} from './bulk/cached-reads.ts'
import {listPreAuthKeys} from './keys/list-pre-auth-keys.ts'
import {withRoutes} from './nodes/with-routes.ts'

export interface Tailnet {
  users: User[]
  /** With their routes. */
  nodes: Node[]
  preAuthKeys: PreAuthKey[]
  /** Users whose pre-auth keys cannot be listed (KeyOwners). */
  unlisted: User[]
  apiKeys: ApiKey[]
}

/** Sends one request for each list, and one for each node (routes, up to 0.17) or user (pre-auth keys, up to 0.27). */
export async function readTailnet(api: ControlApi, now: Date): Promise<Tailnet> {
  const cached = withCachedReads(api)
  const [users, nodes, {found, unlisted}, apiKeys] = await Promise.all([
    cached.users.list(),
    cached.nodes.list().then((all) => withRoutes(cached, all)),
    listPreAuthKeys(cached, {selector: null, now}),
    cached.apiKeys.list(),
  ])
  return {users, nodes, preAuthKeys: found.map(({key}) => key), unlisted, apiKeys}
}
