import type {ControlApi, PendingNode} from '../../api/control-api.ts'
import {resolveUser} from '../users/resolve-user.ts'

/** Makes a client wait for registration. The user is given by name or id. @throws HeadscaleError as resolveUser */
export async function createDebugNode(
  api: ControlApi,
  {user, ...node}: {name: string; user: string; pasted: string | null; routes: string[]},
): Promise<PendingNode> {
  const owner = await resolveUser(api, user)
  return api.debug.createNode({...node, userName: owner.name})
}
