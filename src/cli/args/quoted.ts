/** A word of the command line as a message may repeat it. What is long, or looks like a key, may be a secret. */
import {looksSecret} from '../../text/secrets.ts'

const LONGEST = 30

/** In quotes; only its length where it may be a secret. */
export function quoted(word: string): string {
  return looksSecret(word) || word.length > LONGEST ? `of ${word.length} characters` : JSON.stringify(word)
}
