/**
 * The table of every list: ` | ` between padded cells, a header, no frame, one line per item, never wrapped.
 *
 * Written here because it is the documented form, must be linear (ten thousand nodes) and must stream. The last column
 * is not padded, so that no line ends in blanks. Pure: values and a painter in, lines out.
 */
import {cellText, columnsOf} from './width.ts'

/** What a cell says about its item; how that looks is decided by the painter. */
export type Tone = 'header' | 'separator' | 'good' | 'bad' | 'plain'

/** Gives a text its look; without colour it returns the text itself. */
export type Painter = (tone: Tone, text: string) => string

export interface Column<Item> {
  header: string
  cell(item: Item): string
  tone?(item: Item): Tone
}

/** Lines of a table, each with its newline, in pieces large enough to write one by one. */
export function* tableLines<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  paint: Painter,
): Generator<string> {
  const texts = items.map((item) => columns.map((column) => cellText(column.cell(item))))
  const widths = columns.map((column) => columnsOf(column.header))
  for (const row of texts) row.forEach((text, i) => (widths[i] = Math.max(widths[i]!, columnsOf(text))))

  const last = columns.length - 1
  const separator = paint('separator', ' | ')
  const line = (cells: readonly string[], toneOf: (i: number) => Tone) =>
    cells
      .map((text, i) => paint(toneOf(i), text) + (i === last ? '' : ' '.repeat(widths[i]! - columnsOf(text))))
      .join(separator) + '\n'

  let piece = line(
    columns.map((column) => column.header),
    () => 'header',
  )
  for (const [index, row] of texts.entries()) {
    const item = items[index]!
    piece += line(row, (i) => columns[i]!.tone?.(item) ?? 'plain')
    if (piece.length > 32_768) {
      yield piece
      piece = ''
    }
  }
  yield piece
}
