/**
 * All access of a policy in a space. Destinations to which the same rules lead are one class, so that the work grows with what
 * is different, not with nodes times rules. For each class, protocol and range of ports the table has the set of sources.
 *
 * As clients do it: ICMP passes where any rule leads, and SSH needs TCP port 22 beside its own rule.
 */
import type {Filter} from '../compile/filter.ts'
import {ownerOf, type Rule} from '../compile/rule.ts'
import type {SshRules} from '../compile/ssh.ts'
import type {Node, Resolver} from '../compile/tailnet.ts'
import type {PortRange} from '../selector.ts'
import {type Bits, bitsOf, common, isEmpty, isSame, union, without} from './bits.ts'
import type {Found, Space} from './space.ts'

/** `tcp`, `icmp`, another protocol, `ssh:NAME`, or `ssh-check:NAME`. The name `*` is every name but root. */
export type Lane = string

/** The sources that reach a range of ports. Protocols without ports have the range from 0 to 65535. */
export interface Segment extends PortRange {
  sources: Bits
}

/** By lane, in ascending order of ports; the segments of a lane do not overlap. */
export type Lanes = ReadonlyMap<Lane, readonly Segment[]>

export interface AccessTable {
  space: Space
  /** The class of each endpoint. */
  classOf: readonly number[]
  lanes(kind: number): Lanes
}

