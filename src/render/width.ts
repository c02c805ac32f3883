/** How many terminal columns a text takes, and texts made safe for a table cell. */

const PLAIN = /^[\x20-\x7e]*$/

/** Columns of a text without colour codes: wide characters count two, combining marks none. */
export type Measure = (text: string) => number

/** A measure fit for the texts. The library that knows wide characters costs more than a whole command: only for them. */
export async function measureFor(texts: readonly string[][]): Promise<Measure> {
  if (texts.every((row) => row.every((text) => PLAIN.test(text)))) return (text) => text.length
  const {default: stringWidth} = await import('string-width')
  return (text) => (PLAIN.test(text) ? text.length : stringWidth(text))
}

/** One line, and nothing a terminal would obey: line breaks and control characters become visible escapes. */
export function cellText(text: string): string {
  return PLAIN.test(text)
    ? text
    : text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => {
        const known: Record<string, string> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'}
        const hex = c.charCodeAt(0).toString(16)
        return known[c] ?? (hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`)
      })
}
