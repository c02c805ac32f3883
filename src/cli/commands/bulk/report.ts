/** What a bulk run says about the objects that it did not change, and its exit code. */
import {HeadscaleError} from '../../../errors.ts'
import type {FailedTarget} from '../../../usecases/bulk/plan-all.ts'
import type {Noun} from '../targets-command.ts'

interface Identified {
  id: string
}

interface Summary {
  done: readonly Identified[]
  failures: readonly FailedTarget[]
  /** Objects that a dry run would change. */
  wouldDo?: readonly Identified[]
  /** Objects left alone after the server was gone, or after Ctrl-C. */
  notTried?: readonly Identified[]
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
  {noun}: {noun: Noun},
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
    ...(wouldDo.length > 0 ? [`${wouldDo.length} can be`] : done.length > 0 ? [`${done.length} changed`] : []),
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(notTried.length > 0 ? [`${notTried.length} not tried`] : []),
  ].join(', ')
  const message = interrupted
    ? `interrupted: ${parts}`
    : changed === 0
      ? `no ${noun.one} was changed: ${parts}`
      : `not all ${noun.many} ${wouldDo.length > 0 ? 'can be' : 'were'} changed: ${parts}`
  const hint = 'run the command again for the rest'
  if (interrupted) {
    return new HeadscaleError('cancelled', message, {hint, details})
  }
  if (changed > 0) return new HeadscaleError('partial', message, {hint, details})
  const [{error: first} = {error: null}] = failures
  return new HeadscaleError(first?.code ?? 'failed', message, {...(first?.hint ? {hint: first.hint} : {}), details})
}
