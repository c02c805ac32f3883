import type {ControlApi} from '../../api/control-api.ts'
import {checkRoutes, type RouteCheck, routeKey} from '../../domain/route-check.ts'
import type {RouteSelector} from '../../domain/selector.ts'
import {resolveNode} from '../nodes/resolve-node.ts'
import {matchingRoutes, resolveRouteSelector} from './select-routes.ts'

/**
 * Checks every prefix, or those with a route that is chosen. A prefix is always checked with all its nodes: those that a
 * selector leaves out can serve it too.
 * @param node only prefixes of this node, in any form that resolveNode accepts
 * @param selector only prefixes with a route that it matches; null for all
 * @throws HeadscaleError as resolveNode and selectRoutes
 */
export async function checkedRoutes(
  api: ControlApi,
  {node, selector, now}: {node: string | undefined; selector: RouteSelector<string> | null; now: Date},
): Promise<RouteCheck[]> {
  const resolved = selector && (await resolveRouteSelector(api, selector))
  const only = node === undefined ? null : await resolveNode(api, node)
  const nodes = await api.nodes.list()
  const routes = await api.routes.list(nodes)
  if (!resolved && !only) return checkRoutes(routes, nodes)
  const matching = resolved ? matchingRoutes(routes, nodes, resolved, now) : routes
  const chosen = new Set(matching.filter((route) => !only || route.node?.id === only.id).map(routeKey))
  return checkRoutes(
    routes.filter((route) => chosen.has(routeKey(route))),
    nodes,
  )
}
