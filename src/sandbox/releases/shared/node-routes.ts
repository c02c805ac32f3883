/**
 * Routes as fields of the node, since 0.26: which are requested, and which node serves them.
 * Behaviour: hscontrol/grpcv1.go and hscontrol/routes at v0.26.1, hscontrol/state at v0.29.3.
 */
import {comparePrefixes, EXIT_ROUTES, parsePrefix} from '../../prefix.ts'
import {serverError} from '../../server-error.ts'
import type {Node, Tailnet} from '../../tailnet.ts'
import {list, type Message} from './release-simulator.ts'

function parseRoute(route: string): string {
  try {
    return parsePrefix(route)
  } catch (error) {
    throw serverError(`parsing route: ${(error as Error).message}`)
  }
}

/** The routes that a request approves; an exit route means both. */
export function requestedRoutes(request: Message): string[] {
  return list(request, 'routes').flatMap((route) => {
    const prefix = parseRoute(route)
    return EXIT_ROUTES.includes(prefix) ? EXIT_ROUTES : [prefix]
  })
}

/**
 * Which node serves a route: the preferred one, else the first of those that advertise it and have it approved. Exit
 * routes are not included.
 */
export function servingNodes(
  {nodes, preferredServers}: Tailnet,
  {servesOnlineOnly}: {servesOnlineOnly: boolean},
): Map<string, Node> {
  const serving = new Map<string, Node>()
  for (const node of nodes) {
    if (servesOnlineOnly && !node.online) continue
    for (const route of node.approved) {
      if (EXIT_ROUTES.includes(route) || !node.advertised.includes(route)) continue
      if (!serving.has(route) || preferredServers.get(route) === node.id) serving.set(route, node)
    }
  }
  return serving
}

export function servedRoutes(node: Node, serving: ReadonlyMap<string, Node>): string[] {
  return node.approved.filter((route) => serving.get(route) === node).sort(comparePrefixes)
}
