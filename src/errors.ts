/**
 * The one error class of the program and its closed set of codes.
 *
 * Every failure a user can run into is a HeadscaleError: what happened, what to do about it, and a code that decides
 * the exit code. Any other exception is an internal error and is reported as one (its stack under DEBUG). Codes and
 * exit codes are a contract with scripts and are set only here; the README has the same table.
 */

/** The kind of failure. Each has one exit code. */
export type ErrorCode =
  | 'failed' // any other error
  | 'bad-reply' // the server's reply cannot be read
  | 'usage' // the command line or the configuration is wrong; nothing was sent
  | 'not-found'
  | 'permission-denied' // the mode of a socket or file, an untrusted certificate, a proxy that denies access
  | 'unauthenticated' // the API key, or the login of a proxy
  | 'ambiguous' // a name that matches more than one object
  | 'invalid-input' // rejected as invalid by the server, or a check found errors
  | 'unreachable' // no server there, or none that is headscale
  | 'timeout' // no answer in time
  | 'unsupported-by-server' // this server release cannot do it
  | 'needs-confirmation' // no terminal to ask on, or the answer was no
  | 'partial' // done for some of several objects
  | 'wait-timeout' // a state that was waited for did not come
  | 'already-exists'
  | 'cancelled' // interrupted

const EXIT_CODES: Record<ErrorCode, number> = {
  failed: 1,
  'bad-reply': 1,
  usage: 2,
  'not-found': 3,
  'permission-denied': 4,
  unauthenticated: 4,
  ambiguous: 5,
  'invalid-input': 6,
  unreachable: 7,
  timeout: 7,
  'unsupported-by-server': 8,
  'needs-confirmation': 9,
  partial: 10,
  'wait-timeout': 11,
  'already-exists': 12,
  cancelled: 130,
}

/** What an error has beside its message. */
export interface ErrorDetails {
  /** One line that says what to do. No trailing period is added or removed. */
  hint?: string
  /** The error behind it. Shown only under DEBUG. */
  cause?: unknown
  /** Facts for machine output (`-o json`), merged into the error object. Never a secret. */
  details?: Record<string, unknown>
  /** The message with the command, as typed: for an error of a layer that does not know it. */
  withCommand?: (command: string) => string
}

/** A failure the user can act on: one line that says what happened, one that says what to do. */
export class HeadscaleError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly details: Record<string, unknown>
  readonly #withCommand: ((command: string) => string) | null

  constructor(code: ErrorCode, message: string, {hint, cause, details, withCommand}: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'HeadscaleError'
    this.code = code
    this.hint = hint ?? null
    this.details = details ?? {}
    this.#withCommand = withCommand ?? null
  }

  /** The error as the command reports it: with its name, if the error has a place for it. @param command as typed */
  naming(command: string): HeadscaleError {
    if (this.#withCommand === null) return this
    const {code, hint, cause, details} = this
    return new HeadscaleError(code, this.#withCommand(command), {...(hint !== null && {hint}), cause, details})
  }

  /** The exit code of the process when this error ends it. */
  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}

/** The command line or the configuration is wrong, and nothing was sent (exit 2). */
export function usageError(message: string, hint?: string): HeadscaleError {
  return new HeadscaleError('usage', message, hint === undefined ? {} : {hint})
}
