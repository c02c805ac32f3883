/**
 * Whom access is about: the nodes, and the addresses behind them. The addresses behind routers are divided where a rule begins or
 * ends, so that a rule holds for all of an endpoint or for none of it. One space can serve several policies, whose access then
 * can be compared endpoint by endpoint.
 */
import type {Filter} from '../compile/filter.ts'
import type {Rule} from '../compile/rule.ts'
import {INTERNET, IpSet, type Range, V6} from '../compile/ip-set.ts'
import type {Node, Resolver} from '../compile/tailnet.ts'

/** A node, or addresses behind it. */
export interface Endpoint {
  node: Node
  /** Null for the node itself. */
  range: Range | null
  /** Whether they are reached through an exit node, not through an approved subnet. */
  isExit: boolean
}

/** Endpoints of a set of addresses, by family: a rule holds only within one. */
export interface Found {
  v4: readonly number[]
  v6: readonly number[]
}

export class Space {
  /** Nodes first, in the order of the resolver, as sources and as destinations. */
  readonly endpoints: readonly Endpoint[]
  readonly #addresses: readonly bigint[]
  readonly #indexes: readonly number[]
  readonly #found = new Map<IpSet, Found>()

  /**
   * @param filters of policies on the tailnet of the resolver
   * @param others further sets that hold for all of an endpoint or for none of it
   */
  constructor({nodes}: Resolver, filters: readonly Filter[], others: readonly IpSet[] = []) {
    const subnets = new IpSet(nodes.flatMap((node) => node.subnets))
    const exits = nodes.some(({isExitNode}) => isExitNode) ? INTERNET.without(subnets.ranges) : new IpSet([])
    const cuts = boundaries(nodes, filters, others, new IpSet([...subnets.ranges, ...exits.ranges]))
    this.endpoints = [
      ...nodes.map((node): Endpoint => ({node, range: null, isExit: false})),
      ...nodes.flatMap((node) => behind(node, new IpSet(node.subnets), cuts, false)),
      ...nodes.flatMap((node) => (node.isExitNode ? behind(node, exits, cuts, true) : [])),
    ]
    const starts = this.endpoints
      .flatMap(({node, range}, index) => (range ? [range[0]] : node.addresses).map((address) => ({address, index})))
      .toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
    this.#addresses = starts.map(({address}) => address)
    this.#indexes = starts.map(({index}) => index)
  }

  /** The endpoints whose addresses are in the set. */
  find(set: IpSet): Found {
    const known = this.#found.get(set)
    if (known) return known
    const found = {v4: new Set<number>(), v6: new Set<number>()}
    for (const [first, last] of set.ranges) {
      for (let at = firstFrom(this.#addresses, first); at < this.#addresses.length; at++) {
        if (this.#addresses[at]! > last) break
        found[first < V6 ? 'v4' : 'v6'].add(this.#indexes[at]!)
      }
    }
    const lists = {v4: [...found.v4], v6: [...found.v6]}
    this.#found.set(set, lists)
    return lists
  }
}

function behind(node: Node, set: IpSet, cuts: readonly bigint[], isExit: boolean): Endpoint[] {
  return set.ranges.flatMap(([first, last]) => {
    const parts: Endpoint[] = []
    let start = first
    for (let at = firstFrom(cuts, first + 1n); at < cuts.length && cuts[at]! <= last; at++) {
      parts.push({node, range: [start, cuts[at]! - 1n], isExit})
      start = cuts[at]!
    }
    return [...parts, {node, range: [start, last], isExit}]
  })
}

/** Where addresses behind routers must be divided, in ascending order. */
function boundaries(
  nodes: readonly Node[],
  filters: readonly Filter[],
  others: readonly IpSet[],
  external: IpSet,
): bigint[] {
  if (external.isEmpty) return []
  const sets = new Set<IpSet>(others)
  const add = ({sources, destinations}: Rule) => {
    sets.add(sources.set)
    for (const {targets} of destinations) for (const {set} of targets) sets.add(set)
  }
  for (const filter of filters) {
    for (const rule of filter.shared) add(rule)
    for (const node of nodes) for (const rule of filter.viaRules(node)) add(rule)
  }
  const firsts = external.ranges.map(([first]) => first)
  const cuts = new Set<bigint>()
  const cut = (at: bigint) => {
    const range = external.ranges[firstFrom(firsts, at + 1n) - 1]
    if (range && at <= range[1]) cuts.add(at)
  }
  for (const set of sets) {
    for (const [first, last] of set.ranges) {
      cut(first)
      cut(last + 1n)
    }
  }
  // What several routers serve is divided where one of them begins or ends.
  for (const {subnets} of nodes) {
    for (const [first, last] of subnets) {
      cut(first)
      cut(last + 1n)
    }
  }
  return [...cuts].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The place of the first number that is not smaller; the length if there is none. */
function firstFrom(sorted: readonly bigint[], wanted: bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
