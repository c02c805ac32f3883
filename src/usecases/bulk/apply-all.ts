/**
 * Applies the plans of many targets over one connection. Each target is changed by one plan, so changes of one node
 * never run at the same time. A failure does not stop the others, unless every further request would fail like it.
 */
import {HeadscaleError} from '../../errors.ts'
import {inParallel} from './in-parallel.ts'
import type {PlannedTarget} from './plan-all.ts'
import {SAME_FOR_ALL} from './same-for-all.ts'

/** The result of what was done is null unless results are kept. */
export type Outcome<Result> =
  | {state: 'done'; result: Result | null}
  | {state: 'failed'; error: HeadscaleError}
  | {state: 'not-tried'}

export interface ApplyOptions {
  /** Changes at a time. */
  concurrency: number
  /** Whether the outcomes have the results, which take as much memory as the objects themselves. */
  keepResults: boolean
  /** Whether the user interrupted the run: changes that were sent are waited for, no others are sent. */
  interrupted(): boolean
  /** Called after each change with the number of changes made or failed so far. */
  onProgress(settled: number): void
}

/** @returns an outcome for each plan, in the same order. Never throws a HeadscaleError */
export async function applyAll<Target, Result>(
  planned: readonly PlannedTarget<Target, Result>[],
  {concurrency, keepResults, interrupted, onProgress}: ApplyOptions,
): Promise<Outcome<Result>[]> {
  const outcomes: Outcome<Result>[] = planned.map(() => ({state: 'not-tried'}))
  let ended = false
  let settled = 0
  await inParallel(
    planned,
    concurrency,
    async ({plan}, i) => {
      try {
        const result = await plan.apply()
        outcomes[i] = {state: 'done', result: keepResults ? result : null}
      } catch (error) {
        if (!(error instanceof HeadscaleError)) throw error
        outcomes[i] = {state: 'failed', error}
        if (SAME_FOR_ALL.has(error.code)) ended = true
      }
      onProgress(++settled)
    },
    () => !ended && !interrupted(),
  )
  return outcomes
}
