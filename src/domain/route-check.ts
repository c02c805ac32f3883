/**
 * Whether each prefix has a node that can serve it. An exit route is checked per node: each client chooses its exit node,
 * so no node takes over from another.
 */
import type {Node} from './node.ts'
import type {Route} from './route.ts'
import {canonicalPrefix, isExitRoute} from './values/prefix.ts'

export const ROUTE_STATES = ['ok', 'no-primary', 'no-server', 'pending'] as const

/**
 * - `ok`: a node serves it, or, where the server does not report that (up to 0.17), could serve it
 * - `no-primary`: a node could serve it, and the server has not chosen one; it does so within seconds
 * - `no-server`: it is approved, and no node that has it approved is online and advertises it
 * - `pending`: nodes advertise it, and none has it approved
 */
export type RouteState = (typeof ROUTE_STATES)[number]

/** A node that advertises the prefix, or has it approved. */
export type Candidate = Omit<Route, 'id' | 'prefix' | 'node'> & {node: NonNullable<Route['node']>; online: boolean}

export interface RouteCheck {
  prefix: string
  state: RouteState
  /** By node id. Exactly one for an exit route. */
  candidates: readonly Candidate[]
}

/**
 * The checks of all prefixes, in the order of the routes. Routes of nodes that were removed, and those that are neither
 * advertised nor approved, are left out.
 */
export function checkRoutes(routes: readonly Route[], nodes: readonly Node[]): RouteCheck[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const rows = routes.filter(({node, available, approved}) => node && byId.has(node.id) && (available || approved))
  const groups = Map.groupBy(rows, routeKey)
  return [...groups.values()].map((group) => {
    const candidates = group.map(({node, available, approved, serving}) => ({
      node: node!,
      online: byId.get(node!.id)!.online,
      available,
      approved,
      serving,
    }))
    const prefix = canonicalPrefix(group[0]!.prefix)
    return {prefix, state: stateOf(candidates, isExitRoute(prefix)), candidates}
  })
}

/** What is checked together: the routes with one prefix; an exit route alone. */
export function routeKey({prefix, node}: Route): string {
  const canonical = canonicalPrefix(prefix)
  return isExitRoute(canonical) ? `${canonical} ${node?.id ?? ''}` : canonical
}

/** Whether the node can serve the prefix now. */
export function canServe({online, available, approved}: Candidate): boolean {
  return online && available && approved
}

function stateOf(candidates: readonly Candidate[], isExit: boolean): RouteState {
  if (!candidates.some(({approved}) => approved)) return 'pending'
  const able = candidates.filter(canServe)
  if (able.length === 0) return 'no-server'
  // No node is the primary of an exit route.
  return isExit || able.some(({serving}) => serving !== false) ? 'ok' : 'no-primary'
}
