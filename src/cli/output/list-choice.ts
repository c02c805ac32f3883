/** What the flags of a list choose: format, columns, order. Checked before a server is called. */
import {type HeadscaleError, usageError} from '../../errors.ts'
import {findColumn, type ListColumn} from '../../render/columns/column.ts'
import type {TimeStyle} from '../../render/time.ts'
import {nearest} from '../args/nearest.ts'
import {quoted} from '../args/quoted.ts'
import {jsonPathOf, type ListFormat, listFormatOf} from './formats.ts'

/** The flags of a list, as parsed. */
export interface ListFlags {
  output?: string | undefined
  columns?: string[] | undefined
  sort?: string | undefined
  'no-header': boolean
  utc: boolean
  local: boolean
  relative: boolean
}

export interface ListChoice<Item> {
  format: ListFormat
  jsonPath: string | null
  /** The columns of `--columns`, in that order; null without it. */
  columns: readonly ListColumn<Item>[] | null
  sort: {column: ListColumn<Item>; descending: boolean} | null
  header: boolean
  times: TimeStyle
}

/** Formats with columns and headers. */
const TABULAR: ReadonlySet<ListFormat> = new Set(['table', 'wide', 'csv', 'tsv'])

/** @throws HeadscaleError (usage) for an unknown column, or a flag that the format does not use */
export function listChoice<Item>(flags: ListFlags, columns: readonly ListColumn<Item>[]): ListChoice<Item> {
  const format = listFormatOf(flags.output)
  if (!TABULAR.has(format)) rejectTabularFlags(flags, format)
  const [, dash, field = ''] = flags.sort?.match(/^(-?)(.*)$/s) ?? []
  return {
    format,
    jsonPath: jsonPathOf(flags.output),
    columns: flags.columns ? [...new Set(flags.columns.map((word) => columnNamed(columns, word)))] : null,
    sort: flags.sort === undefined ? null : {column: columnNamed(columns, field), descending: dash === '-'},
    header: !flags['no-header'],
    times: flags.relative ? 'relative' : flags.local ? 'local' : 'utc',
  }
}

/** Whether `--columns` asks for the list of columns. */
export function asksForColumns({columns}: ListFlags): boolean {
  return columns?.includes('help') === true
}

/** The columns with a line each. */
export function columnsHelp(columns: readonly ListColumn<never>[]): string {
  const width = Math.max(...columns.map(({id}) => id.length))
  return columns.map(({id, description}) => `${id.padEnd(width)}  ${description}\n`).join('')
}

function columnNamed<Item>(columns: readonly ListColumn<Item>[], word: string): ListColumn<Item> {
  const column = findColumn(columns, word)
  if (column) return column
  const ids = columns.map(({id}) => id)
  const near = nearest(word.toLowerCase(), [...ids, ...columns.flatMap(({aliases = []}) => aliases)])
  const suggestion = near === null ? '' : `did you mean ${near}? `
  return fail(usageError(`unknown column ${quoted(word)}`, `${suggestion}columns: ${ids.join(', ')}`))
}

function rejectTabularFlags(flags: ListFlags, format: ListFormat): void {
  const given = [
    ...(flags.columns ? ['--columns'] : []),
    ...(['no-header', 'utc', 'local', 'relative'] as const).filter((name) => flags[name]).map((name) => `--${name}`),
  ][0]
  if (given === undefined) return
  throw usageError(`${given} cannot be used with -o ${format}`, `${given} is for tables, -o wide, -o csv and -o tsv`)
}

function fail(error: HeadscaleError): never {
  throw error
}
