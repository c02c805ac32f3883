/** Quotes a word of the command line for a message. A word that is long or looks like a key may be a secret. */
import {looksSecret} from '../../text/secrets.ts'

const LONGEST = 30

/** The word in quotes, or only its length if it may be a secret. */
export function quoted(word: string): string {
  return looksSecret(word) || word.length > LONGEST ? `of ${word.length} characters` : JSON.stringify(word)
}
