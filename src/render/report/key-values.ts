/** A report of one object: a line for each key, values below each other. */
import {printable} from '../../text/untrusted.ts'

/** The width of a terminal. */
const WIDTH = 80

/**
 * `Key:  value` lines, each with a newline. The values of a list are separated by commas, or each is on its own line if
 * one line is too short. A value that does not fit next to its key is below it. An empty value is shown as `-`.
 */
export function keyValueLines(rows: readonly (readonly [key: string, value: string | readonly string[]])[]): string {
  const column = Math.max(...rows.map(([key]) => key.length)) + 3
  const fits = (text: string) => column + text.length <= WIDTH
  return rows
    .map(([key, value]) => {
      const values = [value].flat().map((text) => printable(text))
      const joined = values.join(', ') || '-'
      const label = `${key}:`.padEnd(column)
      if (fits(joined)) return `${label}${joined}\n`
      if (values.every(fits))
        return values.map((text, i) => `${(i === 0 ? label : '').padEnd(column)}${text}\n`).join('')
      return `${key}:\n${values.map((text) => `  ${text}\n`).join('')}`
    })
    .join('')
}
