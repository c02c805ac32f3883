import type {ControlApi} from '../api/control-api.ts'
import type {Node} from '../domain/node.ts'
import {resolveUser} from './resolve-user.ts'

/** Admits a waiting client for a user given by name or id. @throws HeadscaleError as resolveUser and nodes.register */
export async function registerNode(api: ControlApi, {user, pasted}: {user: string; pasted: string}): Promise<Node> {
  const owner = await resolveUser(api, user)
  return api.nodes.register({userName: owner.name, pasted})
}
