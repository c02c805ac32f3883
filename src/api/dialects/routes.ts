/**
 * Routes: a set per machine (0.15–0.17), rows with ids (0.18–0.25), sets on the node (0.26+).
 *
 * All three are read into the same rows, and written with "set the approved routes to these". Writing a set replaces
 * all of it, so a use case decides what to write from the routes it has just read.
 */
import type {Node} from '../../domain/node.ts'
import {withBothExitRoutes} from '../../domain/values/prefix.ts'
import type {Route} from '../../domain/route.ts'
import {HeadscaleError} from '../../errors.ts'
import type {RoutesApi} from '../control-api.ts'
import {byId, type Dialect, referenced, releasesWith, requireOperation, unsupported} from './shared/dialect.ts'
import type {WireNode, WireRoute, WireRouteSets} from './shared/schemas.ts'

/** @param readNode reads a node from the server, for releases that keep routes on nodes */
export function routesDialect(dialect: Dialect, readNode: (id: string) => Promise<Node>): RoutesApi {
  switch (dialect.group.capabilities.routes) {
    case 'machine-sets':
      return machineSets(dialect)
    case 'rows':
      return rows(dialect)
    case 'node-sets':
      return nodeSets(dialect, readNode)
  }
}

/** Requests sent at once, one per node: with thousands, those at the end of the queue would time out. */
const AT_ONCE = 40

/** 0.15–0.17. Routes have no ids, and the server does not report which of them a machine serves. */
function machineSets({group, call}: Dialect): RoutesApi {
  const ofNode = async (node: Node): Promise<Route[]> => {
    const {routes} = await call<WireRouteSets>('GetMachineRoute', {machineId: node.id})
    const approved = routes?.enabledRoutes ?? []
    return rowsOf(node, {available: routes?.advertisedRoutes ?? [], approved, serving: null})
  }
  return {
    ofNode,
    async list(nodes) {
      const routes: Route[] = []
      for (let from = 0; from < nodes.length; from += AT_ONCE) {
        const some = nodes.slice(from, from + AT_ONCE)
        routes.push(...(await Promise.all(some.map(ofNode))).flat())
      }
      return routes
    },
    async setApproved(node, approved) {
      await call('EnableMachineRoutes', {machineId: node.id, routes: approved})
    },
    byId: () => Promise.reject(noIds(group.releases)),
    deletable: async () => call('DeleteRoute', {}),
    delete: async () => call('DeleteRoute', {}),
  }
}

/** 0.18–0.25. On some of these releases, enabling one exit route enables the other too. */
function rows({group, call}: Dialect): RoutesApi {
  const machines = group.capabilities.nodeWord === 'machine'
  const byNode = async (node: Node) => {
    const reply = machines
      ? await call<{routes: WireRoute[]}>('GetMachineRoutes', {machineId: node.id})
      : await call<{routes: WireRoute[]}>('GetNodeRoutes', {nodeId: node.id})
    return reply.routes.map((wire) => readRow(wire, node)).toSorted(byRouteId)
  }
  const setById = async (id: string, approved: boolean) => {
    await call(approved ? 'EnableRoute' : 'DisableRoute', {routeId: id})
  }
  const list = async (nodes: readonly Node[]): Promise<Route[]> => {
    const known = new Map(nodes.map((node) => [node.id, node]))
    const {routes} = await call<{routes: WireRoute[]}>('GetRoutes', {})
    return routes
      .map((wire) => readRow(wire, known.get((wire.machine ?? wire.node)?.id ?? '') ?? null))
      .toSorted((a, b) => byId(a.node ?? NO_NODE, b.node ?? NO_NODE) || byRouteId(a, b))
  }
  const findById = async (id: string) => {
    const route = (await list([])).find((candidate) => candidate.id === id)
    if (route) return route
    throw new HeadscaleError('not-found', `route ${id} not found`, {hint: 'see: headscale-ts routes list'})
  }
  return {
    ofNode: byNode,
    list,
    byId: findById,

    async deletable(id) {
      requireOperation(group, 'DeleteRoute')
      return findById(id)
    },

    async delete({id}) {
      await call('DeleteRoute', {routeId: id})
    },

    async setApproved(_node, approved, current) {
      const target = new Set(approved)
      for (const route of current) {
        if (route.id !== null && route.approved !== target.has(route.prefix)) await setById(route.id, !route.approved)
      }
    },
  }
}

/** 0.26+. */
function nodeSets({group, call}: Dialect, readNode: (id: string) => Promise<Node>): RoutesApi {
  const rowsOfNode = (node: Node) => rowsOf(node, node.routes ?? {available: [], approved: [], serving: []})
  return {
    list: async (nodes) => nodes.flatMap(rowsOfNode),
    ofNode: async ({id}) => rowsOfNode(await readNode(id)),
    async setApproved(node, approved) {
      await call<{node: WireNode}>('SetApprovedRoutes', {nodeId: node.id, routes: withBothExitRoutes(approved)})
    },
    byId: () => Promise.reject(noIds(group.releases)),
    deletable: async () => call('DeleteRoute', {}),
    delete: async () => call('DeleteRoute', {}),
  }
}

function rowsOf(
  node: Node,
  {
    available,
    approved,
    serving,
  }: {available: readonly string[]; approved: readonly string[]; serving: readonly string[] | null},
): Route[] {
  return [...new Set([...available, ...approved])].map((prefix) => ({
    id: null,
    node,
    prefix,
    available: available.includes(prefix),
    approved: approved.includes(prefix),
    serving: serving && serving.includes(prefix),
  }))
}

/** Routes without a node come first in a list. */
const NO_NODE = {id: ''}

/** @param node null for a route whose node was not listed; the row contains the node too, without owner up to 0.22 */
function readRow(wire: WireRoute, node: Node | null): Route {
  const own = referenced(wire.machine ?? wire.node)
  return {
    id: wire.id,
    node: node ?? (own && {id: own.id, hostName: own.name, givenName: own.givenName ?? null}),
    prefix: wire.prefix,
    available: wire.advertised ?? false,
    approved: wire.enabled ?? false,
    // 0.23 to 0.25 keep a disabled route primary if no other node has it. Source: db/routes.go v0.25.1.
    serving: (wire.isPrimary ?? false) && (wire.enabled ?? false),
  }
}

function byRouteId(a: Route, b: Route): number {
  return byId({id: a.id ?? ''}, {id: b.id ?? ''})
}

function noIds(releases: string): HeadscaleError {
  return unsupported(
    {needs: releasesWith(({routes}) => routes === 'rows'), found: releases},
    'routes have no ids there; use node and prefix: headscale-ts routes enable -i NODE -r 192.168.100.0/24',
  )
}
