/** A word as it was typed, for a message. What is long may be a secret: only its beginning is repeated. */
export function shortened(word: string): string {
  return word.length > 30 ? `${word.slice(0, 10)}…` : word
}

/** The same in quotes. */
export function quoted(word: string): string {
  return JSON.stringify(shortened(word))
}
