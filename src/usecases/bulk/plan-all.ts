/** The plans of many targets. A target whose plan fails does not stop the others; the plan of the rest goes on. */
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {inParallel} from './in-parallel.ts'
import {SAME_FOR_ALL} from './same-for-all.ts'

/** A target of a change that affects many. */
export interface BulkTarget<Target> {
  /** Unique among the targets of the run. */
  id: string
  target: Target
}

/** A target that cannot be changed, and why. */
export interface FailedTarget {
  id: string | null
  /** The target in messages: `node web-1 (id 4, ops, 100.64.0.4, online)`, or what the user typed. */
  label: string
  error: HeadscaleError
}

export interface PlannedTarget<Target, Result> extends BulkTarget<Target> {
  plan: ChangePlan<Result>
}

/** Requests at a time while plans are made: they only read. */
const READS_AT_A_TIME = 8

/** @throws HeadscaleError for an error that does not depend on the target */
export async function planAll<Target, Result>(
  targets: readonly BulkTarget<Target>[],
  planTarget: (target: Target) => Promise<ChangePlan<Result>>,
  describe: (target: Target) => string,
): Promise<{planned: PlannedTarget<Target, Result>[]; failed: FailedTarget[]}> {
  const planned: (PlannedTarget<Target, Result> | null)[] = targets.map(() => null)
  const failed: FailedTarget[] = []
  await inParallel(targets, READS_AT_A_TIME, async (one, i) => {
    try {
      planned[i] = {...one, plan: await planTarget(one.target)}
    } catch (error) {
      if (!(error instanceof HeadscaleError) || SAME_FOR_ALL.has(error.code) || error.code === 'needs-confirmation')
        throw error
      failed.push({id: one.id, label: describe(one.target), error})
    }
  })
  return {planned: planned.filter((one) => one !== null), failed}
}
