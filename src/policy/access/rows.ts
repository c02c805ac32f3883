/** Access as rows that can be read: equal sources, destinations and services together. */
import {INTERNET, IpSet, type Range, V6} from '../compile/ip-set.ts'
import type {PortRange} from '../selector.ts'
import {members} from './bits.ts'
import type {Endpoint, Space} from './space.ts'
import type {Lane, Lanes} from './table.ts'

/** Everything in a row holds for each of its sources with each of its destinations. */
export interface AccessRow {
  /** Names of nodes, and what is behind them: `10.0.0.0/24 (router)`. In the order of the tailnet. */
  sources: string[]
  /** The same, and `internet (exit)`. */
  destinations: string[]
  /**
   * `*` is every port over TCP and UDP, `22,80-90` some of them, `tcp:443` those of one protocol, `icmp:*` ping alone; of
   * other protocols their name or number; `ssh:root` is a login with Tailscale SSH, `ssh-check:*` one with a check, as any user but
   * root.
   */
  access: string[]
}

/** Endpoints with the same lanes. */
export interface LanesGroup {
  destinations: readonly number[]
  lanes: Lanes
}

interface IndexRow {
  sources: readonly number[]
  destinations: readonly number[]
  access: string[]
}

/**
 * Sorted by sources, in the order of the tailnet.
 * @param options.withItself keeps what says only that a node reaches itself
 */
export function rowsOf(
  space: Space,
  groups: readonly LanesGroup[],
  {withItself = false}: {withItself?: boolean} = {},
): AccessRow[] {
  const found = groups.flatMap(({destinations, lanes}) =>
    bySource(space.endpoints.length, lanes).map((row): IndexRow => ({...row, destinations})),
  )
  const rows = joined(found)
  return (withItself ? rows : joined(rows.map(withoutItself)))
    .filter(({sources, destinations}) => sources.length > 0 && destinations.length > 0)
    .toSorted((a, b) => compare(a.sources, b.sources) || compare(a.destinations, b.destinations))
    .map(({sources, destinations, access}) => ({
      sources: namesOf(space, sources),
      destinations: namesOf(space, destinations),
      access,
    }))
}

/** Rows with the same sources and access as one. */
function joined(found: readonly IndexRow[]): IndexRow[] {
  const rows = Map.groupBy(found, ({sources, access}) => `${sources.join(',')} ${access.join(' ')}`)
  return [...rows.values()].map((group) => ({
    ...group[0]!,
    destinations: group.flatMap(({destinations}) => destinations).toSorted((a, b) => a - b),
  }))
}

/** A node needs no rule to reach itself. A row with several sources and several destinations stays one row. */
function withoutItself({sources, destinations, access}: IndexRow): IndexRow {
  const [source, destination] = [sources[0]!, destinations[0]!]
  if (sources.length === 1) return {sources, destinations: destinations.filter((index) => index !== source), access}
  if (destinations.length === 1)
    return {sources: sources.filter((index) => index !== destination), destinations, access}
  return {sources, destinations, access}
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** The sources of some lanes, grouped by what they can do. */
function bySource(size: number, lanes: Lanes): {sources: number[]; access: string[]}[] {
  // Sources that are in the same segments so far are one class; each segment divides them.
  const classOf = new Int32Array(size)
  const steps: {before: number; lane: Lane; range: PortRange}[] = [{before: -1, lane: '', range: {first: 0, last: 0}}]
  for (const [lane, segments] of lanes) {
    for (const range of segments) {
      const next = new Map<number, number>()
      for (const index of members(range.sources)) {
        const before = classOf[index]!
        let after = next.get(before)
        if (after === undefined) next.set(before, (after = steps.push({before, lane, range}) - 1))
        classOf[index] = after
      }
    }
  }
  const groups = new Map<number, number[]>()
  for (let index = 0; index < size; index++) {
    const kind = classOf[index]!
    if (kind === 0) continue
    const group = groups.get(kind)
    if (group) group.push(index)
    else groups.set(kind, [index])
  }
  return [...groups].map(([kind, sources]) => {
    const ranges: Ranges = new Map()
    for (let at = kind; at > 0; at = steps[at]!.before) {
      const {lane, range} = steps[at]!
      const list = ranges.get(lane)
      if (list) list.push(range)
      else ranges.set(lane, [range])
    }
    return {sources, access: services(ranges)}
  })
}

/** By lane, in descending order. */
type Ranges = Map<Lane, PortRange[]>

function services(ranges: Ranges): string[] {
  const textOf = (lane: Lane) => portsText(ranges.get(lane) ?? [])
  const [tcp, udp] = [textOf('tcp'), textOf('udp')]
  const main = tcp === udp ? [tcp] : [tcp && `tcp:${tcp}`, udp && `udp:${udp}`]
  const others = [...ranges.keys()].filter((lane) => !['tcp', 'udp', 'icmp'].includes(lane)).toSorted()
  const named = others.map((lane) => (lane.startsWith('ssh') ? lane : `${lane}:${textOf(lane)}`))
  const all = [...main.filter((text) => text !== ''), ...named]
  return all.length > 0 ? all : ['icmp:*']
}

/** @param ranges in descending order; they do not overlap */
export function portsText(ranges: readonly PortRange[]): string {
  const joined: PortRange[] = []
  for (const {first, last} of ranges.toReversed()) {
    const previous = joined.at(-1)
    if (previous && previous.last === first - 1) previous.last = last
    else joined.push({first, last})
  }
  const text = ({first, last}: PortRange) => (first === last ? `${first}` : `${first}-${last}`)
  return joined.map((range) => (range.first === 0 && range.last === 65_535 ? '*' : text(range))).join(',')
}

/** What is behind one node is one text for each prefix; the same prefix behind several nodes is one text. */
export function namesOf({endpoints}: Space, indexes: readonly number[]): string[] {
  const names: string[] = []
  const behind = new Map<string, Endpoint[]>()
  for (const index of indexes) {
    const endpoint = endpoints[index]!
    if (endpoint.range === null) {
      names.push(endpoint.node.node.name)
      continue
    }
    const key = `${endpoint.node.node.name} ${endpoint.isExit}`
    behind.set(key, [...(behind.get(key) ?? []), endpoint])
  }
  const routers = new Map<string, string[]>()
  for (const group of behind.values()) {
    const {node, isExit} = group[0]!
    for (const text of rangeTexts(new IpSet(group.map(({range}) => range!)), isExit)) {
      routers.set(text, [...(routers.get(text) ?? []), node.node.name])
    }
  }
  return [...names, ...[...routers].map(([text, nodes]) => `${text} (${nodes.join(', ')})`)]
}

/** `internet` is that of both families, apart from what routers of the tailnet serve. */
function rangeTexts(set: IpSet, isExit: boolean): string[] {
  if (!isExit) return set.texts
  const inFamily = (ranges: readonly Range[], isV6: boolean) => ranges.filter(([first]) => first >= V6 === isV6)
  const isWhole = (isV6: boolean) =>
    inFamily(INTERNET.ranges, isV6).every(([first, last]) => set.contains(first) && set.contains(last))
  const [v4, v6] = [isWhole(false), isWhole(true)]
  if (v4 && v6) return ['internet']
  const rest = (isV6: boolean) => new IpSet(inFamily(set.ranges, isV6)).texts
  return [...(v4 ? ['IPv4 internet'] : rest(false)), ...(v6 ? ['IPv6 internet'] : rest(true))]
}
