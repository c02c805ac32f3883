/**
 * Checks one address of one node: relay, STUN and port 80 in parallel.
 *
 * It sets the deadline of the check of the address and turns results into steps; diagnose.ts interprets them together.
 */
import type {DerpNode} from '../../map.ts'
import type {Path} from '../addresses.ts'
import {probeRelay} from './probe-relay.ts'
import type {CheckContext} from '../context.ts'
import {PathFault} from '../../net/fault.ts'
import {askPort80} from './port80.ts'
import type {PathResult} from '../result.ts'
import {RelaySessions} from './sessions.ts'
import {StepLog} from '../step-log.ts'
import {mappedAddressProblem} from '../stun/mapped-address.ts'
import {probeStun} from '../stun/probe.ts'
import type {StunResult} from '../stun/probe.ts'
import {verdict} from '../verdict.ts'
import {formatEndpoint, notesOn, openToAll, diagnose} from '../diagnose.ts'
import type {RelayOutcome} from '../diagnose.ts'

const STUN_LIMIT_MS = 3000
/** A path takes several steps; one that is slow at each of them is given up after this many timeouts. */
const TIMEOUT_FACTOR = 3

/** Checks one address. Throws only when the check is aborted. */
export async function checkPath(node: DerpNode, path: Path, outer: CheckContext): Promise<PathResult> {
  if (!outer.hasRoute(path.address)) return unreachable(path)
  const deadline = AbortSignal.timeout(outer.timeoutMs * TIMEOUT_FACTOR)
  const context = {...outer, signal: AbortSignal.any([outer.signal, deadline])}
  const {trace} = outer
  const log = new StepLog(trace && ((line) => trace(`${node.hostName || node.name} ${path.address}: ${line}`)))
  const sessions = new RelaySessions(node, path.address, context)
  const [relay, stun, port80Works] = await Promise.all([
    node.stunOnly ? null : relayOutcome(sessions, context, log, outer.signal),
    stunOutcome(path, outer, log),
    port80Outcome(node, path, outer, log),
  ])
  return {
    family: path.family,
    address: path.address,
    steps: log.list(),
    verdict: diagnose(path, {relay, stun, port80Works}, sessions, outer),
    notes: [...sessions.notes, ...notesOn(node, path, sessions, outer.now())],
    certificate: sessions.certificate,
    serverKey: sessions.serverKey,
    mapped: stun?.outcome === 'answered' ? formatEndpoint(stun.mapped) : null,
    openToAll: openToAll(relay),
  }
}

/** Skipped: a connection that cannot succeed would take the full timeout. */
function unreachable({family, address}: Path): PathResult {
  const unknown = {notes: [], certificate: null, serverKey: null, mapped: null, openToAll: null}
  return {family, address, steps: new StepLog().list(), verdict: verdict('no-route'), ...unknown}
}

async function relayOutcome(
  sessions: RelaySessions,
  context: CheckContext,
  log: StepLog,
  userSignal: AbortSignal,
): Promise<RelayOutcome> {
  try {
    return {openToAll: await probeRelay(sessions, context, log)}
  } catch (error) {
    userSignal.throwIfAborted()
    if (error instanceof PathFault) return error
    if (!context.signal.aborted) throw error
    const limit = (context.timeoutMs * TIMEOUT_FACTOR) / 1000
    return new PathFault('timeout', `slow at every step; gave up after ${limit} s`, error)
  } finally {
    sessions.close()
  }
}

const STUN_MESSAGES = {
  silent: 'no answer',
  closed: 'the port is closed',
  garbled: 'the answers are not STUN',
  'no-route': 'no route from this machine',
} as const

async function stunOutcome({family, stun}: Path, context: CheckContext, log: StepLog): Promise<StunResult | null> {
  if (stun === null) return null
  const start = performance.now()
  const limits = {timeoutMs: Math.min(context.timeoutMs, STUN_LIMIT_MS), signal: context.signal}
  const result = await probeStun(stun.address, family, stun.port, limits)
  if (result.outcome === 'answered') {
    const problem = mappedAddressProblem({address: stun.address, family}, result.mapped)
    const detail = formatEndpoint(result.mapped)
    log.record(
      'stun',
      problem === null ? 'ok' : 'failed',
      result.ms,
      problem === null ? detail : `${detail}: ${problem}`,
    )
  } else log.record('stun', 'failed', performance.now() - start, STUN_MESSAGES[result.outcome])
  return result
}

async function port80Outcome(node: DerpNode, path: Path, context: CheckContext, log: StepLog): Promise<boolean | null> {
  // Clients use the ipv4 field of the map and nothing else.
  if (!node.canPort80 || path.family !== 4 || node.ipv4 !== path.address) return null
  const start = performance.now()
  const failure = await askPort80(path.address, node.hostName, context)
  log.record('port80', failure === null ? 'ok' : 'failed', performance.now() - start, failure ?? '')
  return failure === null
}
