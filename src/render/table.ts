/**
 * The table of every list: ` | ` between padded cells, a header, no frame, one line per item, never wrapped.
 *
 * Written here because the format is documented, and because it must take linear time (ten thousand nodes) and stream.
 * The last column is not padded, so that lines have no trailing spaces. Pure: values and a painter in, lines out.
 */
import {printable} from '../text/untrusted.ts'
import {type Measure, measureFor} from './width.ts'

/** The meaning of a cell's value; the painter chooses its look. */
export type Tone = 'header' | 'separator' | 'good' | 'warning' | 'bad' | 'plain'

/** Adds colour to a text; without colour it returns the text unchanged. */
export type Painter = (tone: Tone, text: string) => string

export interface Column<Item> {
  header: string
  cell(item: Item): string
  tone?(item: Item): Tone
}

/** The lines of a table, each with a newline, in chunks that are large enough to write one by one. */
export async function renderTable<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  paint: Painter,
): Promise<Iterable<string>> {
  const headers = columns.map(({header}) => header)
  const texts = items.map((item) => columns.map((column) => printable(column.cell(item))))
  const measure = await measureFor([headers, ...texts])
  const tones = (item: Item) => columns.map((column) => column.tone?.(item) ?? 'plain')
  return pieces(layOut(headers, texts, measure, paint), (i) => tones(items[i]!))
}

/** Formats one row as a line. */
type Line = (cells: readonly string[], tones: readonly Tone[]) => string

interface Layout {
  headers: readonly string[]
  texts: readonly string[][]
  line: Line
}

function layOut(headers: readonly string[], texts: readonly string[][], measure: Measure, paint: Painter): Layout {
  const widths = headers.map(measure)
  for (const row of texts) row.forEach((text, i) => (widths[i] = Math.max(widths[i]!, measure(text))))
  const last = headers.length - 1
  const separator = paint('separator', ' | ')
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

function* pieces({headers, texts, line}: Layout, tonesOf: (i: number) => readonly Tone[]): Generator<string> {
  let piece = line(
    headers,
    headers.map(() => 'header'),
  )
  for (const [i, row] of texts.entries()) {
    piece += line(row, tonesOf(i))
    if (piece.length > 32_768) {
      yield piece
      piece = ''
    }
  }
  yield piece
}
