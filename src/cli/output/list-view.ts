/** Lists on standard output: as a table in colour if standard output supports it, or in another format of `-o`. */
import {
  type ListColumn,
  type ListSpec,
  type Shown,
  tableColumns,
  type TableColumn,
  type TextContext,
} from '../../render/columns/column.ts'
import {type Column, type Painter, renderTable, tableLines, textColumn} from '../../render/table.ts'
import {tableTime, type TimeStyle} from '../../render/time.ts'
import type {Io} from '../io/io.ts'
import type {ListChoice} from './list-choice.ts'

/** A table at its full width. */
export async function listView<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  io: Io,
  options: {header?: boolean} = {},
): Promise<Iterable<string>> {
  return renderTable(columns, items, await painter(io), options)
}

/** A list without flags of its own, fitted to the terminal. */
export function defaultListView<Item>(
  {columns}: ListSpec<Item>,
  shown: readonly Shown[],
  items: readonly Item[],
  {io, ownerWord}: {io: Io; ownerWord: TextContext['ownerWord']},
): Promise<Iterable<string>> {
  const context = {now: io.now(), ownerWord, time: tableTime}
  return tableView(tableColumns(columns, shown, context), items, io, {header: true, leaveOut: true, fit: true})
}

/** A list in a format with columns. @param shown the columns of the default table */
export async function columnsView<Item>(
  {columns: all}: ListSpec<Item>,
  shown: readonly Shown[],
  items: readonly Item[],
  {format, columns: chosen, header, times}: ListChoice<Item>,
  {io, ownerWord}: {io: Io; ownerWord: TextContext['ownerWord']},
): Promise<Iterable<string>> {
  const now = io.now()
  const delimited = format === 'csv' || format === 'tsv'
  const time = await timeFormat(times, {rfc3339: delimited, now, io})
  if (delimited) {
    const {renderDelimited} = await import('../../render/delimited.ts')
    return renderDelimited(chosen ?? all, items, {format, header, now, time})
  }
  const ids = chosen ? idsOf(chosen) : format === 'wide' ? idsOf(all.filter(({detail}) => !detail)) : shown
  const columns = tableColumns(all, ids, {now, ownerWord, time})
  return tableView(columns, items, io, {header, leaveOut: chosen === null, fit: format !== 'wide'})
}

function idsOf(columns: readonly ListColumn<never>[]): string[] {
  return columns.map(({id}) => id)
}

async function timeFormat(
  style: TimeStyle,
  {rfc3339, now, io}: {rfc3339: boolean; now: Date; io: Io},
): Promise<(time: Date) => string> {
  if (style === 'utc' && !rfc3339) return tableTime
  const {timeFormatter} = await import('../../render/list-times.ts')
  return timeFormatter({style, rfc3339, now, zoneOffset: io.zoneOffset})
}

/** @param options.fit whether to fit it to the terminal; @param options.leaveOut by leaving out columns, too */
async function tableView<Item>(
  columns: readonly TableColumn<Item>[],
  items: readonly Item[],
  io: Io,
  {header, leaveOut, fit}: {header: boolean; leaveOut: boolean; fit: boolean},
): Promise<Iterable<string>> {
  const width = fit ? io.outWidth() : null
  if (width === null) return listView(columns, items, io, {header})
  const {fitColumns} = await import('../../render/fit.ts')
  const texts = await Promise.all(columns.map((column) => textColumn(column, items, {header})))
  const fitted = await fitColumns(texts, items, {width, header, leaveOut})
  return withNote(tableLines(fitted.columns, items, await painter(io), {header}), fitted.leftOut, io)
}

/** The note comes last, where it can be seen under a long list. */
function* withNote(lines: Iterable<string>, leftOut: readonly string[], io: Io): Generator<string> {
  yield* lines
  if (leftOut.length > 0) io.note(`not shown: ${leftOut.join(', ')} (-o wide shows them)`)
}

async function painter(io: Io): Promise<Painter> {
  return io.colour.out ? (await import('../../render/style.ts')).colourPainter() : (_, text) => text
}
