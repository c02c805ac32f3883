/**
 * The packet filter of each node, as headscale 0.29 and later compile it: ACLs and grants become rules with addresses, equal
 * sources are merged, and a node gets what concerns its own addresses and routes.
 */
import type {Acl, Capability, Grant, Located, Policy} from '../policy.ts'
import {destinationOf, parsePorts, type PortRange, type Selector} from '../selector.ts'
import type {PolicyRelease} from '../releases.ts'
import {compileAcls} from './acls.ts'
import {contains, EVERYTHING, formatPrefix, INTERNET, IpSet, overlaps, type Range} from './ip-set.ts'
import {
  ALLOW_ALL,
  ANYWHERE,
  type Compiled,
  numbersOf,
  ownerOf,
  type Rule,
  type Sources,
  type Target,
  targetOf,
} from './rule.ts'
import {Peers} from './peers.ts'
import type {Node, Resolver} from './tailnet.ts'

/** A rule in Tailscale's form. */
export interface FilterRule {
  SrcIPs: string[]
  DstPorts?: {IP: string; Ports: {First: number; Last: number}}[]
  IPProto?: number[]
  CapGrant?: {Dsts: string[]; CapMap: Record<string, unknown[] | null>}[]
}

/** Ports and protocols, of an ACL or of an entry of `ip`. */
interface Ports {
  protocols: readonly number[]
  ranges: readonly PortRange[]
}

/** An ACL with one destination, or a grant. */
interface Access {
  origin: Located
  src: readonly Selector[]
  dst: readonly Selector[]
  ports: readonly Ports[]
  app: readonly Capability[] | null
  via: readonly string[]
}

/** Capabilities that bring another one in the other direction. */
const COMPANIONS: readonly (readonly [string, string])[] = [
  ['tailscale.com/cap/drive', 'tailscale.com/cap/drive-sharer'],
  ['tailscale.com/cap/relay', 'tailscale.com/cap/relay-target'],
]

/** Compiles the rules of a policy once, for any number of nodes. */
export class Filter {
  readonly #resolver: Resolver
  readonly #isGrants: boolean
  readonly #compiled: readonly Compiled[] | null
  /** Null if everybody knows every router that a rule is about. */
  readonly #peers: Peers | null
  readonly #ofUsers: readonly Compiled[]
  readonly #ofRouters: readonly Compiled[]
  readonly #sources = new Map<string, Sources>()
  readonly #targets = new Map<string, readonly Target[]>()

