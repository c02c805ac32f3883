/**
 * The table of every list: ` | ` between padded cells, a header, no frame, one line per item, never wrapped.
 *
 * Written here because the format is documented, and because it must take linear time (ten thousand nodes) and stream.
 * The last column is not padded, so that lines have no trailing spaces. Pure: values and a painter in, lines out.
 */
import {printable} from '../text/untrusted.ts'
import {chunksOf} from './chunks.ts'
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

/** A column whose texts were made, each of them once. */
export interface TextColumn<C> {
  column: C
  /** One for each item, safe to print. */
  cells: readonly string[]
  measure: Measure
  /** That of the widest text. */
  width: number
}

/** Between two columns. */
export const SEPARATOR = ' | '

interface Options {
  /** Whether the first line has the headers. */
  header?: boolean
}

/** The lines of a table, each with a newline, in chunks that are large enough to write one by one. */
export async function renderTable<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  paint: Painter,
  options: Options = {},
): Promise<Iterable<string>> {
  const texts = await Promise.all(columns.map((column) => textColumn(column, items, options)))
  return tableLines(texts, items, paint, options)
}

/** Makes the texts of a column. */
export async function textColumn<Item, C extends Column<Item>>(
  column: C,
  items: readonly Item[],
  {header = true}: Options = {},
): Promise<TextColumn<C>> {
  const cells = items.map((item) => printable(column.cell(item)))
  const texts = header ? [column.header, ...cells] : cells
  const measure = await measureFor(texts)
  const width = texts.reduce((widest, text) => Math.max(widest, measure(text)), 0)
  return {column, cells, measure, width}
}

/** The lines of `renderTable`. @param items those of the columns, in the same order */
export function tableLines<Item>(
  columns: readonly TextColumn<Column<Item>>[],
  items: readonly Item[],
  paint: Painter,
  {header = true}: Options = {},
): Iterable<string> {
  return chunksOf(linesOf(columns, items, paint, header))
}

function* linesOf<Item>(
  columns: readonly TextColumn<Column<Item>>[],
  items: readonly Item[],
  paint: Painter,
  header: boolean,
): Generator<string> {
  const separator = paint('separator', SEPARATOR)
  const last = columns.length - 1
  const line = (textOf: (column: TextColumn<Column<Item>>) => string, toneOf: (column: Column<Item>) => Tone) => {
    let text = ''
    for (const [i, one] of columns.entries()) {
      const cell = textOf(one)
      const tone = toneOf(one.column)
      text += tone === 'plain' ? cell : paint(tone, cell)
      if (i < last) text += ' '.repeat(one.width - one.measure(cell)) + separator
    }
    return `${text}\n`
  }
  if (header) {
    yield line(
      ({column}) => column.header,
      () => 'header',
    )
  }
  for (const [i, item] of items.entries()) {
    yield line(
      ({cells}) => cells[i]!,
      ({tone}) => tone?.(item) ?? 'plain',
    )
  }
}
