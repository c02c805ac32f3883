/**
 * Checks a whole map: every node at every address, several at a time.
 *
 * A script wants one answer, so health is combined here, from address to node to region to map, by the rule in
 * result.ts. Nothing is printed; progress is reported through a callback.
 */
import {lookup as systemLookup} from 'node:dns/promises'
import {nodeEntries, regionEntries} from '../map.ts'
import type {DerpMap, DerpNode, DerpRegion} from '../map.ts'
import {nodeAddresses} from './addresses.ts'
import type {NodeAddresses} from './addresses.ts'
import {rootlessContext, trustedContext} from '../net/connection.ts'
import type {CheckContext, Credentials, Lookup} from './context.ts'
import {checkMesh} from './relay/mesh.ts'
import {checkPath} from './relay/path.ts'
import {createPool} from './pool.ts'
import type {Pool} from './pool.ts'
import {hasRoute as systemRoute} from './route.ts'
import {combineHealth} from './result.ts'
import type {CheckResult, MeshResult, NodeResult, PathResult, RegionResult, Verdict} from './result.ts'
import type {Trace} from '../read/read.ts'
import {trustRule} from '../cert/trust.ts'
import {verdict} from './verdict.ts'

/** How a map is checked. */
export interface CheckOptions {
  /** What was checked, for the report. */
  target: string
  signal: AbortSignal
  /** Upper limit of one wait, in milliseconds; a node takes at most a few of them. Default 10,000. */
  timeoutMs?: number
  credentials?: Credentials | null
  /** The expected result. Default `works`. */
  expect?: 'works' | 'restricted'
  /** Roots that clients trust in addition to the system's, PEM. */
  moreRoots?: readonly string[]
  /** Called after each node. */
  onProgress?: (done: number, total: number) => void
  /** Default: getaddrinfo, as clients do. */
  lookup?: Lookup
  /** Default: by the addresses of this machine. */
  hasRoute?: (address: string) => boolean
  /** Default: the machine's clock. */
  now?: () => Date
  /** Receives a line for each step of the check of an address. */
  trace?: Trace | undefined
}

/** Checks the largest public map in a few rounds, and does not overload a small machine. */
const PATHS_AT_A_TIME = 16

/**
 * Checks every node of a map.
 * @throws the reason of an abort; all faults of a relay are in the result
 */
export async function checkMap(map: DerpMap, options: CheckOptions): Promise<CheckResult> {
  const context = contextOf(options)
  const entries = nodeEntries(map)
  // Reading the roots takes a tenth of a second, which must not count as time of a relay.
  if (entries.some(([, node]) => trustRule(node).kind === 'chain')) context.tls.trusted()
  const startedAt = context.now()
  const start = performance.now()
  const pool = createPool(PATHS_AT_A_TIME)
  let done = 0
  const results = new Map<DerpNode, NodeResult>()
  await Promise.all(
    entries.map(async ([, node]) => {
      results.set(node, await checkNode(node, context, pool))
      options.onProgress?.(++done, entries.length)
    }),
  )
  const regions = await Promise.all(
    regionEntries(map).map(async ([, region]) => {
      const nodes = region.nodes.map((node) => results.get(node)!)
      return regionResult(region, nodes, await pool(() => checkMesh(nodes, context)))
    }),
  )
  const health = combineHealth(regions.map((region) => region.health))
  return {target: options.target, startedAt, ms: performance.now() - start, regions, health}
}

function regionResult(region: DerpRegion, nodes: NodeResult[], mesh: MeshResult[]): RegionResult {
  const split = mesh.filter(({forwarded}) => !forwarded)
  const notes = split.map(
    ({from, to}) =>
      `clients on ${from} do not reach clients on ${to}: mesh them (-mesh-with and -mesh-psk-file), or give each its own region`,
  )
  if (nodes.every(({node}) => node.stunOnly)) {
    notes.push('this region has no relay: clients cannot use it')
    return {region, nodes, mesh, health: 'broken', notes}
  }
  const health = combineHealth(nodes.map((node) => node.verdict.health))
  return {region, nodes, mesh, health: health === 'ok' && split.length > 0 ? 'degraded' : health, notes}
}

function contextOf(options: CheckOptions): CheckContext {
  const {
    signal,
    timeoutMs = 10_000,
    credentials = null,
    expect = 'works',
    moreRoots = [],
    now = () => new Date(),
    trace,
  } = options
  const {hasRoute = systemRoute, lookup = (host: string) => systemLookup(host, {all: true, order: 'ipv4first'})} =
    options
  return {
    timeoutMs,
    signal,
    now,
    lookup,
    hasRoute,
    credentials,
    expect,
    trace,
    tls: {trusted: once(() => trustedContext(moreRoots)), rootless: once(rootlessContext)},
  }
}

function once<T>(create: () => T): () => T {
  let created: {value: T} | null = null
  return () => (created ??= {value: create()}).value
}

async function checkNode(node: DerpNode, context: CheckContext, pool: Pool): Promise<NodeResult> {
  const addresses: NodeAddresses = await pool(() => nodeAddresses(node, context))
  const {notes, dnsMs} = addresses
  if (addresses.failure !== null) return {node, paths: [], verdict: addresses.failure, notes, dnsMs}
  const paths = await Promise.all(addresses.paths.map((path) => pool(() => checkPath(node, path, context))))
  return {node, paths, verdict: nodeVerdict(paths), notes, dnsMs}
}

const SEVERITY = ['ok', 'degraded', 'restricted', 'unreachable', 'broken'] as const

/** The worst verdict of the addresses. An address without a route from this machine does not count. */
function nodeVerdict(paths: readonly PathResult[]): Verdict {
  const reached = paths.filter((path) => path.verdict.code !== 'no-route')
  const counted = reached.length > 0 ? reached : paths
  const [worst] = counted.toSorted((a, b) => SEVERITY.indexOf(b.verdict.health) - SEVERITY.indexOf(a.verdict.health))
  const health = combineHealth(counted.map((path) => path.verdict.health))
  if (health === worst!.verdict.health) return worst!.verdict
  const good = counted.find((path) => path.verdict.health === 'ok' || path.verdict.health === 'degraded')
  if (good === undefined) return {...worst!.verdict, health}
  return verdict('one-family', {
    message: `works at ${good.address}, not at ${worst!.address}: ${worst!.verdict.message}`,
    fix: worst!.verdict.fix,
  })
}
