/**
 * CSV and TSV: a header with the names that the columns have in JSON, then one line per item, each ending with a line feed. Control
 * characters are never printed as they are.
 *
 * CSV is RFC 4180, but with LF alone, as line tools expect and spreadsheets accept. A cell that a spreadsheet would run
 * as a formula gets a `'` in front, since users choose the names of their nodes. TSV is exact: a backslash, a tab and
 * control characters are escapes, and nothing is added.
 */
import {printable} from '../text/untrusted.ts'
import {chunksOf} from './chunks.ts'
import {type ListColumn, valueText} from './columns/column.ts'

interface Options {
  format: 'csv' | 'tsv'
  header: boolean
  now: Date
  time(time: Date): string
}

/** The lines, in chunks that are large enough to write one by one. */
export function renderDelimited<Item>(
  columns: readonly ListColumn<Item>[],
  items: readonly Item[],
  options: Options,
): Iterable<string> {
  return chunksOf(linesOf(columns, items, options))
}

function* linesOf<Item>(
  columns: readonly ListColumn<Item>[],
  items: readonly Item[],
  {format, header, now, time}: Options,
): Generator<string> {
  const cell = format === 'csv' ? csvCell : tsvCell
  const separator = format === 'csv' ? ',' : '\t'
  if (header) yield `${columns.map(({id, field = id}) => field).join(separator)}\n`
  for (const item of items) {
    yield `${columns.map((column) => cell(valueText(column.value(item, now), time))).join(separator)}\n`
  }
}

/** Beginnings of a formula in spreadsheets, in ASCII and in full width. A dash alone stands for null. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/
const NEEDS_QUOTES = /[",]|^\s|\s$/

function csvCell(text: string): string {
  const safe = printable(text)
  const inert = safe !== '-' && FORMULA.test(safe) ? `'${safe}` : safe
  return NEEDS_QUOTES.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

function tsvCell(text: string): string {
  return printable(text.replaceAll('\\', '\\\\'))
}
