/**
 * Repeats a check, and reports what changed between two rounds.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import type {DerpMap} from '../../map.ts'
import {checkMap} from '../check-map.ts'
import type {CheckOptions} from '../check-map.ts'
import type {CheckResult, Verdict} from '../result.ts'

/** One node at one address whose verdict differs from the previous round. */
export interface Change {
  node: string
  /** The host name where no address was found. */
  address: string
  /** null: not in the previous round. */
  before: Verdict | null
  after: Verdict
}

/** One round. `changes` is null in the first. */
export interface Round {
  result: CheckResult
  changes: Change[] | null
}

/** Checks `count` times, or until aborted, with a pause between two rounds. */
export async function* watchMap(
  map: DerpMap,
  options: CheckOptions,
  {intervalMs, count = Infinity}: {intervalMs: number; count?: number},
): AsyncGenerator<Round> {
  let last: Map<string, Change> | null = null
  for (let round = 1; round <= count; round++) {
    if (round > 1) await sleep(intervalMs, null, {signal: options.signal})
    const result = await checkMap(map, options)
    const verdicts = verdictsOf(result)
    const changes = last === null ? null : changesBetween(last, verdicts)
    last = verdicts
    yield {result, changes}
  }
}

function changesBetween(last: ReadonlyMap<string, Change>, verdicts: ReadonlyMap<string, Change>): Change[] {
  return [...verdicts]
    .filter(([key, {after}]) => last.get(key)?.after.code !== after.code)
    .map(([key, change]) => ({...change, before: last.get(key)?.after ?? null}))
}

function verdictsOf({regions}: CheckResult): Map<string, Change> {
  const verdicts = new Map<string, Change>()
  for (const {node, paths, verdict} of regions.flatMap((region) => region.nodes)) {
    const places = paths.length === 0 ? [{address: node.hostName, verdict}] : paths
    for (const {address, verdict: after} of places) {
      verdicts.set(`${node.name} ${address}`, {node: node.name, address, before: null, after})
    }
  }
  return verdicts
}
