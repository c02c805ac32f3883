/**
 * A new key is printed only once. If printing fails (a full disk, a closed pipe), the key exists anyway, and the error
 * message names it, so that the user can expire it.
 */
import {HeadscaleError} from '../../errors.ts'

export interface NewSecret {
  /** The new object, by a name that lists show: `the API key with the prefix abcdefg`. */
  what: string
  /** The command that expires or deletes it, without the program's name. */
  undo: string
}

/** @param error why it was not printed */
export function lostSecret({what, undo}: NewSecret, error: unknown): HeadscaleError {
  const reason = error instanceof Error && error.message ? error.message : 'standard output is closed'
  return new HeadscaleError('failed', `${what} was created, but it was not printed: ${reason}`, {
    cause: error,
    hint: `it cannot be shown again; run: headscale-ts ${undo}`,
  })
}
