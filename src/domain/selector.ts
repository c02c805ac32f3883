/**
 * Selectors: conditions that choose nodes, routes, keys and users, the same for lists and for changes. Pure rules over
 * values that were already read; the flags are in cli/args/selectors.ts.
 *
 * All conditions of a selector must hold; each can be negated. What a server does not report about one object is
 * unknown, and then neither a condition nor its opposite holds: a change never affects an object by a guess. A selector
 * without conditions matches nothing.
 */
import type {ApiKey} from './api-key.ts'
import {isExpired, type Node, pendingRoutes} from './node.ts'
import type {OAuthClient} from './oauth-client.ts'
import type {PreAuthKey} from './pre-auth-key.ts'
import type {Route} from './route.ts'
import type {User} from './user.ts'
import {matchesPattern} from './values/name-pattern.ts'
import {canonicalPrefix, isExitRoute} from './values/prefix.ts'

/** A user, compared by id: names can be empty or shared. */
type UserId = Pick<User, 'id'>

/** The value of each condition. `Owner` is a user, or the text that names one before it is resolved. */
interface Values<Owner> {
  user: Owner
  tag: string
  /** A pattern of values/name-pattern.ts. */
  name: string
  /** A canonical prefix. */
  route: string
  /** Milliseconds, like the next two. */
  'offline-for': number
  'expires-within': number
  'older-than': number
  online: true
  expired: true
  ephemeral: true
  'pending-routes': true
  used: true
  pending: true
  enabled: true
  serving: true
  conflicts: true
}

export type Fact = keyof Values<unknown>

/** One condition; `not` asks for the opposite. */
export type Condition<Is extends Fact = Fact, Owner = UserId> = {
  [K in Is]: {is: K; value: Values<Owner>[K]; not: boolean}
}[Is]

/** The conditions of each kind of object. */
export const NODE_FACTS = [
  'user',
  'tag',
  'name',
  'route',
  'pending-routes',
  'online',
  'offline-for',
  'expired',
  'expires-within',
  'ephemeral',
  'older-than',
] as const
/** A route has facts of its own and those of its node. */
export const ROUTE_FACTS = [
  'route',
  'pending',
  'enabled',
  'serving',
  'conflicts',
  'user',
  'tag',
  'name',
  'online',
  'offline-for',
  'expired',
  'expires-within',
  'ephemeral',
  'older-than',
] as const
export const PRE_AUTH_KEY_FACTS = [
  'user',
  'tag',
  'expired',
  'expires-within',
  'ephemeral',
  'used',
  'older-than',
] as const
export const API_KEY_FACTS = ['expired', 'expires-within', 'older-than'] as const
export const OAUTH_CLIENT_FACTS = ['tag', 'older-than'] as const
export const USER_FACTS = ['name', 'older-than'] as const

export type NodeSelector<Owner = UserId> = readonly Condition<(typeof NODE_FACTS)[number], Owner>[]
export type RouteSelector<Owner = UserId> = readonly Condition<(typeof ROUTE_FACTS)[number], Owner>[]
export type PreAuthKeySelector<Owner = UserId> = readonly Condition<(typeof PRE_AUTH_KEY_FACTS)[number], Owner>[]
export type ApiKeySelector = readonly Condition<(typeof API_KEY_FACTS)[number]>[]
export type OAuthClientSelector = readonly Condition<(typeof OAUTH_CLIENT_FACTS)[number]>[]
export type UserSelector = readonly Condition<(typeof USER_FACTS)[number]>[]

/** @param holds whether the fact itself is true; null if it is not known */
function matchesAll<C extends {not: boolean}>(
  selector: readonly C[],
  holds: (condition: C) => boolean | null,
): boolean {
  const met = (condition: C) => {
    const fact = holds(condition)
    return fact !== null && fact !== condition.not
  }
  return selector.length > 0 && selector.every(met)
}

/** @param node with its routes (withRoutes) if a condition is about them */
export function matchesNode(node: Node, selector: NodeSelector, now: Date): boolean {
  return matchesAll(selector, (condition) => nodeFact(node, condition, now))
}

function nodeFact(node: Node, {is, value}: NodeSelector[number], now: Date): boolean | null {
  switch (is) {
    case 'user':
      return node.user?.id === value.id
    case 'tag':
      return node.tags.includes(value)
    case 'name':
      return [node.givenName, node.hostName].some((name) => name !== null && matchesNodeName(name, value))
    case 'route':
      return node.routes && prefixes([...node.routes.available, ...node.routes.approved]).has(value)
    case 'pending-routes':
      return node.routes && pendingRoutes(node.routes).length > 0
    case 'online':
      return node.online
    case 'offline-for':
      return node.online ? false : isPast(node.lastSeen ?? node.createdAt, value, now)
    case 'expired':
      return isExpired(node, now)
    case 'expires-within':
      return expiresWithin(node.expiry, value, now)
    case 'ephemeral':
      return node.preAuthKey?.ephemeral ?? false
    case 'older-than':
      return isPast(node.createdAt, value, now)
  }
}

