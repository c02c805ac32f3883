/**
 * Enabling and disabling routes of one node without touching its other routes, on any release: read, change, write,
 * read back. A release that keeps a set replaces the whole of it, so a change somebody else made in between would be
 * lost or undone. Runs on this machine wait for each other (node-lock.ts); what others do shows when reading back, and
 * the change is made once more on top of theirs.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {EXIT_ROUTES, isExitRoute, parsePrefix} from '../../domain/prefix.ts'
import type {Route} from '../../domain/route.ts'
import {HeadscaleError} from '../../errors.ts'
import {withNodeLock} from './node-lock.ts'

export interface RouteChange {
  /** Enable (approve) or disable. */
  approve: boolean
  /** Prefixes as typed, or every route of the node. One half of an exit node means both. */
  prefixes: readonly string[] | 'all'
  /** Approve prefixes that the node does not offer (0.26+). */
  allowUnadvertised?: boolean
}

/**
 * @returns the node's routes afterwards, fresh from the server
 * @throws HeadscaleError (usage) for a bad prefix, (invalid-input) for a route the node does not offer or when the
 * server's set is not what was written, (not-found) for disabling a route that is none
 */
export async function changeRoutes(api: ControlApi, node: Node, change: RouteChange): Promise<Route[]> {
  const typed = change.prefixes === 'all' ? 'all' : change.prefixes.map(parsePrefix)
  return withNodeLock(node.id, () => changeAlone(api, node, change, typed))
}

async function changeAlone(
  api: ControlApi,
  node: Node,
  change: RouteChange,
  typed: readonly string[] | 'all',
): Promise<Route[]> {
  let current = await api.routes.ofNode(node)
  for (let attempt = 1; ; attempt++) {
    const prefixes = select(typed, current, node, change, api)
    const wanted = wantedSet(current, prefixes, change.approve)
    if (sameSet(wanted, approvedOf(current))) return current
    await api.routes.setApproved(node, wanted, current)
    current = await api.routes.ofNode(node)
    const done = prefixes.every((prefix) => approvedOf(current).includes(prefix) === change.approve)
    if (done) return current
    if (attempt === 2) throw mismatch(node, wanted, approvedOf(current))
  }
}

/** Makes the approved routes exactly these, as upstream's approve-routes does. @returns the routes afterwards */
export async function replaceRoutes(
  api: ControlApi,
  node: Node,
  approved: readonly string[],
  current: readonly Route[],
): Promise<Route[]> {
  const after = await withNodeLock(node.id, async () => {
    await api.routes.setApproved(node, approved, current)
    return api.routes.ofNode(node)
  })
  if (!sameSet(approved, approvedOf(after))) throw mismatch(node, approved, approvedOf(after))
  return after
}

/** The prefixes a change is about, in the server's spelling. */
export function select(
  typed: readonly string[] | 'all',
  current: readonly Route[],
  node: Node,
  {approve, allowUnadvertised = false}: Pick<RouteChange, 'approve' | 'allowUnadvertised'>,
  api: ControlApi,
): string[] {
  const candidates = current.filter((route) => (approve ? route.available || route.approved : true))
  if (typed === 'all') return candidates.map(({prefix}) => prefix)
  const chosen = typed.flatMap((prefix) => {
    const known = candidates.find((route) => canonical(route.prefix) === prefix)
    if (known) return [known.prefix, ...otherHalf(known.prefix, candidates)]
    if (!approve) throw unknownRoute(prefix, node)
    if (!allowUnadvertised) throw notOffered(prefix, node, candidates, api)
    if (api.server.capabilities.routes !== 'node-sets') throw tooOld(api)
    return isExitRoute(prefix) ? [...EXIT_ROUTES] : [prefix]
  })
  return [...new Set(chosen)]
}

export const approvedOf = (routes: readonly Route[]) =>
  routes.filter(({approved}) => approved).map(({prefix}) => prefix)

function wantedSet(current: readonly Route[], prefixes: readonly string[], approve: boolean): string[] {
  const approved = approvedOf(current)
  return approve ? [...new Set([...approved, ...prefixes])] : approved.filter((prefix) => !prefixes.includes(prefix))
}

function otherHalf(prefix: string, candidates: readonly Route[]): string[] {
  if (!isExitRoute(prefix)) return []
  return candidates.map((route) => route.prefix).filter((other) => other !== prefix && isExitRoute(other))
}

/** Servers keep what a client sent, host bits included; it is compared without them. */
function canonical(prefix: string): string {
  try {
    return parsePrefix(prefix)
  } catch {
    return prefix
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a.map(canonical))
  const right = new Set(b.map(canonical))
  return left.size === right.size && [...left].every((prefix) => right.has(prefix))
}

function notOffered(prefix: string, node: Node, candidates: readonly Route[], api: ControlApi): HeadscaleError {
  const offers = candidates.length > 0 ? candidates.map((route) => route.prefix).join(', ') : 'none'
  const anyway =
    api.server.capabilities.routes === 'node-sets' ? ', or --allow-unadvertised to approve it beforehand' : ''
  return new HeadscaleError(
    'invalid-input',
    `${nodeName(node)} does not advertise ${prefix}; it advertises: ${offers}`,
    {
      hint: `on the node: tailscale up --advertise-routes=${prefix}${anyway}`,
      details: {prefix, advertised: candidates.map((route) => route.prefix)},
    },
  )
}

function unknownRoute(prefix: string, node: Node): HeadscaleError {
  return new HeadscaleError('not-found', `${nodeName(node)} has no route ${prefix}`, {
    hint: `see: headscale-ts routes list -i ${node.id}`,
  })
}

function tooOld(api: ControlApi): HeadscaleError {
  const found = api.server.releases
  return new HeadscaleError('unsupported-by-server', `this needs headscale 0.26 or later; the server is ${found}`, {
    hint: 'earlier servers approve only what a node advertises; leave out --allow-unadvertised',
    details: {needs: '0.26 or later', found},
  })
}

function mismatch(node: Node, wanted: readonly string[], found: readonly string[]): HeadscaleError {
  const list = (prefixes: readonly string[]) => (prefixes.length > 0 ? prefixes.join(', ') : 'none')
  return new HeadscaleError(
    'invalid-input',
    `the routes of ${nodeName(node)} are not what was set: wanted ${list(wanted)}; found ${list(found)}`,
    {
      hint: 'somebody or auto-approval is changing them at the same time; look again: headscale-ts routes list',
      details: {wanted, found},
    },
  )
}
