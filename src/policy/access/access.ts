/**
 * Who may reach what by a policy, on a tailnet, as a headscale release compiles it: the access layer of `policy explain`, `policy
 * access` and `policy diff`. Pure. Here are lists of all access, and the difference of two.
 */
import {Filter} from '../compile/filter.ts'
import type {IpSet} from '../compile/ip-set.ts'
import {SshRules} from '../compile/ssh.ts'
import {Resolver, type Tailnet} from '../compile/tailnet.ts'
import type {Policy} from '../policy.ts'
import type {PolicyRelease} from '../releases.ts'
import {type Bits, bitsOf, common, isEmpty, without} from './bits.ts'
import {type AccessRow, type LanesGroup, rowsOf} from './rows.ts'
import {Space} from './space.ts'
import {type AccessTable, accessTable, type Lanes, type Segment} from './table.ts'

export type {AccessRow} from './rows.ts'

/** What a changed policy changes. Equal access is in neither list, however it is written in the policies. */
export interface AccessChange {
  gained: AccessRow[]
  lost: AccessRow[]
}

/** The addresses of sources and destinations to list. */
export interface AccessScope {
  from?: IpSet | undefined
  to?: IpSet | undefined
}

/**
 * All access, merged: nodes, the subnets behind routers, and the internet behind exit nodes. A node and itself are in no row of their
 * own, unless the scope is one node and itself.
 *
 * @param policy one without errors; null for none, which allows everything
 * @param scope only access from or to these; of addresses behind a router, exactly these
 */
export function listAccess(
  policy: Policy | null,
  tailnet: Tailnet,
  rules: PolicyRelease,
  {from, to}: AccessScope = {},
): AccessRow[] {
  const {space, tables} = tablesOf([policy], tailnet, rules, [...(from ? [from] : []), ...(to ? [to] : [])])
  const table = tables[0]!
  const wanted = to ? membersOf(space, to) : null
  const all = [...space.endpoints.keys()].filter((index) => wanted?.has(index) ?? true)
  const groups = Map.groupBy(all, (index) => table.classOf[index]!)
  const origins = from ? membersOf(space, from) : null
  const sources = origins && bitsOf(space.endpoints.length, origins)
  return rowsOf(
    space,
    [...groups].map(([kind, destinations]) => {
      const lanes = table.lanes(kind)
      return {destinations, lanes: sources ? lanesFrom(lanes, sources) : lanes}
    }),
    {withItself: origins?.size === 1 && wanted?.size === 1},
  )
}

function membersOf(space: Space, set: IpSet): ReadonlySet<number> {
  const {v4, v6} = space.find(set)
  return new Set([...v4, ...v6])
}

function lanesFrom(lanes: Lanes, kept: Bits): Lanes {
  const left = new Map<string, readonly Segment[]>()
  for (const [lane, segments] of lanes) {
    const rest = segments.map((segment) => ({...segment, sources: common(segment.sources, kept)}))
    left.set(
      lane,
      rest.filter(({sources}) => !isEmpty(sources)),
    )
  }
  return left
}

/**
 * The access that nodes gain and lose when a policy replaces another one, merged as in listAccess.
 *
 * @param before one without errors, or null for none, as after
 */
export function compareAccess(
  before: Policy | null,
  after: Policy | null,
  tailnet: Tailnet,
  rules: PolicyRelease,
): AccessChange {
  const {space, tables} = tablesOf([before, after], tailnet, rules)
  const [old, current] = tables as [AccessTable, AccessTable]
  const pairs = Map.groupBy(space.endpoints.keys(), (index) => `${old.classOf[index]!} ${current.classOf[index]!}`)
  const gained: LanesGroup[] = []
  const lost: LanesGroup[] = []
  for (const destinations of pairs.values()) {
    const [first] = destinations
    const [a, b] = [old.lanes(old.classOf[first!]!), current.lanes(current.classOf[first!]!)]
    gained.push({destinations, lanes: lanesWithout(b, a)})
    lost.push({destinations, lanes: lanesWithout(a, b)})
  }
  return {gained: rowsOf(space, gained), lost: rowsOf(space, lost)}
}

function tablesOf(
  policies: readonly (Policy | null)[],
  tailnet: Tailnet,
  rules: PolicyRelease,
  others: readonly IpSet[] = [],
): {space: Space; tables: AccessTable[]} {
  const compiled = policies.map((policy) => {
    const resolver = new Resolver(policy ?? {groups: [], hosts: []}, tailnet, rules)
    return {resolver, filter: new Filter(policy, resolver, rules), ssh: new SshRules(policy, resolver, '')}
  })
  const space = new Space(
    compiled[0]!.resolver,
    compiled.map(({filter}) => filter),
    others,
  )
  return {space, tables: compiled.map(({filter, ssh, resolver}) => accessTable(filter, ssh, space, resolver))}
}

function lanesWithout(lanes: Lanes, removed: Lanes): Lanes {
  const left = new Map<string, readonly Segment[]>()
  for (const [lane, segments] of lanes) {
    const others = removed.get(lane)
    const rest = others ? segments.flatMap((segment) => segmentWithout(segment, others)) : segments
    if (rest.length > 0) left.set(lane, rest)
  }
  return left
}

function segmentWithout(segment: Segment, removed: readonly Segment[]): Segment[] {
  const left: Segment[] = []
  const add = (first: number, last: number, sources: Bits) => {
    if (first <= last && !isEmpty(sources)) left.push({first, last, sources})
  }
  let start = segment.first
  for (const {first, last, sources} of removed) {
    if (last < start || first > segment.last) continue
    add(start, first - 1, segment.sources)
    const end = Math.min(last, segment.last)
    add(Math.max(start, first), end, without(segment.sources, sources))
    start = end + 1
  }
  add(start, segment.last, segment.sources)
  return left
}
