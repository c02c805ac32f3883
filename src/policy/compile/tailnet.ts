/** The users and nodes that a policy is compiled for, as plain values, and the addresses that selectors mean on them. */
import type {Policy} from '../policy.ts'
import {isPrefix, parseSelector, type Selector} from '../selector.ts'
import type {PolicyRelease} from '../releases.ts'
import {contains, EVERYTHING, INTERNET, IpSet, parseAddress, type Range, rangeOf, TAILNET} from './ip-set.ts'

export interface TailnetUser {
  id: string
  name: string
  email: string
  providerId: string | null
}

export interface TailnetNode {
  name: string
  /** Null for a node that belongs to its tags alone. */
  userId: string | null
  tags: readonly string[]
  /** IPv4 first. */
  addresses: readonly string[]
  /** Prefixes that it advertises and that are approved. */
  routes: readonly string[]
  /** What says, beside the policy, whether it can be reached; absent where it is not known. */
  state?: NodeState
}

export interface NodeState {
  isOnline: boolean
  /** Null if its key never expires. */
  expiry: Date | null
  available: readonly string[]
  approved: readonly string[]
  /** Null where the server does not report it. */
  serving: readonly string[] | null
}

export interface Tailnet {
  users: readonly TailnetUser[]
  nodes: readonly TailnetNode[]
}

/** A node with its addresses as numbers. */
export interface Node {
  node: TailnetNode
  addresses: readonly bigint[]
  ranges: readonly Range[]
  /** Approved routes that are not exit routes. */
  subnets: readonly Range[]
  isExitNode: boolean
  isTagged: boolean
  /** Routes that it advertises, approved or not, exit routes among them; where that is not known, the approved ones. */
  announced: readonly Range[]
}

/** How a release reads the address of a host. Up to 0.25 one without a length has 32 bits, of IPv6 too. */
function hostPrefix(text: string, {engine}: PolicyRelease): string {
  return engine === 1 && !text.includes('/') ? `${text}/32` : text
}

/** The user that a member of a group is to a release. */
export function memberName(text: string, {shortensMembers}: PolicyRelease): string {
  if (!shortensMembers) return text
  const name = text.toLowerCase().replaceAll("'", '')
  const short = name.indexOf('@') > 0 ? name.slice(0, name.indexOf('@')) : name.replaceAll('@', '.')
  return short.replaceAll(/[^a-z0-9\-.]+/g, '-')
}

const EXIT_ROUTES = ['0.0.0.0/0', '::/0']

/** Resolves selectors of one policy on one tailnet; each is resolved once. */
export class Resolver {
  readonly nodes: readonly Node[]
  /** Nodes without tags, by user. */
  readonly byUser: ReadonlyMap<string, readonly Node[]>
  readonly users: readonly TailnetUser[]
  readonly rules: PolicyRelease
  readonly #groups: ReadonlyMap<string, readonly string[]>
  readonly #hosts: ReadonlyMap<string, string>
  readonly #known = new Map<string, IpSet | null>()
  #byTag: ReadonlyMap<string, readonly Node[]> | null = null
  #byOwner: ReadonlyMap<string | null, readonly Node[]> | null = null
  #named: ReadonlyMap<string, TailnetUser[]> | null = null
  #providers: ReadonlyMap<string | null, TailnetUser> | null = null

