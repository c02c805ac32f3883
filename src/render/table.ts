/**
 * The table of every list: ` | ` between padded cells, a header, no frame, one line per item, never wrapped.
 *
 * Written here because the format is documented, and because it must take linear time (ten thousand nodes) and stream.
 * The last column is not padded, so that lines have no trailing spaces. Pure: values and a painter in, lines out.
 */
import {printable} from '../text/untrusted.ts'
import {chunksOf} from './chunks.ts'
import {cutText, type Measure, measureFor} from './width.ts'

/** The meaning of a cell's value; the painter chooses its look. */
export type Tone = 'header' | 'separator' | 'good' | 'warning' | 'bad' | 'plain'

/** Adds colour to a text; without colour it returns the text unchanged. */
export type Painter = (tone: Tone, text: string) => string

export interface Column<Item> {
  header: string
  cell(item: Item): string
  tone?(item: Item): Tone
  /** Texts that are wider are cut, with `…` at the end. */
  limit?: number
}

/** Between two columns. */
export const SEPARATOR = ' | '

/**
 * The lines of a table, each with a newline, in chunks that are large enough to write one by one.
 * @param options.header whether the first line has the headers
 */
export async function renderTable<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  paint: Painter,
  {header = true}: {header?: boolean} = {},
): Promise<Iterable<string>> {
  const headers = columns.map((column) => column.header)
  const texts = items.map((item) => columns.map((column) => printable(column.cell(item))))
  const measure = await measureFor([headers, ...texts])
  for (const [i, {limit}] of columns.entries()) {
    if (limit === undefined) continue
    for (const row of [headers, ...texts]) {
      if (measure(row[i]!) > limit) row[i] = cutText(row[i]!, limit, measure)
    }
  }
  const tones = (item: Item) => columns.map((column) => column.tone?.(item) ?? 'plain')
  return chunksOf(linesOf(layOut(header ? headers : null, texts, measure, paint), (i) => tones(items[i]!)))
}

/** Formats one row as a line. */
type Line = (cells: readonly string[], tones: readonly Tone[]) => string

interface Layout {
  headers: readonly string[] | null
  texts: readonly string[][]
  line: Line
}

function layOut(
  headers: readonly string[] | null,
  texts: readonly string[][],
  measure: Measure,
  paint: Painter,
): Layout {
  const widths: number[] = []
  for (const row of headers ? [headers, ...texts] : texts) {
    row.forEach((text, i) => (widths[i] = Math.max(widths[i] ?? 0, measure(text))))
  }
  const last = widths.length - 1
  const separator = paint('separator', SEPARATOR)
  const line: Line = (cells, tones) => {
    let text = ''
    for (let i = 0; i <= last; i++) {
      const cell = cells[i]!
      text += tones[i] === 'plain' ? cell : paint(tones[i]!, cell)
      if (i < last) text += ' '.repeat(widths[i]! - measure(cell)) + separator
    }
    return `${text}\n`
  }
  return {headers, texts, line}
}

function* linesOf({headers, texts, line}: Layout, tonesOf: (i: number) => readonly Tone[]): Generator<string> {
  if (headers) {
    yield line(
      headers,
      headers.map(() => 'header'),
    )
  }
  for (const [i, row] of texts.entries()) yield line(row, tonesOf(i))
}
