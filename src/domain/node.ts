/**
 * A node of the tailnet; called a machine up to headscale 0.22. The same on every release: a value that a release does
 * not have is null, and the dialects convert values that releases write differently.
 */
import type {PreAuthKey} from './pre-auth-key.ts'
import {type User, userLabel} from './user.ts'
import {canonicalPrefix} from './values/prefix.ts'

export type RegisterMethod = 'auth-key' | 'cli' | 'oidc'

/** Routes of a node, as prefixes. An exit node has both 0.0.0.0/0 and ::/0. */
export interface NodeRoutes {
  /** Routes that the node advertises. */
  available: string[]
  /** Routes that an administrator approved ("enabled"). */
  approved: string[]
  /** Routes that this node serves now ("primary"); null where the server does not report it (up to 0.17). */
  serving: string[] | null
}

/** What a client reports about its machine; null where it reports nothing. */
export interface NodeClient {
  /** `linux`, `windows`, `macOS`, `iOS`, `android` … */
  os: string | null
  /** With the distribution, where the client reports one: `debian 12.11`. */
  osVersion: string | null
  /** As reported: `1.80.2-t1234567-g8901234`. */
  version: string | null
  /** Addresses and ports at which other clients can reach it, as the client found them. */
  endpoints: string[]
}

export interface Node {
  /** A decimal number as text. */
  id: string
  /** The host name that the client reports. On 0.15 it is the only name. */
  hostName: string
  /** The name in MagicDNS and in lists (0.16+); null on 0.15. */
  givenName: string | null
  /** `mkey:`, `nodekey:` or `discokey:` and 64 hexadecimal digits; null where the server has none. */
  machineKey: string | null
  nodeKey: string | null
  discoKey: string | null
  ipAddresses: string[]
  /** Null for a tagged node of 0.28 and later, which has no user, and for a node whose user was removed. */
  user: User | null
  lastSeen: Date | null
  /** Null if the node never expires; Go's zero time (year 1) is read as null. */
  expiry: Date | null
  createdAt: Date | null
  /** Null where the server does not report it (up to 0.22). */
  registerMethod: RegisterMethod | null
  preAuthKey: PreAuthKey | null
  tags: string[]
  /**
   * The part of `tags` that the client requests and the policy allows: setting tags does not remove them. Only lists of
   * nodes up to 0.27 report them; empty otherwise.
   */
  requestedTags: string[]
  /** Null up to 0.25, where a list of nodes has no routes (withRoutes adds them). */
  routes: NodeRoutes | null
  /** Up to 0.17 the server does not report it: a node seen within the last five minutes counts as online. */
  online: boolean
  /** Null until withClients (usecases/nodes/host-facts.ts) reads it, and where it is not known. */
  client: NodeClient | null
}

/** The version of a client without the build: `1.80.2` of `1.80.2-t1234567-g8901234`. */
export function shortVersion(version: string): string {
  return version.split('-')[0]!
}

/** The name of a node in lists and messages: the given name where the release has one; `(no name)` if it is empty. */
export function nodeName(node: Pick<Node, 'hostName' | 'givenName'>): string {
  return node.givenName === '' ? '(no name)' : (node.givenName ?? node.hostName)
}

/** The node with the facts that identify it: `web-004 (id 4, ops, 100.64.0.4, online)`. */
export function describeNode(node: Node): string {
  const owner = node.user ? userLabel(node.user) : node.tags.join(' ')
  const facts = [`id ${node.id}`, owner, node.ipAddresses[0] ?? '', node.online ? 'online' : 'offline']
  return `${nodeName(node)} (${facts.filter((fact) => fact !== '').join(', ')})`
}

/** Whether the node's key is expired at `now`. */
export function isExpired(node: Node, now: Date): boolean {
  return node.expiry !== null && node.expiry.getTime() <= now.getTime()
}

/** The advertised prefixes that are not approved. */
export function pendingRoutes({available, approved}: NodeRoutes): string[] {
  const done = new Set(approved.map(canonicalPrefix))
  return available.filter((prefix) => !done.has(canonicalPrefix(prefix)))
}

/**
 * A key in the short form of tables, `[Ew3RB]`: the first five characters of the base64 of its 32 bytes.
 * Empty for a missing key or one that is not 64 hexadecimal digits.
 * Source: tailscale types/key/util.go (v1.22.0), debug32.
 */
export function shortKey(key: string | null): string {
  const hex = key?.match(/^(?:[a-z]+:)?([0-9a-f]{64})$/)?.[1]
  if (!hex || /^0+$/.test(hex)) return ''
  return `[${Buffer.from(hex.slice(0, 8), 'hex').toString('base64').slice(0, 5)}]`
}