  constructor(policy: Pick<Policy, 'groups' | 'hosts'>, {users, nodes}: Tailnet, rules: PolicyRelease) {
    this.rules = rules
    this.users = users
    this.#groups = new Map(policy.groups.map(({name, items}) => [name.text, items.map(({text}) => text)]))
    this.#hosts = new Map(policy.hosts.map(({name, address}) => [name.text, hostPrefix(address.text, rules)]))
    this.nodes = nodes.map((node) => {
      const addresses = node.addresses.map(parseAddress)
      return {
        node,
        addresses,
        ranges: addresses.map((address): Range => [address, address]),
        subnets: node.routes.filter((route) => !EXIT_ROUTES.includes(route)).map(rangeOf),
        isExitNode: node.routes.some((route) => EXIT_ROUTES.includes(route)),
        isTagged: node.tags.length > 0,
        announced: [...new Set([...(node.state?.available ?? []), ...node.routes])].map(rangeOf),
      }
    })
    const byUser = new Map<string, Node[]>()
    for (const node of this.nodes) {
      const {userId} = node.node
      if (node.isTagged || userId === null) continue
      byUser.set(userId, [...(byUser.get(userId) ?? []), node])
    }
    this.byUser = byUser
  }

  parse(text: string): Selector {
    return parseSelector(text, this.rules)
  }

  /** @returns null for what has no meaning on all nodes: an undefined host, autogroup:self */
  resolve(selector: Selector): IpSet | null {
    const key = selector.text
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = this.#find(selector)
    this.#known.set(key, found)
    return found
  }

