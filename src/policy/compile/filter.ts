/**
 * The packet filter of each node, as headscale 0.29 and later compile it: ACLs and grants become rules with addresses, equal
 * sources are merged, and a node gets what concerns its own addresses and routes.
 */
import type {Acl, Capability, Grant, Policy} from '../policy.ts'
import {parseDestination, parsePorts, type PortRange, type Selector} from '../selector.ts'
import type {PolicyRelease} from '../releases.ts'
import {
  contains,
  formatPrefix,
  formatShort,
  INTERNET,
  IpSet,
  overlaps,
  parseAddress,
  type Range,
  rangeOf,
  EVERYTHING,
} from './ip-set.ts'
import type {Node, Resolver} from './tailnet.ts'

/** A rule in Tailscale's form. */
export interface FilterRule {
  SrcIPs: string[]
  DstPorts?: {IP: string; Ports: {First: number; Last: number}}[]
  IPProto?: number[]
  CapGrant?: {Dsts: string[]; CapMap: Record<string, unknown[] | null>}[]
}

/** A rule for all nodes, before it is reduced to one. */
export interface SharedRule {
  set: IpSet
  protocols: readonly number[]
  destinations: readonly Destination[]
}

export interface Destination {
  text: string
  set: IpSet
  ports: PortRange
}

interface CapGrant {
  destinations: readonly Range[]
  capabilities: Record<string, unknown[] | null>
}

interface Rule {
  sources: readonly string[]
  protocols: readonly number[]
  destinations: readonly Destination[]
  grants: readonly CapGrant[]
}

/** Ports and protocols, of an ACL or of an entry of `ip`. */
interface Ports {
  protocols: readonly number[]
  ranges: readonly PortRange[]
}

/** An ACL with one destination, or a grant. */
interface Access {
  src: readonly Selector[]
  dst: readonly Selector[]
  ports: readonly Ports[]
  app: readonly Capability[] | null
  via: readonly string[]
}

/** The rules that all nodes share, and those that depend on the node. */
interface Compiled {
  rules: readonly Rule[]
  forNode: ((node: Node) => Rule[]) | null
}

const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  'ip-in-ip': 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  fc: 133,
}

/** Capabilities that bring another one in the other direction. */
const COMPANIONS: readonly (readonly [string, string])[] = [
  ['tailscale.com/cap/drive', 'tailscale.com/cap/drive-sharer'],
  ['tailscale.com/cap/relay', 'tailscale.com/cap/relay-target'],
]

const ALLOW_ALL: Rule = {
  sources: ['*'],
  protocols: [],
  destinations: [{text: '*', set: EVERYTHING, ports: {first: 0, last: 65_535}}],
  grants: [],
}

/** Compiles the rules of a policy once, for any number of nodes. */
export class Filter {
  readonly #resolver: Resolver
  readonly #compiled: readonly Compiled[] | null

