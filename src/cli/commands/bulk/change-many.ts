/**
 * A change of many objects in one run: find them, plan, show the plan, ask once, apply, report. Before the first change
 * every plan is made, so that a preview and the run agree.
 */
import type {ControlApi} from '../../../api/control-api.ts'
import type {Change} from '../../../domain/change.ts'
import {doneText} from '../../../domain/change.ts'
import {HeadscaleError} from '../../../errors.ts'
import {applyAll, type Outcome} from '../../../usecases/bulk/apply-all.ts'
import {withCachedReads} from '../../../usecases/bulk/cached-reads.ts'
import {collectGarbage} from '../../../system/collect-garbage.ts'
import {type BulkTarget, type FailedTarget, planAll, type PlannedTarget} from '../../../usecases/bulk/plan-all.ts'
import type {ChangePlan} from '../../../usecases/change-plan.ts'
import {DEFAULT_CONCURRENCY} from '../../flags.ts'
import type {Io} from '../../io/io.ts'
import {confirm} from '../confirm.ts'
import {rehearse} from '../rehearse.ts'
import type {Noun} from '../targets-command.ts'
import {changesTable} from './changes-table.ts'
import {countOf, failureLine, resultError} from './report.ts'

export interface BulkRun<Target, Result> {
  api: ControlApi
  io: Io
  /** The objects as typed; null for those that `select` finds. */
  words: readonly string[] | null
  noun: Noun
  verb: string
  /** As typed: `nodes tag`. */
  command: string
  consequence: string | null
  /** Whether targets that need no change are results too. */
  reportsUnchanged: boolean
  options: {
    forced: boolean
    dryRun: boolean
    max: number | undefined
    concurrency: number | undefined
    machineOutput: boolean
  }
  select(api: ControlApi): Promise<Target[]>
  resolve(api: ControlApi, word: string): Promise<Target>
  prepare(api: ControlApi, targets: readonly Target[]): Promise<Target[]>
  idOf(target: Target): string
  describe(target: Target): string
  labelOf(word: string): string
  planTarget(api: ControlApi, target: Target): Promise<ChangePlan<Result>>
  complete(results: readonly Result[]): Promise<Result[]>
}

export interface BulkResult<Result> {
  dryRun: boolean
  /** The planned changes of a dry run. */
  changes: readonly Change[]
  /** For documents; empty for text, which has no need of them. */
  results: readonly Result[]
  /** What was done, a line for each change; empty for a dry run, which prints to standard error. */
  text: string
  /** What was not done; null if everything was. */
  error: HeadscaleError | null
}

/** @throws HeadscaleError before anything was changed */
export async function changeMany<Target, Result>(run: BulkRun<Target, Result>): Promise<BulkResult<Result>> {
  const {io, options} = run
  const cached = withCachedReads(run.api)
  const {targets, missing} = await findTargets(run, cached)
  checkMaximum(targets.length, run)
  const {planned, failed} = await planAll(targets, (target) => run.planTarget(cached, target), run.describe)
  const pending = planned.filter(({plan}) => plan.changes.length > 0)
  const failures = [...missing, ...failed]

  if (options.dryRun) {
    const {wouldDo, rejected} = await rehearseAll(run, pending)
    const all = [...failures, ...rejected]
    await showPlan(run, wouldDo, all)
    return {
      dryRun: true,
      changes: wouldDo.flatMap(({plan}) => plan.changes),
      results: [],
      text: '',
      error: resultError(run, {done: [], failures: all, wouldDo}),
    }
  }
  const same = run.reportsUnchanged ? await unchangedOf(run, planned) : NONE
  if (pending.length === 0) {
    if (failures.length === 0 && same.text === '') io.notice(`nothing to change: ${nothingText(run, targets.length)}`)
    showFailures(run, failures)
    return {dryRun: false, changes: [], error: resultError(run, {done: [], failures}), ...same}
  }
  if (!options.forced) {
    if (io.canAsk) await showPlan(run, pending, failures)
    await confirm(io, question(run, pending.length))
  }
  const result = await apply(run, pending, failures)
  return {...result, results: [...result.results, ...same.results], text: result.text + same.text}
}

const NONE = {results: [], text: ''}

/** The results of targets that need no change: applying their plans sends nothing. */
async function unchangedOf<Target, Result>(
  {describe, options}: BulkRun<Target, Result>,
  planned: readonly PlannedTarget<Target, Result>[],
): Promise<{results: Result[]; text: string}> {
  const same = planned.filter(({plan}) => plan.changes.length === 0)
  const results = await Promise.all(same.map(({plan}) => plan.apply()))
  return {
    results: options.machineOutput ? results : [],
    text: same.map(({target}) => `unchanged ${describe(target)}\n`).join(''),
  }
}

function nothingText<Target, Result>({words, noun}: BulkRun<Target, Result>, targets: number): string {
  if (targets > 0) return 'it is already so'
  return words === null ? `no ${noun.many} match` : 'standard input is empty'
}

/** A line for each object that was not changed. Not beside a document: the error has them then. */
function showFailures<Target, Result>({io, options}: BulkRun<Target, Result>, failures: readonly FailedTarget[]): void {
  if (!options.machineOutput) for (const failure of failures) io.notice(failureLine(failure))
}

