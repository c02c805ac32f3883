/** How a key was given on the command line. */

/** Digits of an id; longer ones may be a secret. */
const LONGEST_ID = 19

/** The id, for messages; null for a text that may be a secret, which is never repeated. */
export function idOf(ref: {id: string} | {text: string}): string | null {
  if ('id' in ref) return ref.id
  return /^\d+$/.test(ref.text) && ref.text.length <= LONGEST_ID ? ref.text : null
}
