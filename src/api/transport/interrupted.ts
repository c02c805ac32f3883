/**
 * Failures that leave open whether the server did what it was asked: a deadline that passed, a connection that broke
 * after the request had gone out. To the outside they are HeadscaleErrors like any other; the transports tell them
 * apart, because a change must then be looked at before it is tried again.
 */
import {HeadscaleError} from '../../errors.ts'

/** A failure after which the outcome of a change is unknown. */
export class Interrupted extends HeadscaleError {}

/** The one wording of a deadline that passed. `describe` is what was asked, in the middle of a sentence. */
export function timedOut(describe: string, timeoutMs: number, cause?: unknown): HeadscaleError {
  return new Interrupted('timeout', `no answer from ${describe} within ${timeoutMs / 1000} s`, {
    hint: "try a longer --timeout, and look at the server's log",
    cause,
  })
}

/** The same failure for a request that was never sent. */
export function unsent(error: HeadscaleError): HeadscaleError {
  return copy(error, error.hint ?? undefined)
}

/** The same failure for a change: where the outcome is unknown the hint says so. */
export function ofChange(error: unknown): unknown {
  return error instanceof Interrupted
    ? copy(error, 'the change may have been made all the same: look before trying again')
    : error
}

function copy({code, message, details, cause}: HeadscaleError, hint: string | undefined): HeadscaleError {
  return new HeadscaleError(code, message, {hint, details, cause})
}

/** A deadline in milliseconds that timers can take: a longer one would end at once. About 25 days. */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1)
}
