/** A list as a table, in colour if standard output supports it. */
import type {Column} from '../../render/table.ts'
import {renderTable} from '../../render/table.ts'
import type {Io} from '../io/io.ts'

export async function listView<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  io: Io,
): Promise<Iterable<string>> {
  const paint = io.colour.out
    ? (await import('../../render/style.ts')).colourPainter()
    : (_: string, text: string) => text
  return renderTable(columns, items, paint)
}
