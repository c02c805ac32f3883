/** Measures texts in terminal columns. */

const PLAIN = /^[\x20-\x7e]*$/

/** Columns of a text without colour codes: wide characters count two, combining marks none. */
export type Measure = (text: string) => number

/** A function that measures the texts. The library for wide characters is slow to load, so it is used only for them. */
export async function measureFor(texts: readonly string[][]): Promise<Measure> {
  if (texts.every((row) => row.every((text) => PLAIN.test(text)))) return (text) => text.length
  const {default: stringWidth} = await import('string-width')
  return (text) => (PLAIN.test(text) ? text.length : stringWidth(text))
}
