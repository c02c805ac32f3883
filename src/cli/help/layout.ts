/** Sections and columns of help texts, 80 characters wide. */

const WIDTH = 80
/** The left column is at most this wide; a longer entry has its description on the next line. */
const WIDEST_LEFT = 28

/** `HEADING` and indented lines; empty if there are no lines. */
export function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${heading}\n${lines.map((line) => (line === '' ? '\n' : `  ${line}\n`)).join('')}`
}

/** The lines of a text in a section. */
export function wrapped(text: string): string[] {
  return wrap(text, WIDTH - 2)
}

/** Two columns: entries and their descriptions. @param indentation spaces before each line */
export function columns(rows: readonly (readonly [left: string, right: string])[], indentation = 0): string[] {
  const left = Math.max(0, ...rows.map(([text]) => text.length).filter((length) => length <= WIDEST_LEFT))
  const indent = ' '.repeat(left + 2)
  const lines = rows.flatMap(([text, right]) => {
    const [first = '', ...rest] = wrap(right, WIDTH - 2 - indentation - indent.length)
    const below = rest.map((line) => indent + line)
    return text.length > left
      ? [text, indent + first, ...below]
      : [`${text.padEnd(left)}  ${first}`.trimEnd(), ...below]
  })
  return lines.map((line) => ' '.repeat(indentation) + line)
}

/** Wraps paragraphs to the width. Single line breaks are ignored; empty lines separate paragraphs. */
export function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => wrap(paragraph, WIDTH).join('\n'))
    .join('\n\n')
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
