/** Sets of routes: the prefixes that a change affects, and the errors for a set that does not match. */
import type {ControlApi} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {EXIT_ROUTES, isExitRoute, parsePrefix} from '../../domain/values/prefix.ts'
import type {Route} from '../../domain/route.ts'
import {HeadscaleError} from '../../errors.ts'

const ONLY_ADVERTISED = 'earlier servers approve only what a node advertises; leave out --allow-unadvertised'

export interface RouteChoice {
  /** Enable (approve) or disable. */
  approve: boolean
  /** Prefixes from parsePrefix, or every route of the node. One of the two exit routes means both. */
  prefixes: readonly string[] | 'all'
  /** Approve prefixes that the node does not advertise (0.26+). */
  allowUnadvertised?: boolean
}

/**
 * The prefixes that a change affects, in the server's spelling.
 * @throws HeadscaleError (invalid-input) for a route the node does not advertise, (not-found) for disabling a route
 * that it does not have, (unsupported-by-server) where only advertised routes can be approved
 */
export function chooseRoutes(
  api: ControlApi,
  node: Node,
  current: readonly Route[],
  {approve, prefixes, allowUnadvertised = false}: RouteChoice,
): string[] {
  const candidates = current.filter((route) => (approve ? route.available || route.approved : true))
  if (prefixes === 'all') return candidates.map(({prefix}) => prefix)
  const chosen = prefixes.flatMap((prefix) => {
    const known = candidates.find((route) => canonical(route.prefix) === prefix)
    if (known) return [known.prefix, ...otherHalf(known.prefix, candidates)]
    if (!approve) throw unknownRoute(prefix, node)
    if (!allowUnadvertised) throw notAdvertised(prefix, node, candidates, api)
    api.requireAbility('approve-unadvertised-routes', ONLY_ADVERTISED, '--allow-unadvertised')
    return isExitRoute(prefix) ? [...EXIT_ROUTES] : [prefix]
  })
  return [...new Set(chosen)]
}

export function approvedOf(routes: readonly Route[]): string[] {
  return routes.filter(({approved}) => approved).map(({prefix}) => prefix)
}

export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a.map(canonical))
  const right = new Set(b.map(canonical))
  return left.size === right.size && [...left].every((prefix) => right.has(prefix))
}

/** A list for a message. */
export function listText(prefixes: readonly string[]): string {
  return prefixes.length > 0 ? prefixes.join(', ') : 'none'
}

/** The error for approved routes that differ from those written. */
export function setMismatch(node: Node, expected: readonly string[], found: readonly string[]): HeadscaleError {
  return new HeadscaleError(
    'invalid-input',
    `the approved routes of ${nodeName(node)} are not as set: expected ${listText(expected)}, got ${listText(found)}`,
    {
      hint: `another client or auto-approval is changing them; see: headscale-ts routes list -i ${node.id}`,
      details: {expected, found},
    },
  )
}

function otherHalf(prefix: string, candidates: readonly Route[]): string[] {
  if (!isExitRoute(prefix)) return []
  return candidates.map((route) => route.prefix).filter((other) => other !== prefix && isExitRoute(other))
}

/** Servers keep the host bits of a prefix that a client sent; prefixes are compared without them. */
function canonical(prefix: string): string {
  try {
    return parsePrefix(prefix)
  } catch {
    return prefix
  }
}

function notAdvertised(prefix: string, node: Node, candidates: readonly Route[], api: ControlApi): HeadscaleError {
  const advertised = candidates.map((route) => route.prefix)
  const anyway = api.server.capabilities.routes === 'node-sets' ? ', or add --allow-unadvertised' : ''
  return new HeadscaleError(
    'invalid-input',
    `${nodeName(node)} does not advertise ${prefix}; it advertises: ${listText(advertised)}`,
    {
      hint: `on the node, run: tailscale up --advertise-routes=${prefix}${anyway}`,
      details: {prefix, advertised},
    },
  )
}

function unknownRoute(prefix: string, node: Node): HeadscaleError {
  return new HeadscaleError('not-found', `route ${prefix} of ${nodeName(node)} not found`, {
    hint: `see: headscale-ts routes list -i ${node.id}`,
  })
}