  /** @param policy null for no policy at all, which allows everything */
  constructor(policy: Policy | null, resolver: Resolver, rules: PolicyRelease) {
    this.#resolver = resolver
    this.#isGrants = rules.compiler === 'grants'
    if (policy === null || (rules.emptyAllowsAll && !policy.hasAcls && !policy.hasGrants)) this.#compiled = null
    else if (!this.#isGrants) this.#compiled = compileAcls(policy, resolver, rules)
    else {
      const accesses = [
        ...policy.grants.map((grant) => this.#grant(grant, rules)),
        ...policy.acls.flatMap((acl) => this.#acl(acl, rules)),
      ]
      this.#compiled = accesses.flatMap((access) => this.#compile(access) ?? [])
    }
    this.#peers = rules.hidesRouters && this.#compiled !== null ? new Peers(this.shared, resolver.nodes) : null
    this.#ofUsers = this.#compiled?.filter(({self}) => self !== null) ?? []
    this.#ofRouters = this.#compiled?.filter(({via}) => via !== null) ?? []
  }

  /** The rules that all nodes share, in order. */
  get shared(): readonly Rule[] {
    return this.#compiled?.flatMap(({shared}) => shared) ?? [ALLOW_ALL]
  }

  /** The rules between the nodes of a user. */
  selfRules(userId: string): readonly Rule[] {
    return this.#ofUsers.flatMap(({self}) => self?.(userId) ?? [])
  }

  /** The rules about the routes of a node that only it has. */
  viaRules(node: Node): readonly Rule[] {
    return this.#ofRouters.flatMap(({via}) => via?.(node) ?? [])
  }

  get hidesRouters(): boolean {
    return this.#peers !== null
  }

  /** Whether the nodes know each other, without which nothing behind one of them can be reached. */
  arePeers(one: Node, other: Node): boolean {
    return this.#peers === null || this.#peers.has(one.node, other.node)
  }

  /** All rules that can concern the node, in order. */
  rulesFor(node: Node): readonly Rule[] {
    const owner = ownerOf(node)
    const rules = this.#compiled?.flatMap(({shared, self, via}) =>
      self || via ? [...shared, ...((owner !== null && self?.(owner)) || []), ...(via?.(node) ?? [])] : shared,
    )
    return rules ?? [ALLOW_ALL]
  }

  /** The rules that concern the node, in Tailscale's form. */
  forNode(node: Node): FilterRule[] {
    const rules = this.rulesFor(node)
    return (this.#isGrants ? merge(rules) : rules).flatMap((rule) => this.#reduce(rule, node) ?? [])
  }

  /** Whether a node gets rules about a destination: its own address, its routes, and the internet if it is an exit node. */
  concerns(set: IpSet, node: Node): boolean {
    if (node.addresses.some((address) => set.contains(address))) return true
    // Before 0.29 a route that is not approved counts, and an exit route is one that overlaps everything.
    if (!this.#isGrants) return node.announced.some((route) => set.overlaps(route))
    return node.subnets.some((subnet) => set.overlaps(subnet)) || (node.isExitNode && set.isIn(INTERNET))
  }

  #reduce(rule: Rule, node: Node): FilterRule | null {
    if (rule.grants.length > 0) return reduceCapabilities(rule, node)
    const own = rule.destinations.flatMap(({targets, ports}) =>
      targets
        .filter(({set}) => this.concerns(set, node))
        .flatMap(({text}) => ports.map(({first, last}) => ({IP: text, Ports: {First: first, Last: last}}))),
    )
    if (own.length === 0) return null
    return {
      SrcIPs: [...rule.sources.texts],
      DstPorts: own,
      ...(rule.protocols.length > 0 && {IPProto: [...rule.protocols]}),
    }
  }

  #acl(acl: Acl, rules: PolicyRelease): Access[] {
    const {proto, src, dst} = acl
    const sources = src.map(({text}) => this.#resolver.parse(text))
    const accesses = dst.flatMap((item): Access[] => {
      const destination = destinationOf(item, rules)
      if ('problem' in destination || destination.ports === null || 'problem' in destination.ports) return []
      const protocols = numbersOf(proto?.text.toLowerCase() ?? '')
      const ports = [{protocols, ranges: destination.ports.ranges}]
      return [{origin: acl, src: sources, dst: [destination.selector], ports, app: null, via: []}]
    })
    if (accesses.every((access) => access.dst[0]!.kind === 'autogroup')) return accesses
    const isSelf = ({dst: [selector]}: Access) => selector!.text === 'autogroup:self'
    return [...accesses.filter((access) => !isSelf(access)), ...accesses.filter(isSelf)]
  }

  #grant(grant: Grant, rules: PolicyRelease): Access {
    const {src, dst, ip, app, hasApp, via} = grant
    return {
      origin: grant,
      src: src.map(({text}) => this.#resolver.parse(text)),
      dst: dst.map(({text}) => this.#resolver.parse(text)),
      ports: ip.map(({text}) => {
        const [proto, portText] = text.includes(':') ? text.split(':') : ['*', text]
        const ports = parsePorts(portText!, rules)
        return {protocols: numbersOf(proto!), ranges: 'problem' in ports ? [] : ports.ranges}
      }),
      app: hasApp ? app : null,
      via: via.map(({text}) => text),
    }
  }

  #compile(access: Access): Compiled | null {
    if (access.via.length > 0) return this.#compileVia(access)
    if (access.src.length === 0 || access.dst.length === 0) return null
    const sources = access.src.flatMap((selector) => this.#resolver.resolve(selector) ?? [])
    if (sources.length === 0 && access.app === null) return null
    const others = access.dst.filter(({text}) => text !== 'autogroup:self')
    const shared = others.length > 0 ? this.#rulesFor(access, others, sources) : []
    if (others.length === access.dst.length) return {shared, self: null, via: null}
    const known = new Map<string, readonly Rule[]>()
    const self = (userId: string) => {
      const rules = known.get(userId) ?? this.#selfRules(access, sources, userId)
      known.set(userId, rules)
      return rules
    }
    return {shared, self, via: null}
  }

  #sourcesOf(selectors: readonly Selector[], sets: readonly IpSet[]): Sources {
    const key = selectors.map(({text}) => text).join('\n')
    const known = this.#sources.get(key) ?? this.#findSources(selectors, sets)
    this.#sources.set(key, known)
    return known
  }

  /** With `*`, approved routes are sources too, and other sources stay visible beside it. */
  #findSources(selectors: readonly Selector[], sets: readonly IpSet[]): Sources {
    const set = new IpSet(sets.flatMap(({ranges}) => ranges))
    if (set.isEmpty) return {set, texts: []}
    if (selectors.some(({text}) => text === 'autogroup:danger-all')) {
      return {set: EVERYTHING, texts: ['*', ...this.#others(selectors, ['*'])]}
    }
    if (!selectors.some(({kind}) => kind === 'any')) return {set, texts: set.texts}
    const routes = this.#approvedRoutes()
    const texts = [...set.texts, ...routes.map(formatPrefix)]
    return {set: new IpSet([...set.ranges, ...routes]), texts: [...texts, ...this.#others(selectors, texts)]}
  }

  #others(selectors: readonly Selector[], texts: readonly string[]): string[] {
    if (!selectors.some(({kind}) => kind === 'any')) return []
    const seen = new Set(texts)
    return selectors.flatMap((selector) => {
      if (selector.kind === 'any') return []
      const fresh = (this.#resolver.resolve(selector)?.texts ?? []).filter((text) => !seen.has(text))
      for (const text of fresh) seen.add(text)
      return fresh
    })
  }

  /** Each once. */
  #approvedRoutes(): readonly Range[] {
    const routes = this.#resolver.nodes.flatMap(({subnets}) => subnets)
    return [...new Map(routes.map((route) => [formatPrefix(route), route])).values()]
  }

  #rulesFor({origin, src, ports, app}: Access, selectors: readonly Selector[], sets: readonly IpSet[]): Rule[] {
    const sources = this.#sourcesOf(src, sets)
    const rules = ports.flatMap(({protocols, ranges}): Rule[] => {
      const destinations = selectors
        .map((selector) => ({targets: this.#targetsOf(selector), ports: ranges}))
        .filter(({targets}) => targets.length > 0 && ranges.length > 0)
      const isEmpty = destinations.length === 0 || sources.texts.length === 0
      return isEmpty ? [] : [{origin, sources, protocols, destinations, grants: []}]
    })
    if (app === null) return rules
    const destinations = selectors.flatMap((selector) => this.#resolver.resolve(selector) ?? [])
    if (destinations.length === 0) return rules
    const back = new IpSet([
      ...destinations.flatMap(({ranges}) => ranges),
      ...(selectors.some(({kind}) => kind === 'any') ? this.#approvedRoutes() : []),
    ])
    const texts = [
      ...destinations.flatMap((set) => set.texts),
      ...(selectors.some(({kind}) => kind === 'any') ? this.#approvedRoutes().map(formatPrefix) : []),
    ]
    const prefixes = destinations.map((set) => set.prefixes)
    const from = sets.flatMap((set) => set.prefixes)
    return [...rules, ...capRules({origin, app, sources}, prefixes, {set: back, texts}, from)]
  }

  #targetsOf(selector: Selector): readonly Target[] {
    if (selector.kind === 'any') return ANYWHERE
    const known = this.#targets.get(selector.text)
    if (known) return known
    const targets = (this.#resolver.resolve(selector)?.prefixes ?? []).map((prefix) => targetOf(prefix))
    this.#targets.set(selector.text, targets)
    return targets
  }

  #selfRules({origin, ports, app}: Access, sets: readonly IpSet[], userId: string): Rule[] {
    const own = this.#resolver.byUser.get(userId) ?? []
    const set = new IpSet(
      own
        .filter(({addresses}) => sets.some((from) => addresses.some((address) => from.contains(address))))
        .flatMap(({ranges}) => ranges),
    )
    if (set.isEmpty) return []
    const sources = {set, texts: set.texts}
    const targets = own.flatMap(({ranges}) => ranges.map((range) => targetOf(range)))
    const rules = ports
      .filter(({ranges}) => ranges.length > 0)
      .map(({protocols, ranges}): Rule => {
        return {origin, sources, protocols, destinations: [{targets, ports: ranges}], grants: []}
      })
    if (app === null) return rules
    const back = {set: new IpSet(own.flatMap(({ranges}) => ranges)), texts: targets.map(({text}) => text)}
    const prefixes = own.map((peer) => peer.ranges)
    return [...rules, ...capRules({origin, app, sources}, prefixes, back, set.prefixes)]
  }

  /** Rules for nodes with one of the tags, about the routes that they serve. */
  #compileVia({origin, src, dst, ports, via}: Access): Compiled | null {
    if (ports.length === 0) return null
    const merged = new IpSet(
      src.flatMap((selector) => this.#resolver.resolve(selector) ?? []).flatMap(({ranges}) => ranges),
    )
    if (merged.isEmpty) return null
    const isAny = src.some(({kind}) => kind === 'any')
    const routes = isAny ? this.#approvedRoutes() : []
    const sources: Sources = src.some(({text}) => text === 'autogroup:danger-all')
      ? {set: EVERYTHING, texts: ['*']}
      : {set: new IpSet([...merged.ranges, ...routes]), texts: [...merged.texts, ...routes.map(formatPrefix)]}
    const toInternet = dst.some(({text}) => text === 'autogroup:internet')
    const wanted = dst
      .filter(({text}) => text !== 'autogroup:internet')
      .flatMap((selector) => this.#resolver.resolve(selector)?.prefixes ?? [])
    const forNode = (node: Node): readonly Rule[] => {
      if (!via.some((tag) => node.node.tags.includes(tag))) return []
      const prefixes = wanted.filter((prefix) => node.subnets.some((subnet) => overlaps(prefix, subnet)))
      if (toInternet && node.isExitNode) prefixes.push(...INTERNET.prefixes)
      if (prefixes.length === 0) return []
      const targets = prefixes.map((prefix) => targetOf(prefix, formatPrefix))
      return ports.map(({protocols, ranges}) => {
        return {origin, sources, protocols, destinations: [{targets, ports: ranges}], grants: []}
      })
    }
    return {shared: [], self: null, via: forNode}
  }
}

/** A rule for each list of destinations together, and the companions in the other direction. */
function capRules(
  {origin, app, sources}: {origin: Located; app: readonly Capability[]; sources: Sources},
  destinations: readonly (readonly Range[])[],
  back: Sources,
  sourcePrefixes: readonly Range[],
): Rule[] {
  const capabilities = Object.fromEntries(app.map(({text, values}) => [text, values]))
  const grants = destinations.map((prefixes) => ({destinations: prefixes, capabilities}))
  const rule = {origin, protocols: [], destinations: []}
  const companions = COMPANIONS.filter(([name]) => name in capabilities).map(([, companion]) => ({
    ...rule,
    sources: back,
    grants: [{destinations: sourcePrefixes, capabilities: {[companion]: null}}],
  }))
  return [{...rule, sources, grants}, ...companions]
}

/** Rules with the same sources and protocols become one. Those with capabilities stay apart. */
function merge(rules: readonly Rule[]): Rule[] {
  const merged: Rule[] = []
  const places = new Map<string, number>()
  for (const rule of rules) {
    const key = `${rule.sources.texts.join(',')}|${rule.protocols.join(',')}`
    const place = rule.grants.length > 0 ? undefined : places.get(key)
    if (place !== undefined) {
      const first = merged[place]!
      merged[place] = {...first, destinations: [...first.destinations, ...rule.destinations]}
      continue
    }
    if (rule.grants.length === 0) places.set(key, merged.length)
    merged.push(rule)
  }
  return merged
}

/** Wide destinations are narrowed to the addresses of the node; those that overlap its routes stay. */
function reduceCapabilities(rule: Rule, node: Node): FilterRule | null {
  const grants = rule.grants.flatMap(({destinations, capabilities}) => {
    const own = destinations.flatMap((prefix) => node.addresses.filter((address) => contains(prefix, address)))
    const routes = destinations.filter((prefix) => node.subnets.some((subnet) => overlaps(prefix, subnet)))
    const ranges: Range[] = [...own.map((address): Range => [address, address]), ...routes]
    const texts = [...new Set(ranges.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)).map(formatPrefix))]
    return texts.length > 0 ? [{Dsts: texts, CapMap: capabilities}] : []
  })
  return grants.length > 0 ? {SrcIPs: [...rule.sources.texts], CapGrant: grants} : null
}
