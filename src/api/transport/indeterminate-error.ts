/**
 * Errors after which it is unknown whether the server executed the call: a timeout, a connection that broke after the
 * request was sent, an unreadable reply. For a user they are HeadscaleErrors like any other. The transports distinguish
 * them, because the user must check whether a change was applied before trying again.
 */
import {HeadscaleError} from '../../errors.ts'

/** An error after which the outcome of a change is unknown. */
export class IndeterminateError extends HeadscaleError {}

/** The error for a timeout. `describe` is the server, as in the middle of a sentence. */
export function timedOut(describe: string, timeoutMs: number, cause?: unknown): HeadscaleError {
  return new IndeterminateError('timeout', `no answer from ${describe} within ${timeoutMs / 1000} s`, {
    hint: "try a longer --timeout, or check the server's log",
    cause,
  })
}

/** The same error for a request that was never sent. */
export function notSent(error: HeadscaleError): HeadscaleError {
  return copy(error, error.hint ?? undefined)
}

/** The same error for a change: if the outcome is unknown, the hint says so. */
export function errorOfChange(error: unknown): unknown {
  return error instanceof IndeterminateError ? withUnknownOutcome(error) : error
}

/** An error after a change was sent: the change may have been applied. */
export function withUnknownOutcome(error: HeadscaleError): HeadscaleError {
  return copy(error, 'the change may have been applied; check before retrying', {outcomeUnknown: true})
}

function copy(
  {code, message, details, cause}: HeadscaleError,
  hint: string | undefined,
  more: Record<string, unknown> = {},
): HeadscaleError {
  return new HeadscaleError(code, message, {hint, details: {...details, ...more}, cause})
}

/** Limits a timeout to the maximum of timers, about 25 days: a longer one would fire at once. */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1)
}
