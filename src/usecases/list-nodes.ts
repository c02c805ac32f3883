import type {ControlApi} from '../api/control-api.ts'
import type {Node} from '../domain/node.ts'
import {resolveUser} from './resolve-user.ts'

/** All nodes, or those of one user given by name or id. @throws HeadscaleError as resolveUser */
export async function listNodes(api: ControlApi, {user}: {user?: string}): Promise<Node[]> {
  if (user === undefined) return api.nodes.list()
  const owner = await resolveUser(api, user)
  return api.nodes.list({userName: owner.name})
}
