import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {resolveUser} from '../users/resolve-user.ts'
import {withRoutes} from './with-routes.ts'

/**
 * All nodes, or those of one user given by name or id.
 * @param routes add their routes, even where this needs further calls
 * @throws HeadscaleError as resolveUser
 */
export async function listNodes(
  api: ControlApi,
  {user, routes}: {user?: string | undefined; routes: boolean},
): Promise<Node[]> {
  const nodes = await api.nodes.list(user === undefined ? {} : {user: await resolveUser(api, user)})
  return routes ? withRoutes(api, nodes) : nodes
}
