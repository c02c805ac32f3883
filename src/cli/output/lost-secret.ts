/**
 * A new key is printed once. When it cannot be printed (a full disk, a closed pipe), it exists all the same, and the
 * message has to name it, so that it can be expired.
 */
import {HeadscaleError} from '../../errors.ts'

export interface NewSecret {
  /** What was created, as a person would look for it: `the API key with the prefix abcdefg`. */
  what: string
  /** The command that makes it useless, without the program's name. */
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