const ALL_PORTS: PortRange = {first: 0, last: 65_535}
/** What a rule without a protocol allows, beside ICMP. */
const DEFAULT_LANES: readonly Lane[] = ['tcp', 'udp']
const NAMED: Readonly<Record<number, Lane>> = {1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp', 132: 'sctp'}

/** What one rule gives one class of destinations. */
interface Part {
  sources: Bits
  lanes: readonly Lane[]
  ports: readonly PortRange[]
}

/** A rule that led to a class, and the class before. */
interface Step {
  before: number
  part: Part | null
}

export function accessTable(filter: Filter, ssh: SshRules, space: Space, resolver: Resolver): AccessTable {
  const builder = new Builder(space, filter)
  for (const rule of filter.shared) builder.rule(rule)
  for (const userId of resolver.byUser.keys()) for (const rule of filter.selfRules(userId)) builder.rule(rule)
  for (const [index, {node}] of space.endpoints.entries()) {
    // The rules of a router are about the endpoints behind it, which follow all nodes.
    if (index === resolver.nodes.length) break
    for (const rule of filter.viaRules(node)) builder.rule(rule, index)
  }
  for (const rule of ssh.rules) builder.ssh(rule, ssh, resolver)
  return builder.table()
}

class Builder {
  readonly #space: Space
  readonly #filter: Filter
  readonly #classOf: number[]
  readonly #steps: Step[] = [{before: -1, part: null}]
  readonly #bits = new Map<Found, Bits[]>()
  /** What only some nodes can know; empty where everybody knows every router. */
  readonly #routers: readonly Node[]
  /** For each endpoint, which sources it knows: equal for those that know the same. */
  readonly #routersKeys: readonly string[]
  readonly #known = new Map<string, Bits>()
  #byUser: ReadonlyMap<string | null, readonly number[]> | null = null

  constructor(space: Space, filter: Filter) {
    this.#filter = filter
    this.#space = space
    const behind = space.endpoints.filter(({range}) => range !== null).map(({node}) => node)
    this.#routers = filter.hidesRouters ? [...new Set(behind)] : []
    this.#routersKeys = this.#routers.length > 0 ? space.endpoints.map((_, index) => this.#routersKey(index)) : []
    this.#classOf = space.endpoints.map(() => 0)
  }

  /** @param through the index of the node to which the rule is limited; its other destinations are those behind it */
  rule({sources, protocols, destinations}: Rule, through: number | null = null): void {
    const [v4, v6, both] = this.#sources(this.#space.find(sources.set))
    const lanes = lanesOf(protocols)
    for (const {targets, ports} of destinations) {
      const found = {v4: new Set<number>(), v6: new Set<number>()}
      for (const {set} of targets) {
        const {v4: in4, v6: in6} = this.#space.find(set)
        for (const index of in4) if (this.#isKept(index, set, through)) found.v4.add(index)
        for (const index of in6) if (this.#isKept(index, set, through)) found.v6.add(index)
      }
      const inBoth = [...found.v4].filter((index) => found.v6.has(index))
      const onlyIn = (one: Set<number>, other: Set<number>) => [...one].filter((index) => !other.has(index))
      this.#add(onlyIn(found.v4, found.v6), {sources: v4!, lanes, ports})
      this.#add(onlyIn(found.v6, found.v4), {sources: v6!, lanes, ports})
      this.#add(inBoth, {sources: both!, lanes, ports})
    }
  }

  ssh({rule, sources, destinations, toSelf, hasOthers}: SshRules['rules'][number], ssh: SshRules, resolver: Resolver) {
    const nodesIn = (found: Found) =>
      [...new Set([...found.v4, ...found.v6])].filter((index) => this.#space.endpoints[index]!.range === null)
    const from = nodesIn(this.#space.find(sources))
    if (from.length === 0) return
    const {root, nonroot, names, localparts, isCheck} = ssh.loginNames(rule)
    const lane = (name: string) => `${isCheck ? 'ssh-check' : 'ssh'}:${name}`
    const lanes = [...(root ? ['root'] : []), ...(nonroot ? ['*'] : []), ...names].map(lane)
    const owner = (index: number) => ownerOf(this.#space.endpoints[index]!.node)
    const add = (to: readonly number[], sourceIndexes: readonly number[]) => {
      this.#add(to, {sources: this.#bitsOf(sourceIndexes), lanes, ports: [ALL_PORTS]})
      for (const [userId, name] of localparts) {
        const own = sourceIndexes.filter((index) => owner(index) === userId)
        this.#add(to, {sources: this.#bitsOf(own), lanes: [lane(name)], ports: [ALL_PORTS]})
      }
    }
    if (hasOthers) add(nodesIn(this.#space.find(destinations)), from)
    if (!toSelf) return
    for (const [userId, own] of Map.groupBy(from, owner)) {
      if (userId !== null) add(this.#ownNodes(userId, resolver), own)
    }
  }

  #ownNodes(userId: string, {nodes}: Resolver): readonly number[] {
    this.#byUser ??= Map.groupBy(nodes.keys(), (index) => ownerOf(nodes[index]!))
    return this.#byUser.get(userId) ?? []
  }

  table(): AccessTable {
    const known = new Map<number, Lanes>()
    const lanes = (kind: number) => {
      const found = known.get(kind) ?? lanesOfParts(this.#partsOf(kind))
      known.set(kind, found)
      return found
    }
    return {space: this.#space, classOf: this.#classOf, lanes}
  }

  /** A node keeps a rule about addresses behind it as an exit node only if it is about the internet, or about itself too. */
  #isKept(index: number, set: Rule['sources']['set'], through: number | null): boolean {
    const {node, isExit} = this.#space.endpoints[index]!
    if (through !== null && this.#space.endpoints[through]!.node !== node) return false
    return !isExit || this.#filter.concerns(set, node)
  }

  /** For IPv4, for IPv6, and for nodes that are reached by both. */
  #sources(found: Found): Bits[] {
    const known = this.#bits.get(found)
    if (known) return known
    const [v4, v6] = [this.#bitsOf(found.v4), this.#bitsOf(found.v6)]
    const made = [v4, v6, union(v4, v6)]
    this.#bits.set(found, made)
    return made
  }

  /** Nothing comes in through an exit node. */
  #bitsOf(indexes: readonly number[]): Bits {
    const {endpoints} = this.#space
    return bitsOf(
      endpoints.length,
      indexes.filter((index) => !endpoints[index]!.isExit),
    )
  }

  /** For each group of destinations, the sources whose nodes they know. */
  #add(destinations: readonly number[], part: Part): void {
    if (this.#routers.length === 0) return this.#addTo(destinations, part)
    for (const [key, group] of Map.groupBy(destinations, (index) => this.#routersKeys[index]!)) {
      const known = this.#known.get(key) ?? this.#sourcesOf(group[0]!)
      this.#known.set(key, known)
      this.#addTo(group, {...part, sources: common(part.sources, known)})
    }
  }

  #routersKey(index: number): string {
    const {node, range} = this.#space.endpoints[index]!
    if (range !== null) return `${this.#routers.indexOf(node)}`
    return this.#routers.map((router) => (this.#filter.arePeers(node, router) ? '+' : '-')).join('')
  }

  #sourcesOf(to: number): Bits {
    const {endpoints} = this.#space
    const {node, range} = endpoints[to]!
    const known = [...endpoints.keys()].filter((index) => {
      const from = endpoints[index]!
      return (range === null && from.range === null) || this.#filter.arePeers(from.node, node)
    })
    return bitsOf(endpoints.length, known)
  }

  #addTo(destinations: readonly number[], part: Part): void {
    if (destinations.length === 0 || isEmpty(part.sources) || part.lanes.length === 0) return
    const next = new Map<number, number>()
    for (const index of destinations) {
      const before = this.#classOf[index]!
      let after = next.get(before)
      if (after === undefined) {
        after = this.#steps.push({before, part}) - 1
        next.set(before, after)
      }
      this.#classOf[index] = after
    }
  }

  #partsOf(kind: number): Part[] {
    const parts: Part[] = []
    for (let at = kind; at > 0; at = this.#steps[at]!.before) parts.push(this.#steps[at]!.part!)
    return parts
  }
}

function lanesOf(protocols: readonly number[]): readonly Lane[] {
  if (protocols.length === 0) return DEFAULT_LANES
  return [...new Set(protocols.map((number) => NAMED[number] ?? `ip:${number}`))]
}

function lanesOfParts(parts: readonly Part[]): Lanes {
  const entries = new Map<Lane, Segment[]>()
  const add = (lane: Lane, range: PortRange, sources: Bits) => {
    const list = entries.get(lane)
    const segment = {first: range.first, last: range.last, sources}
    if (list) list.push(segment)
    else entries.set(lane, [segment])
  }
  for (const {sources, lanes, ports} of parts) {
    for (const lane of lanes) {
      if (lane === 'icmp' || lane.startsWith('ssh')) continue
      const hasPorts = !lane.startsWith('ip:')
      for (const range of ports) {
        if (hasPorts || (range.first === 0 && range.last === 65_535)) add(lane, range, sources)
      }
    }
    if (!lanes[0]!.startsWith('ssh')) add('icmp', ALL_PORTS, sources)
  }
  const lanes = new Map<Lane, readonly Segment[]>()
  for (const [lane, list] of entries) lanes.set(lane, segmentsOf(list))
  addSsh(lanes, parts)
  return lanes
}

/** Overlapping ranges of ports as ranges that do not overlap. */
function segmentsOf(entries: readonly Segment[]): readonly Segment[] {
  if (entries.length === 1) return entries
  const sorted = entries.toSorted((a, b) => a.first - b.first)
  const starts = new Set(sorted.flatMap(({first, last}) => [first, last + 1]))
  const cuts = [...starts].toSorted((a, b) => a - b)
  const segments: Segment[] = []
  let open: Segment[] = []
  let next = 0
  for (const [i, first] of cuts.entries()) {
    const end = cuts[i + 1]
    if (end === undefined) break
    open = open.filter(({last}) => last >= first)
    while (next < sorted.length && sorted[next]!.first === first) open.push(sorted[next++]!)
    if (open.length === 0) continue
    const sources = open.reduce((sum, segment) => union(sum, segment.sources), open[0]!.sources)
    const previous = segments.at(-1)
    if (previous && previous.last === first - 1 && isSame(previous.sources, sources)) previous.last = end - 1
    else segments.push({first, last: end - 1, sources})
  }
  return segments
}

/** SSH where TCP port 22 is open. A check comes before an accept, and what holds for every name is not repeated for one. */
function addSsh(lanes: Map<Lane, readonly Segment[]>, parts: readonly Part[]): void {
  const port22 = lanes.get('tcp')?.find(({first, last}) => first <= 22 && 22 <= last)
  if (!port22) return
  const found = new Map<Lane, Bits>()
  for (const part of parts) {
    for (const lane of part.lanes) {
      if (!lane.startsWith('ssh')) continue
      const before = found.get(lane)
      found.set(lane, before ? union(before, part.sources) : part.sources)
    }
  }
  const checkedByAll = found.get('ssh-check:*')
  const acceptedByAll = found.get('ssh:*')
  for (const [lane, bits] of found) {
    const [kind, name] = [lane.slice(0, lane.indexOf(':')), lane.slice(lane.indexOf(':') + 1)]
    const stronger = [
      kind === 'ssh' ? found.get(`ssh-check:${name}`) : undefined,
      name === 'root' || name === '*' ? undefined : checkedByAll,
      name === 'root' || name === '*' || kind === 'ssh-check' ? undefined : acceptedByAll,
    ]
    const open = common(bits, port22.sources)
    const sources = stronger.reduce<Bits>((left, other) => (other ? without(left, other) : left), open)
    if (!isEmpty(sources)) lanes.set(lane, [{...ALL_PORTS, sources}])
  }
}
