/** What a bulk run says about the objects that it did not change, and its exit code. */
import {HeadscaleError} from '../../../errors.ts'
import type {FailedTarget} from '../../../usecases/bulk/plan-all.ts'
import type {Noun} from '../targets-command.ts'

interface Named {
  id: string
  label: string
}

interface Summary {
  done: readonly Named[]
  failures: readonly FailedTarget[]
  /** Objects that a dry run would change. */
  wouldDo?: readonly Named[]
  /** Objects left alone after the server was gone, or after Ctrl-C. */
  notTried?: readonly Named[]
  interrupted?: boolean
}

/** `1 node`, `12 nodes` */
export const countOf = (count: number, {one, many}: Noun) => `${count} ${count === 1 ? one : many}`

/** One line for an object that was not changed. */
export function failureLine({id, label, error}: FailedTarget): string {
  const unknown = error.details.outcomeUnknown === true ? `; ${error.hint}` : ''
  return id === null ? `failed: ${error.message}` : `failed: ${label}: ${error.message}${unknown}`
}

/**
 * The error that ends a run in which something was not done: exit 10 if only part was, 130 after an interrupt, and
 * otherwise the exit code of the first failure.
 */
export function resultError(
  {noun, verb}: {noun: Noun; verb: string},
  {done, failures, wouldDo = [], notTried = [], interrupted = false}: Summary,
): HeadscaleError | null {
  if (failures.length === 0 && notTried.length === 0) return null
  const details = {
    done: done.map(({id}) => id),
    failed: failures.map(({id, label, error}) => ({id, name: label, code: error.code, message: error.message})),
    notTried: notTried.map(({id}) => id),
  }
  const changed = done.length + wouldDo.length
  const parts = [
    wouldDo.length > 0 ? `${wouldDo.length} can be changed` : `${done.length} changed`,
    `${failures.length} failed`,
    ...(notTried.length > 0 ? [`${notTried.length} not tried`] : []),
  ]
  const total = countOf(changed + failures.length + notTried.length, noun)
  const message = `could not ${verb} all of ${total}: ${parts.join(', ')}`
  if (interrupted) {
    return new HeadscaleError('cancelled', `interrupted: ${parts.join(', ')}`, {
      hint: 'run the command again for the rest',
      details,
    })
  }
  if (changed > 0) return new HeadscaleError('partial', message, {hint: 'run the command again for the rest', details})
  const [{error: first} = {error: null}] = failures
  return new HeadscaleError(first?.code ?? 'failed', message, {...(first?.hint ? {hint: first.hint} : {}), details})
}
