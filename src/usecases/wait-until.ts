/** Repeats a check until it holds, or a time is over. Knows neither what is checked nor how time passes. */
import {type ErrorCode, HeadscaleError} from '../errors.ts'
import {formatDuration} from '../domain/values/duration.ts'

/** The result of one check: done, or what is still missing, in one sentence. */
export type Check<Result> = {done: Result} | {pending: string}

export interface Wait {
  timeoutMs: number
  intervalMs: number
  /** What to do if the time is over. */
  hint: string
  now(): Date
  sleep(ms: number): Promise<void>
  /** Called after each check that does not hold. */
  onPending(missing: string): void
}

/** Errors of a server that is down, starting or being replaced; it may answer later. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['unreachable', 'timeout', 'failed', 'bad-reply'])

/** Whether the same request can succeed later without a change of the command line. */
export function mayPass(error: unknown): error is HeadscaleError {
  return error instanceof HeadscaleError && PASSING.has(error.code)
}

/**
 * Checks at once, and then again after each interval. The last check is made when the time is over.
 * @param check gets the time that is left, in milliseconds; an error that can pass counts as a check that does not hold
 * @throws HeadscaleError (wait-timeout) that says what is missing; every error that cannot pass, at once
 */
export async function waitUntil<Result>(
  check: (leftMs: number) => Promise<Check<Result>>,
  {timeoutMs, intervalMs, hint, now, sleep, onPending}: Wait,
): Promise<Result> {
  const end = now().getTime() + timeoutMs
  const left = () => end - now().getTime()
  for (;;) {
    const state = await check(Math.max(left(), LAST_CHECK_MS)).catch((error: unknown): Check<Result> => {
      if (mayPass(error)) return {pending: error.message}
      throw error
    })
    if ('done' in state) return state.done
    if (left() <= 0) {
      throw new HeadscaleError('wait-timeout', `timed out after ${formatDuration(timeoutMs)}: ${state.pending}`, {hint})
    }
    onPending(state.pending)
    await sleep(Math.min(intervalMs, Math.max(left(), 0)))
  }
}

/** The last check may end this long after the time is over. */
const LAST_CHECK_MS = 1000
