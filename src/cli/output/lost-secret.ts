/**
 * A new key is shown only once. If it cannot be printed or written (a full disk, a closed pipe), it exists anyway, and the
 * error message names it, so that the user can expire it.
 */
import {HeadscaleError} from '../../errors.ts'

export interface NewSecret {
  /** The new object, by a name that lists show: `the API key with the prefix abcdefg`. */
  what: string
  /** The command that expires or deletes it, without the program's name. */
  undo: string
}

/** The error for a key that was not printed. @param error why */
export function lostSecret(secret: NewSecret, error: unknown): HeadscaleError {
  const reason = error instanceof Error && error.message ? error.message : 'standard output is closed'
  return lost(secret, `it was not printed: ${reason}`, error)
}

/** The error for a key that was not written to a file. */
export function unwrittenSecret(secret: NewSecret, path: string, reason: string, error: unknown): HeadscaleError {
  return lost(secret, `it was not written to ${path}: ${reason}`, error)
}

function lost({what, undo}: NewSecret, problem: string, cause: unknown): HeadscaleError {
  return new HeadscaleError('failed', `${what} was created, but ${problem}`, {
    cause,
    hint: `it cannot be shown again; run: headscale-ts ${undo}`,
  })
}
