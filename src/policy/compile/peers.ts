/**
 * Which nodes know each other up to 0.25: one has a rule to an address of the other, or to the first address of one of its approved
 * routes. A rule to another address behind a router is in vain without that.
 */
import {type IpSet, rangeOf} from './ip-set.ts'
import type {Rule} from './rule.ts'
import type {Node, TailnetNode} from './tailnet.ts'

export class Peers {
  readonly #rules: readonly Rule[]
  readonly #nodes: readonly Node[]
  readonly #known = new Map<TailnetNode, ReadonlySet<TailnetNode>>()
  readonly #from = new Map<IpSet, readonly TailnetNode[]>()
  readonly #to = new Map<IpSet, readonly TailnetNode[]>()

  /** @param rules of all nodes */
  constructor(rules: readonly Rule[], nodes: readonly Node[]) {
    this.#rules = rules
    this.#nodes = nodes
  }

  has(one: TailnetNode, other: TailnetNode): boolean {
    // Of a router the answer is kept for all nodes, and there are few routers.
    const [first, second] = one.routes.length > 0 ? [one, other] : [other, one]
    return one === other || this.#of(first).has(second)
  }

  #of(node: TailnetNode): ReadonlySet<TailnetNode> {
    const known = this.#known.get(node)
    if (known) return known
    const peers = new Set<TailnetNode>()
    for (const {sources, destinations} of this.#rules) {
      const from = nodesIn(this.#from, sources.set, this.#nodes, ({addresses}) => addresses)
      const to = destinations.flatMap(({targets}) =>
        targets.map(({set}) => nodesIn(this.#to, set, this.#nodes, addressesTo)),
      )
      if (to.some((nodes) => nodes.includes(node))) for (const one of from) peers.add(one)
      if (from.includes(node)) for (const one of to.flat()) peers.add(one)
    }
    this.#known.set(node, peers)
    return peers
  }
}

function addressesTo({addresses, node}: Node): readonly bigint[] {
  return [...addresses, ...node.routes.map((route) => rangeOf(route)[0])]
}

function nodesIn(
  known: Map<IpSet, readonly TailnetNode[]>,
  set: IpSet,
  nodes: readonly Node[],
  addressesOf: (node: Node) => readonly bigint[],
): readonly TailnetNode[] {
  const isIn = (node: Node) => addressesOf(node).some((address) => set.contains(address))
  const found = known.get(set) ?? nodes.filter(isIn).map(({node}) => node)
  known.set(set, found)
  return found
}
