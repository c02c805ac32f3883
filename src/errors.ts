/**
 * The one error class of the program and its closed set of codes.
 *
 * Everything a user can run into is a HeadscaleError: what happened, what to do about it, and a code that
 * decides the exit status. Any other exception is an internal error and is reported as one (its stack under
 * DEBUG). Exit codes are a contract with scripts and are set here alone; the README prints the same table.
 */

/** What kind of failure it was. Each code has one exit status. */
export type ErrorCode =
  | 'failed' // any other error
  | 'bad-reply' // a headscale server answered something it should not
  | 'usage' // the command line or the configuration is wrong; nothing was sent
  | 'not-found'
  | 'permission-denied' // the socket's mode, TLS trust
  | 'unauthenticated' // the API key
  | 'ambiguous' // a name that matches more than one object
  | 'invalid-input' // refused by the server, or a check found errors
  | 'already-exists'
  | 'unreachable' // nobody there, or nobody who speaks headscale
  | 'timeout'
  | 'unsupported-by-server'
  | 'needs-confirmation'
  | 'partial' // a bulk run did part of the work
  | 'wait-timeout' // timed out waiting for a state
  | 'cancelled'

const EXIT_CODES: Record<ErrorCode, number> = {
  failed: 1,
  'bad-reply': 1,
  usage: 2,
  'not-found': 3,
  'permission-denied': 4,
  unauthenticated: 4,
  ambiguous: 5,
  'invalid-input': 6,
  'already-exists': 12,
  unreachable: 7,
  timeout: 7,
  'unsupported-by-server': 8,
  'needs-confirmation': 9,
  partial: 10,
  'wait-timeout': 11,
  cancelled: 130,
}

/** What an error carries beside its message. */
export interface ErrorDetails {
  /** One line that says what to do. No trailing period is added or removed. */
  hint?: string
  /** What led to it. Shown under DEBUG only. */
  cause?: unknown
  /** Facts for machine output (`-o json`), merged into the error object. Never a secret. */
  details?: Record<string, unknown>
}

/** A failure the user can act on: one line that says what happened, one that says what to do. */
export class HeadscaleError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, {hint, cause, details}: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'HeadscaleError'
    this.code = code
    this.hint = hint ?? null
    this.details = details ?? {}
  }

  /** The status the process ends with when this error reaches the top. */
  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}

/** Shorthand for the commonest refusal: the command line is wrong and nothing was sent (exit 2). */
export function usageError(message: string, hint?: string): HeadscaleError {
  return new HeadscaleError('usage', message, hint === undefined ? {} : {hint})
}
