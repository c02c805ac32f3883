/** A word as it was typed, in quotes, for a message. What is long may be a secret: only its beginning is repeated. */
export function quoted(word: string): string {
  return JSON.stringify(word.length > 30 ? `${word.slice(0, 10)}…` : word)
}