  /** @param policy null for no policy at all, which allows everything */
  constructor(policy: Policy | null, resolver: Resolver, rules: PolicyRelease) {
    this.#resolver = resolver
    if (policy === null || (!policy.hasAcls && !policy.hasGrants)) this.#compiled = null
    else {
      const accesses = [
        ...policy.grants.map((grant) => this.#grant(grant, rules)),
        ...policy.acls.flatMap((acl) => this.#acl(acl, rules)),
      ]
      this.#compiled = accesses.flatMap((access) => this.#compile(access) ?? [])
    }
  }

  /** The rules that all nodes share: those with `via`, and those to `autogroup:self`, are not among them. */
  get shared(): SharedRule[] {
    const rules = this.#compiled?.flatMap(({rules: shared}) => shared) ?? [ALLOW_ALL]
    return rules.map(({sources, protocols, destinations}) => ({set: setOf(sources), protocols, destinations}))
  }

  /** The rules that concern the node. */
  forNode(node: Node): FilterRule[] {
    const rules = this.#compiled?.flatMap(({rules: shared, forNode}) => [...shared, ...(forNode?.(node) ?? [])])
    return merge(rules ?? [ALLOW_ALL]).flatMap((rule) => reduce(rule, node) ?? [])
  }

  #acl({proto, src, dst}: Acl, rules: PolicyRelease): Access[] {
    const sources = src.map(({text}) => this.#resolver.parse(text))
    const accesses = dst.flatMap((item): Access[] => {
      const destination = parseDestination(item.text, rules)
      if ('problem' in destination || destination.ports === null || 'problem' in destination.ports) return []
      const protocols = numbersOf(proto?.text.toLowerCase() ?? '')
      const ports = [{protocols, ranges: destination.ports.ranges}]
      return [{src: sources, dst: [destination.selector], ports, app: null, via: []}]
    })
    if (accesses.every((access) => access.dst[0]!.kind === 'autogroup')) return accesses
    const isSelf = ({dst: [selector]}: Access) => selector!.text === 'autogroup:self'
    return [...accesses.filter((access) => !isSelf(access)), ...accesses.filter(isSelf)]
  }

  #grant({src, dst, ip, app, hasApp, via}: Grant, rules: PolicyRelease): Access {
    return {
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
    const rules =
      others.length > 0 ? this.#rulesFor(access, others, sources, this.#sourceTexts(access.src, sources)) : []
    if (others.length === access.dst.length) return {rules, forNode: null}
    return {rules, forNode: (node) => this.#selfRules(access, sources, node)}
  }

  /** With `*`, approved routes are sources too, and other sources stay visible beside it. */
  #sourceTexts(selectors: readonly Selector[], sources: readonly IpSet[]): string[] {
    const merged = new IpSet(sources.flatMap(({ranges}) => ranges))
    if (merged.isEmpty) return []
    if (selectors.some(({text}) => text === 'autogroup:danger-all')) return ['*', ...this.#others(selectors, ['*'])]
    if (!selectors.some(({kind}) => kind === 'any')) return merged.texts
    const texts = [...merged.texts, ...this.#approvedRoutes()]
    return [...texts, ...this.#others(selectors, texts)]
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

  #approvedRoutes(): string[] {
    return [...new Set(this.#resolver.nodes.flatMap(({subnets}) => subnets.map(formatPrefix)))]
  }

  #rulesFor(
    {ports, app}: Access,
    selectors: readonly Selector[],
    sources: readonly IpSet[],
    texts: readonly string[],
  ): Rule[] {
    const rules = ports.flatMap(({protocols, ranges}): Rule[] => {
      const destinations = selectors.flatMap((selector) => this.#destinations(selector, ranges))
      return destinations.length > 0 && texts.length > 0 ? [{sources: texts, protocols, destinations, grants: []}] : []
    })
    if (app === null) return rules
    const sets = selectors.flatMap((selector) => this.#resolver.resolve(selector) ?? [])
    if (sets.length === 0) return rules
    const back = [
      ...sets.flatMap((set) => set.texts),
      ...(selectors.some(({kind}) => kind === 'any') ? this.#approvedRoutes() : []),
    ]
    return [
      ...rules,
      ...capRules(
        app,
        texts,
        sets.map(({prefixes}) => prefixes),
        back,
        sources.flatMap((set) => set.prefixes),
      ),
    ]
  }

  #destinations(selector: Selector, ranges: readonly PortRange[]): Destination[] {
    if (selector.kind === 'any') return ranges.map((ports) => ({text: '*', set: EVERYTHING, ports}))
    const prefixes = this.#resolver.resolve(selector)?.prefixes ?? []
    return prefixes.flatMap((prefix) => destinationsOf(prefix, ranges))
  }

  /** Rules between the nodes of one user. */
  #selfRules({ports, app}: Access, sources: readonly IpSet[], node: Node): Rule[] {
    const {userId} = node.node
    if (node.isTagged || userId === null) return []
    const own = this.#resolver.byUser.get(userId) ?? []
    const from = new IpSet(
      own
        .filter(({addresses}) => sources.some((set) => addresses.some((address) => set.contains(address))))
        .flatMap(({ranges}) => ranges),
    )
    if (from.isEmpty) return []
    const rules = ports.flatMap(({protocols, ranges}): Rule[] => {
      const destinations = own.flatMap((peer) => peer.ranges.flatMap((range) => destinationsOf(range, ranges)))
      return destinations.length > 0 ? [{sources: from.texts, protocols, destinations, grants: []}] : []
    })
    if (app === null) return rules
    const back = own.flatMap((peer) => peer.ranges.map(formatShort))
    return [
      ...rules,
      ...capRules(
        app,
        from.texts,
        own.map((peer) => peer.ranges),
        back,
        from.prefixes,
      ),
    ]
  }

  /** Rules for nodes with one of the tags, about the routes that they serve. */
  #compileVia({src, dst, ports, via}: Access): Compiled | null {
    if (ports.length === 0) return null
    const sources = src.flatMap((selector) => this.#resolver.resolve(selector) ?? [])
    const merged = new IpSet(sources.flatMap(({ranges}) => ranges))
    if (merged.isEmpty) return null
    const texts = src.some(({text}) => text === 'autogroup:danger-all')
      ? ['*']
      : [...merged.texts, ...(src.some(({kind}) => kind === 'any') ? this.#approvedRoutes() : [])]
    const toInternet = dst.some(({text}) => text === 'autogroup:internet')
    const wanted = dst
      .filter(({text}) => text !== 'autogroup:internet')
      .flatMap((selector) => this.#resolver.resolve(selector)?.prefixes ?? [])
    const forNode = (node: Node): Rule[] => {
      if (!via.some((tag) => node.node.tags.includes(tag))) return []
      const prefixes = wanted.filter((prefix) => node.subnets.some((subnet) => overlaps(prefix, subnet)))
      if (toInternet && node.isExitNode) prefixes.push(...INTERNET.prefixes)
      if (prefixes.length === 0) return []
      return ports.map(({protocols, ranges}) => ({
        sources: texts,
        protocols,
        destinations: prefixes.flatMap((prefix) => destinationsOf(prefix, ranges, formatPrefix)),
        grants: [],
      }))
    }
    return {rules: [], forNode}
  }
}

/** The addresses of the sources of a rule. */
function setOf(texts: readonly string[]): IpSet {
  return new IpSet(
    texts.flatMap((text): readonly Range[] => {
      if (text === '*') return EVERYTHING.ranges
      const [first, last] = text.split('-')
      return [last === undefined ? rangeOf(text) : [parseAddress(first!), parseAddress(last)]]
    }),
  )
}

function destinationsOf(prefix: Range, ranges: readonly PortRange[], format = formatShort): Destination[] {
  const set = new IpSet([prefix])
  const text = format(prefix)
  return ranges.map((ports) => ({text, set, ports}))
}

/** A rule for each list of destinations together, and the companions in the other direction. */
function capRules(
  app: readonly Capability[],
  sources: readonly string[],
  destinations: readonly (readonly Range[])[],
  back: readonly string[],
  sourcePrefixes: readonly Range[],
): Rule[] {
  const capabilities = Object.fromEntries(app.map(({text, values}) => [text, values]))
  const grants = destinations.map((prefixes) => ({destinations: prefixes, capabilities}))
  const companions = COMPANIONS.filter(([name]) => name in capabilities).map(([, companion]) => ({
    sources: back,
    protocols: [],
    destinations: [],
    grants: [{destinations: sourcePrefixes, capabilities: {[companion]: null}}],
  }))
  return [{sources, protocols: [], destinations: [], grants}, ...companions]
}

function numbersOf(protocol: string): number[] {
  if (protocol === '' || protocol === '*') return []
  return [NUMBERS[protocol] ?? Number(protocol)]
}

/** Rules with the same sources and protocols become one. Those with capabilities stay apart. */
function merge(rules: readonly Rule[]): Rule[] {
  const merged: Rule[] = []
  const places = new Map<string, number>()
  for (const rule of rules) {
    const key = `${rule.sources.join(',')}|${rule.protocols.join(',')}`
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

function reduce(rule: Rule, node: Node): FilterRule | null {
  if (rule.grants.length > 0) return reduceCapabilities(rule, node)
  const own = rule.destinations.filter(
    ({set}) =>
      node.addresses.some((address) => set.contains(address)) ||
      node.subnets.some((subnet) => set.overlaps(subnet)) ||
      (node.isExitNode && set.isIn(INTERNET)),
  )
  if (own.length === 0) return null
  return {
    SrcIPs: [...rule.sources],
    DstPorts: own.map(({text, ports: {first, last}}) => ({IP: text, Ports: {First: first, Last: last}})),
    ...(rule.protocols.length > 0 && {IPProto: [...rule.protocols]}),
  }
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
  return grants.length > 0 ? {SrcIPs: [...rule.sources], CapGrant: grants} : null
}
