/**
 * What happened to the nodes between two lists of them. Pure comparison; nothing here knows how the lists were read.
 *
 * A change that was undone before the second list cannot be seen. Several changes of one node are several events.
 */
import {describeNode, isExpired, type Node, nodeName, type NodeRoutes} from './node.ts'
import {userLabel} from './user.ts'
import {canonicalPrefix} from './values/prefix.ts'
import {sameTexts} from './values/same-texts.ts'

export const NODE_EVENTS = [
  'joined',
  'left',
  'online',
  'offline',
  'expired',
  'renewed',
  'renamed',
  'moved',
  'tagged',
  'address-changed',
  'route-advertised',
  'route-withdrawn',
  'route-approved',
  'route-unapproved',
  'route-serving',
  'route-standby',
] as const

export type NodeEventType = (typeof NODE_EVENTS)[number]

type Value = string | string[] | null

export interface NodeEvent {
  type: NodeEventType
  /** As it is after the event; for `left`, as it was. */
  node: Node
  /** The prefix, for events of routes. */
  route: string | null
  /** The old and the new name, owner, tags or addresses; null for other events, and where there is none. */
  before: Value
  after: Value
}

/** The nodes at one time. */
export interface NodeList {
  nodes: readonly Node[]
  at: Date
}

/**
 * The events between two lists, by node id: nodes that left, then changes and nodes that joined.
 * Routes that one of the lists does not have (null) are not compared.
 */
export function nodeEvents(before: NodeList, after: NodeList): NodeEvent[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]))
  const current = new Map(after.nodes.map((node) => [node.id, node]))
  const isSame = (node: Node, other: Node | undefined) => other !== undefined && wereCreatedTogether(node, other)
  const left = before.nodes.filter((node) => !isSame(node, current.get(node.id)))
  return [
    ...left.map((node) => event('left', node)),
    ...after.nodes.flatMap((node) => {
      const was = old.get(node.id)
      return was && isSame(node, was)
        ? changes({node: was, at: before.at}, {node, at: after.at})
        : [event('joined', node)]
    }),
  ]
}

/** Some databases use the id of a deleted node again. */
function wereCreatedTogether({createdAt: one}: Node, {createdAt: other}: Node): boolean {
  return one === null || other === null || one.getTime() === other.getTime()
}

function event(
  type: NodeEventType,
  node: Node,
  {route = null, before = null, after = null}: Partial<Pick<NodeEvent, 'route' | 'before' | 'after'>> = {},
): NodeEvent {
  return {type, node, route, before, after}
}

interface Seen {
  node: Node
  at: Date
}

function changes(was: Seen, is: Seen): NodeEvent[] {
  const {node} = is
  const events: NodeEvent[] = []
  if (was.node.online !== node.online) events.push(event(node.online ? 'online' : 'offline', node))
  const [wasExpired, expired] = [isExpired(was.node, was.at), isExpired(node, is.at)]
  if (wasExpired !== expired) events.push(event(expired ? 'expired' : 'renewed', node))
  if (nodeName(was.node) !== nodeName(node)) {
    events.push(event('renamed', node, {before: nodeName(was.node), after: nodeName(node)}))
  }
  if (was.node.user?.id !== node.user?.id) {
    events.push(event('moved', node, {before: ownerOf(was.node), after: ownerOf(node)}))
  }
  if (!sameTexts(was.node.tags, node.tags))
    events.push(event('tagged', node, {before: was.node.tags, after: node.tags}))
  if (!sameTexts(was.node.ipAddresses, node.ipAddresses)) {
    events.push(event('address-changed', node, {before: was.node.ipAddresses, after: node.ipAddresses}))
  }
  return [...events, ...routeEvents(was.node, node)]
}

function ownerOf({user}: Node): string | null {
  return user && userLabel(user)
}

const ROUTE_EVENTS: readonly (readonly [keyof NodeRoutes, NodeEventType, NodeEventType])[] = [
  ['available', 'route-advertised', 'route-withdrawn'],
  ['approved', 'route-approved', 'route-unapproved'],
  ['serving', 'route-serving', 'route-standby'],
]

function routeEvents(was: Node, node: Node): NodeEvent[] {
  return ROUTE_EVENTS.flatMap(([list, added, removed]) => {
    const [old, current] = [prefixes(was.routes?.[list]), prefixes(node.routes?.[list])]
    if (!old || !current) return []
    const only = (type: NodeEventType, routes: Set<string>, others: Set<string>) =>
      [...routes].filter((route) => !others.has(route)).map((route) => event(type, node, {route}))
    return [...only(added, current, old), ...only(removed, old, current)]
  })
}

function prefixes(routes: readonly string[] | null | undefined): Set<string> | null {
  return routes ? new Set(routes.map(canonicalPrefix)) : null
}

/** The event in one line, without its time: `router (id 1, ops, 100.64.0.1, online): old-name → router`. */
export function describeEvent({node, route, before, after}: NodeEvent): string {
  const text = (value: Value) => (Array.isArray(value) ? value.join(', ') : value) || 'none'
  const what = route ?? (before === null && after === null ? '' : `${text(before)} → ${text(after)}`)
  return what === '' ? describeNode(node) : `${describeNode(node)}: ${what}`
}
