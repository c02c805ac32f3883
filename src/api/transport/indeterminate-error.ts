/**
 * Failures that leave open whether the server did what it was asked: a deadline that passed, a connection that broke
 * after the request had gone out, a reply that cannot be read. To a user they are HeadscaleErrors like any other. The
 * transports tell them apart, because after a change somebody has to check before trying again.
 */
import {HeadscaleError} from '../../errors.ts'

/** A failure after which the outcome of a change is unknown. */
export class IndeterminateError extends HeadscaleError {}

/** The error of a deadline that passed. `describe` is what was asked, in the middle of a sentence. */
export function timedOut(describe: string, timeoutMs: number, cause?: unknown): HeadscaleError {
  return new IndeterminateError('timeout', `no answer from ${describe} within ${timeoutMs / 1000} s`, {
    hint: "try a longer --timeout, or check the server's log",
    cause,
  })
}

/** The same failure for a request that was never sent. */
export function notSent(error: HeadscaleError): HeadscaleError {
  return copy(error, error.hint ?? undefined)
}

/** The same failure for a change: where the outcome is unknown the hint says so. */
export function errorOfChange(error: unknown): unknown {
  return error instanceof IndeterminateError ? withUnknownOutcome(error) : error
}

/** A failure that came after a change was sent, and does not tell whether it was applied. */
export function withUnknownOutcome(error: HeadscaleError): HeadscaleError {
  return copy(error, 'the change may have been applied; check before retrying')
}

function copy({code, message, details, cause}: HeadscaleError, hint: string | undefined): HeadscaleError {
  return new HeadscaleError(code, message, {hint, details, cause})
}

/** A deadline in milliseconds that timers can take: a longer one would end at once. About 25 days. */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1)
}