async function findTargets<Target, Result>(
  run: BulkRun<Target, Result>,
  api: ControlApi,
): Promise<{targets: BulkTarget<Target>[]; missing: FailedTarget[]}> {
  const found: Target[] = []
  const missing: FailedTarget[] = []
  if (run.words === null) found.push(...(await run.select(api)))
  for (const word of run.words ?? []) {
    try {
      found.push(await run.resolve(api, word))
    } catch (error) {
      if (!(error instanceof HeadscaleError) || error.code !== 'not-found') throw error
      missing.push({id: null, label: run.labelOf(word), error})
    }
  }
  const byId = new Map(found.map((target) => [run.idOf(target), target]))
  const targets = await run.prepare(api, [...byId.values()])
  return {targets: targets.map((target) => ({id: run.idOf(target), target})), missing}
}

/** What a real run would find out before its first write. */
async function rehearseAll<Target, Result>(
  {describe, command}: BulkRun<Target, Result>,
  pending: readonly PlannedTarget<Target, Result>[],
): Promise<{wouldDo: PlannedTarget<Target, Result>[]; rejected: FailedTarget[]}> {
  const wouldDo: PlannedTarget<Target, Result>[] = []
  const rejected: FailedTarget[] = []
  for (const one of pending) {
    try {
      await rehearse(one.plan)
      wouldDo.push(one)
      if (wouldDo.length % COLLECT_EVERY === 0) collectGarbage()
    } catch (error) {
      if (!(error instanceof HeadscaleError)) throw error
      rejected.push({id: one.id, label: describe(one.target), error: error.naming(command)})
    }
  }
  return {wouldDo, rejected}
}

function checkMaximum<Target, Result>(count: number, {options: {max}, noun}: BulkRun<Target, Result>): void {
  if (max === undefined || count <= max) return
  throw new HeadscaleError(
    'invalid-input',
    `${countOf(count, noun)} match, more than --max ${max}; nothing was changed`,
    {
      hint: `narrow the selection, or raise --max`,
      details: {matches: count, max},
    },
  )
}

function question<Target, Result>({verb, noun}: BulkRun<Target, Result>, count: number): string {
  return `Do you want to ${verb} ${countOf(count, noun)}?`
}

/** The table of what would change, on standard error, and what cannot be undone. */
async function showPlan<Target, Result>(
  run: BulkRun<Target, Result>,
  pending: readonly PlannedTarget<Target, Result>[],
  failures: readonly FailedTarget[],
): Promise<void> {
  const {io, options, consequence, noun} = run
  for (const {plan} of pending) for (const warning of plan.warnings ?? []) io.warn(warning)
  if (options.machineOutput) return
  if (pending.length > 0) io.notice(await changesTable(pending.flatMap(({plan}) => plan.changes)))
  showFailures(run, failures)
  if (consequence !== null && pending.length > 0) io.notice(consequence)
  if (options.dryRun)
    io.notice(pending.length > 0 ? `dry run: ${countOf(pending.length, noun)} would change` : 'nothing to change')
}

/** Changes after which what their requests left behind is freed, so that memory does not grow with their number. */
const COLLECT_EVERY = 1000

async function apply<Target, Result>(
  run: BulkRun<Target, Result>,
  pending: readonly PlannedTarget<Target, Result>[],
  failures: readonly FailedTarget[],
): Promise<BulkResult<Result>> {
  const {io, options, noun} = run
  let interrupted = false
  const release = io.onInterrupt(() => {
    interrupted = true
    io.progress(null)
    io.notice('interrupted: waiting for the changes that were sent')
  })
  try {
    const outcomes = await applyAll(pending, {
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      keepResults: options.machineOutput,
      interrupted: () => interrupted,
      onProgress(settled) {
        if (settled % COLLECT_EVERY === 0) collectGarbage()
        if (!interrupted) io.progress(`${settled} of ${countOf(pending.length, noun)}`)
      },
    })
    io.progress(null)
    return await report(run, pending, outcomes, {failures, interrupted})
  } finally {
    release()
  }
}

async function report<Target, Result>(
  run: BulkRun<Target, Result>,
  pending: readonly PlannedTarget<Target, Result>[],
  outcomes: readonly Outcome<Result>[],
  {failures, interrupted}: {failures: readonly FailedTarget[]; interrupted: boolean},
): Promise<BulkResult<Result>> {
  const {io} = run
  const done = pending.filter((_, i) => outcomes[i]!.state === 'done')
  const notTried = pending.filter((_, i) => outcomes[i]!.state === 'not-tried')
  const failed = pending.flatMap(({id, target}, i): FailedTarget[] => {
    const outcome = outcomes[i]!
    if (outcome.state !== 'failed') return []
    return [{id, label: run.describe(target), error: outcome.error.naming(run.command)}]
  })
  for (const {plan} of done) for (const warning of plan.warnings ?? []) io.warn(warning)
  const all = [...failures, ...failed]
  showFailures(run, all)
  const results = outcomes.flatMap((outcome) =>
    outcome.state === 'done' && outcome.result !== null ? [outcome.result] : [],
  )
  const complete = results.length > 0 ? await completed(run, results) : results
  return {
    dryRun: false,
    changes: [],
    results: complete,
    text: done.flatMap(({plan}) => plan.changes.map((change) => `${doneText(change)}\n`)).join(''),
    error: resultError(run, {done, failures: all, notTried, interrupted}),
  }
}

/** If the server is gone after the changes, the replies to them are printed. */
async function completed<Target, Result>(run: BulkRun<Target, Result>, results: readonly Result[]): Promise<Result[]> {
  try {
    return await run.complete(results)
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    run.io.warn(`the objects are printed as they were in the replies: ${error.message}`)
    return [...results]
  }
}