  #find({kind, text}: Selector): IpSet | null {
    switch (kind) {
      case 'any':
        return this.rules.compiler === 'grants' ? TAILNET : EVERYTHING
      case 'user':
        return this.#ofUser(text)
      case 'group':
        return new IpSet(this.members(text).flatMap((user) => [...this.#ofMember(user).ranges]))
      case 'tag':
        return new IpSet(this.taggedNodes(text).flatMap(({ranges}) => ranges))
      case 'prefix':
        return this.rules.engine === 1 ? this.#ofName(text) : this.#ofPrefix(text)
      case 'name':
        return this.#ofName(text)
      case 'host': {
        const range = this.hostRange(text)
        if (range === null) return null
        return this.rules.prefixNodes === 'none' ? new IpSet([range]) : this.#withNodesIn(range)
      }
      case 'autogroup':
        return this.#ofAutogroup(text)
      default:
        return null
    }
  }

  /**
   * The same up to 0.25, on a tailnet without one of its nodes. Of the addresses of that node, those that are written are in
   * it.
   */
  resolveWithout(selector: Selector, node: Node): IpSet {
    const {kind, text} = selector
    const left = (this.resolve(selector) ?? new IpSet([])).without(node.ranges)
    if (kind === 'tag' || (!left.isEmpty && !this.#ofUser(text).isEmpty)) return left
    const range = this.#writtenRange(text)
    if (range === null) return kind === 'autogroup' ? INTERNET : left
    return new IpSet([range, ...this.#withNodesIn(range).without(node.ranges).ranges])
  }

  /** Up to 0.25: the nodes of a user, without those that have tags; if there are none, a host, an address or a prefix. */
  #ofName(text: string): IpSet {
    const own = this.#ofUser(text)
    if (!own.isEmpty) return own
    const range = this.#writtenRange(text)
    return range === null ? own : this.#withNodesIn(range)
  }

  #writtenRange(text: string): Range | null {
    return this.hostRange(text) ?? (isPrefix(text) ? rangeOf(text) : null)
  }

  /** What is written for a host; null if there is none with this name. */
  hostRange(name: string): Range | null {
    const address = this.#hosts.get(name)
    return address === undefined ? null : rangeOf(address)
  }

  /** The addresses of a prefix, and, before 0.29, all addresses of some nodes in it. */
  #ofPrefix(text: string): IpSet {
    const range = rangeOf(text)
    if (this.rules.prefixNodes === 'none') return new IpSet([range])
    if (this.rules.prefixNodes === 'inside') return this.#withNodesIn(range)
    const first = parseAddress(text.replace(/\/.*/, ''))
    const isSingle = range[0] === range[1]
    const own = isSingle || TAILNET.contains(first) ? this.nodes.filter(({addresses}) => addresses.includes(first)) : []
    return new IpSet([range, ...own.flatMap(({ranges}) => ranges)])
  }

  #withNodesIn(range: Range): IpSet {
    const inside = this.nodes.filter(({addresses}) => addresses.some((address) => contains(range, address)))
    return new IpSet([range, ...inside.flatMap(({ranges}) => ranges)])
  }

  /** Whether every user that a selector names exists. */
  isComplete({kind, text}: Selector): boolean {
    if (kind === 'user') return this.user(text) !== null
    return kind !== 'group' || this.hasAllUsers(text)
  }

  #ofAutogroup(name: string): IpSet | null {
    if (name === 'autogroup:internet') return INTERNET
    if (this.rules.engine === 1) return name.startsWith('autogroup:internet') ? INTERNET : null
    if (name === 'autogroup:member') return this.#ofNodes(({isTagged}) => !isTagged)
    if (name === 'autogroup:tagged') return this.#ofNodes(({isTagged}) => isTagged)
    return name === 'autogroup:danger-all' ? EVERYTHING : null
  }

  /** Of several users with this name or e-mail address none is meant, unless one has it as provider id. */
  user(text: string): TailnetUser | null {
    const name = this.rules.engine === 2 && text.endsWith('@') ? text.slice(0, -1) : text
    const named = this.usersNamed(name)
    return this.userOfProvider(name) ?? (named.length === 1 ? named[0]! : null)
  }

  /** Users with this name or e-mail address. */
  usersNamed(name: string): readonly TailnetUser[] {
    if (this.#named === null) {
      const named = new Map<string, TailnetUser[]>()
      for (const user of this.users) {
        for (const word of new Set(this.rules.usersHaveEmail ? [user.name, user.email] : [user.name])) {
          const list = named.get(word)
          if (list) list.push(user)
          else named.set(word, [user])
        }
      }
      this.#named = named
    }
    return this.#named.get(name) ?? []
  }

  userOfProvider(id: string): TailnetUser | undefined {
    if (!this.rules.usersHaveEmail) return undefined
    this.#providers ??= new Map(this.users.toReversed().map((user) => [user.providerId, user]))
    return this.#providers.get(id)
  }

  /** Of a group, as the names of users that they are to the release. */
  members(group: string): readonly string[] {
    return (this.#groups.get(group) ?? []).map((member) => memberName(member, this.rules))
  }

  /** Whether every member of a group is a user. */
  hasAllUsers(group: string): boolean {
    return this.members(group).every((member) => this.user(member) !== null)
  }

  hasTag(tag: string): boolean {
    return this.taggedNodes(tag).length > 0
  }

  taggedNodes(tag: string): readonly Node[] {
    if (this.#byTag === null) {
      const byTag = new Map<string, Node[]>()
      for (const node of this.nodes) {
        for (const own of new Set(node.node.tags)) {
          const list = byTag.get(own)
          if (list) list.push(node)
          else byTag.set(own, [node])
        }
      }
      this.#byTag = byTag
    }
    return this.#byTag.get(tag) ?? []
  }

  #ofUser(text: string): IpSet {
    const user = this.user(text)
    return new IpSet((user ? (this.byUser.get(user.id) ?? []) : []).flatMap(({ranges}) => ranges))
  }

  /** Up to 0.25 groups have all nodes of their members, also those with tags. */
  #ofMember(text: string): IpSet {
    if (this.rules.engine === 2) return this.#ofUser(text)
    const user = this.user(text)
    return new IpSet(user ? this.nodesOwnedBy(user.id).flatMap(({ranges}) => ranges) : [])
  }

  /** All nodes of a user, also those with tags. */
  nodesOwnedBy(userId: string): readonly Node[] {
    this.#byOwner ??= Map.groupBy(this.nodes, ({node}) => node.userId)
    return this.#byOwner.get(userId) ?? []
  }

  #ofNodes(matches: (node: Node) => boolean): IpSet {
    return new IpSet(this.nodes.filter(matches).flatMap(({ranges}) => ranges))
  }
}
