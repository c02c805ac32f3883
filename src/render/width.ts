/** Measures texts in terminal columns. */

const PLAIN = /^[\x20-\x7e]*$/

/** Columns of a text without colour codes: wide characters count two, combining marks none. */
export type Measure = (text: string) => number

/** A function that measures the texts. The library for wide characters is slow to load, so it is used only for them. */
export async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every((text) => PLAIN.test(text))) return (text) => text.length
  const {default: stringWidth} = await import('string-width')
  return (text) => (PLAIN.test(text) ? text.length : stringWidth(text))
}

/** The start of a text that is too wide, and `…`. @param width at least 1 */
export function cutText(text: string, width: number, measure: Measure): string {
  if (PLAIN.test(text)) return `${text.slice(0, width - 1)}…`
  let start = ''
  // Whole characters as people see them: a combining mark stays with its letter.
  for (const {segment} of new Intl.Segmenter().segment(text)) {
    if (measure(start + segment) > width - 1) break
    start += segment
  }
  return `${start}…`
}