/** Names of nodes are DNS names, so case does not matter. An empty name matches no pattern. */
function matchesNodeName(name: string, pattern: string): boolean {
  return name !== '' && matchesPattern(name.toLowerCase(), pattern.toLowerCase())
}

/**
 * @param node the node of the route; null for a route whose node was removed, of which nothing about a node is known
 * @param conflicts the prefixes that several nodes offer (conflictingPrefixes)
 */
export function matchesRoute(
  route: Route,
  selector: RouteSelector,
  {node, conflicts}: {node: Node | null; conflicts: ReadonlySet<string>},
  now: Date,
): boolean {
  return matchesAll(selector, (condition) => {
    switch (condition.is) {
      case 'route':
        return canonicalPrefix(route.prefix) === condition.value
      case 'pending':
        return route.available && !route.approved
      case 'enabled':
        return route.approved
      case 'serving':
        // Clients choose among exit nodes, and up to 0.25 the server reports none of them as serving.
        return isExitRoute(route.prefix) ? route.available && route.approved : route.serving
      case 'conflicts':
        return conflicts.has(canonicalPrefix(route.prefix)) && route.available
      default:
        return node && nodeFact(node, condition, now)
    }
  })
}

/** Canonical prefixes that several nodes offer. Exit routes are none of them: clients choose their exit node. */
export function conflictingPrefixes(routes: readonly Route[]): Set<string> {
  const offered = routes.filter(({available, prefix}) => available && !isExitRoute(prefix))
  const byPrefix = Map.groupBy(offered, ({prefix}) => canonicalPrefix(prefix))
  const shared = [...byPrefix].filter(([, rows]) => new Set(rows.map(({node}) => node?.id)).size > 1)
  return new Set(shared.map(([prefix]) => prefix))
}

/** @param recordsReusableUse whether the release marks a reusable key as used */
export function matchesPreAuthKey(
  key: PreAuthKey,
  selector: PreAuthKeySelector,
  now: Date,
  {recordsReusableUse}: {recordsReusableUse: boolean},
): boolean {
  return matchesAll(selector, ({is, value}) => {
    switch (is) {
      case 'user':
        return key.user?.id === null ? null : key.user?.id === value.id
      case 'tag':
        return key.tags.includes(value)
      case 'expired':
        return isOver(key.expiration, now)
      case 'expires-within':
        return expiresWithin(key.expiration, value, now)
      case 'ephemeral':
        return key.ephemeral
      case 'used':
        return key.used || (key.reusable && !recordsReusableUse ? null : false)
      case 'older-than':
        return isPast(key.createdAt, value, now)
    }
  })
}

export function matchesApiKey(key: ApiKey, selector: ApiKeySelector, now: Date): boolean {
  return matchesAll(selector, ({is, value}) => {
    switch (is) {
      case 'expired':
        return isOver(key.expiration, now)
      case 'expires-within':
        return expiresWithin(key.expiration, value, now)
      case 'older-than':
        return isPast(key.createdAt, value, now)
    }
  })
}

export function matchesOAuthClient(client: OAuthClient, selector: OAuthClientSelector, now: Date): boolean {
  return matchesAll(selector, ({is, value}) =>
    is === 'tag' ? client.tags.includes(value) : isPast(client.createdAt, value, now),
  )
}

/** The name is the login name, in which case matters. */
export function matchesUser(user: User, selector: UserSelector, now: Date): boolean {
  return matchesAll(selector, ({is, value}) =>
    is === 'name' ? matchesPattern(user.name, value) : isPast(user.createdAt, value, now),
  )
}

function prefixes(texts: readonly string[]): Set<string> {
  return new Set(texts.map(canonicalPrefix))
}

/** Whether a time is at least that long ago; null for an unknown time. */
function isPast(time: Date | null, ms: number, now: Date): boolean | null {
  return time && now.getTime() - time.getTime() >= ms
}

/** Null is never. */
function isOver(expiration: Date | null, now: Date): boolean {
  return expiration !== null && expiration.getTime() <= now.getTime()
}

/** Still valid, and not for longer than that. */
function expiresWithin(expiration: Date | null, ms: number, now: Date): boolean {
  return expiration !== null && !isOver(expiration, now) && expiration.getTime() - now.getTime() <= ms
}
