/** Finds the routes that a selector matches. */
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {
  conflictingPrefixes,
  matchesNode,
  matchesRoute,
  NODE_FACTS,
  type NodeSelector,
  type RouteSelector,
} from '../../domain/selector.ts'
import {resolveNode} from '../nodes/resolve-node.ts'
import {requireFact, withUsers} from '../resolve-selector.ts'

/**
 * The routes that meet every condition, by node id, then in the server's order; none for a selector without conditions.
 * A route whose node was removed meets no condition about a node.
 * @param node only routes of this node, in any form that resolveNode accepts
 * @throws HeadscaleError as resolveUser and resolveNode; (unsupported-by-server) for a fact that the release does not
 * report, before anything is read
 */
export async function selectRoutes(
  api: ControlApi,
  selector: RouteSelector<string>,
  now: Date,
  {node}: {node?: string | undefined} = {},
): Promise<Route[]> {
  const resolved = await resolveRouteSelector(api, selector)
  const only = node === undefined ? null : await resolveNode(api, node)
  const comparing = resolved.some(({is}) => is === 'conflicts')
  // Up to 0.17 routes are read node by node, so as few as possible are read.
  const nodes = only && !comparing ? [only] : await api.nodes.list()
  const relevant = comparing ? nodes : nodes.filter((one) => meetsNodeConditions(one, resolved, now))
  const routes = matchingRoutes(await api.routes.list(relevant), relevant, resolved, now)
  return only ? routes.filter((route) => route.node?.id === only.id) : routes
}

/**
 * The selector with its users, once the release is known to report what it asks for.
 * @throws HeadscaleError (unsupported-by-server) before anything is read; as resolveUser
 */
export function resolveRouteSelector(api: ControlApi, selector: RouteSelector<string>): Promise<RouteSelector> {
  requireFact(api, selector, 'tag', 'node-tags')
  requireFact(api, selector, 'serving', 'serving-routes')
  return withUsers(api, selector)
}

/** The routes that meet every condition. @param routes with all routes of their prefixes if a condition is about conflicts */
export function matchingRoutes(
  routes: readonly Route[],
  nodes: readonly Node[],
  selector: RouteSelector,
  now: Date,
): Route[] {
  const conflicts = selector.some(({is}) => is === 'conflicts') ? conflictingPrefixes(routes) : new Set<string>()
  const byId = new Map(nodes.map((one) => [one.id, one]))
  return routes.filter((route) =>
    matchesRoute(route, selector, {node: byId.get(route.node?.id ?? '') ?? null, conflicts}, now),
  )
}

function meetsNodeConditions(node: Node, selector: RouteSelector, now: Date): boolean {
  const facts: readonly string[] = NODE_FACTS
  const own = selector.filter(({is}) => is !== 'route' && facts.includes(is)) as NodeSelector
  return own.length === 0 || matchesNode(node, own, now)
}
