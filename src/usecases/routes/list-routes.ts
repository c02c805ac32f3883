import type {ControlApi} from '../../api/control-api.ts'
import type {Route} from '../../domain/route.ts'
import type {RouteSelector} from '../../domain/selector.ts'
import {resolveNode} from '../nodes/resolve-node.ts'
import {selectRoutes} from './select-routes.ts'

/**
 * All routes.
 * @param node only routes of this node, in any form that resolveNode accepts
 * @param selector only routes that it matches; null for all
 * @throws HeadscaleError as resolveNode and selectRoutes
 */
export async function listRoutes(
  api: ControlApi,
  {node, selector, now}: {node: string | undefined; selector: RouteSelector<string> | null; now: Date},
): Promise<Route[]> {
  if (selector) return selectRoutes(api, selector, now, {node})
  if (node === undefined) return api.routes.list(await api.nodes.list())
  const one = await resolveNode(api, node)
  // The list of nodes has their routes since 0.26; the reply about one node lacks those that it serves.
  return api.server.capabilities.routesOnNodes ? api.routes.list([one]) : api.routes.ofNode(one)
}
