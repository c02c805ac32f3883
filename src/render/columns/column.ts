/**
 * Columns of lists as data: an id for the command line, the value for sorting and for CSV, the text for tables, and what
 * happens to it on a narrow terminal. Nothing here depends on a server, so columns can be checked before one is called.
 */
import type {Column, Tone} from '../table.ts'

/** Null where there is none, or where the release does not report it. */
export type Value = string | number | boolean | Date | readonly string[] | null

/** What a text depends on beside the item. */
export interface TextContext {
  now: Date
  /** The release's name for the owner of a node or key. */
  ownerWord: 'namespace' | 'user'
  /** Formats a time. */
  time(time: Date): string
}

export interface ListColumn<Item> {
  /** What `--columns` and `--sort` call it: the name of the field in JSON, as words (`acl-tags` for `aclTags`). */
  id: string
  /** The name of the field in JSON, as words, where it is another one. CSV and TSV have it as the header. */
  field?: string
  /** Other names that `--columns` and `--sort` accept. */
  aliases?: readonly string[]
  header: string | ((context: Pick<TextContext, 'ownerWord'>) => string)
  /** One line for `--columns help`. */
  description: string
  value(item: Item, now: Date): Value
  /** The text in tables, where it differs from the value. */
  text?(item: Item, context: TextContext): string
  tone?(item: Item, now: Date): Tone
  /** The values are addresses or prefixes, which are sorted by number. */
  addresses?: true
  /** Not in `-o wide`; only `--columns`, CSV and TSV have it. */
  detail?: true
  narrow?: Narrow<Item>
}

/** What happens to a column on a terminal that is too narrow, by ascending steps, until the table fits. */
export interface Narrow<Item> {
  /** The step at which the default table leaves the column out. */
  leaveOut?: number
  /** The shorter text that is used from SHORT_STEP on. */
  short?(item: Item): string
  /** At the end the text may be cut. */
  cut?: true
}

/** The step at which short texts are used. */
export const SHORT_STEP = 10

/** All columns of a list, and how a single item is named on a command line. */
export interface ListSpec<Item> {
  columns: readonly ListColumn<Item>[]
  /** One word that other commands accept for this item. */
  name(item: Item): string
  /** Null where the server has no ids. */
  id(item: Item): string | null
}

/** A column of the default table, with its documented header where it differs. */
export type Shown = string | {id: string; header: string}

/** A column of a table that can adapt to the width of a terminal. */
export interface TableColumn<Item> extends Column<Item> {
  narrow?: Narrow<Item>
}

/** The column with this id, alias or JSON name (`givenName`), or null. An id takes precedence. */
export function findColumn<Item>(columns: readonly ListColumn<Item>[], word: string): ListColumn<Item> | null {
  const name = word.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
  const named = ({field, aliases = []}: ListColumn<Item>) => [field, ...aliases].includes(name)
  return columns.find(({id}) => id === name) ?? columns.find(named) ?? null
}

/** The columns of a table. @param shown ids, in order */
export function tableColumns<Item>(
  columns: readonly ListColumn<Item>[],
  shown: readonly Shown[],
  context: TextContext,
): TableColumn<Item>[] {
  return shown.map((entry) => {
    const {id, header} = typeof entry === 'string' ? {id: entry, header: undefined} : entry
    const column = columns.find((candidate) => candidate.id === id)!
    const {text, tone, narrow} = column
    return {
      header: header ?? (typeof column.header === 'string' ? column.header : column.header(context)),
      cell: (item) => (text ? text(item, context) : valueText(column.value(item, context.now), context.time)),
      ...(tone && {tone: (item: Item) => tone(item, context.now)}),
      ...(narrow && {narrow}),
    }
  })
}

/** A value as text: `-` for null, lists separated by commas. */
export function valueText(value: Value, time: (time: Date) => string): string {
  if (value === null) return '-'
  if (value instanceof Date) return time(value)
  return typeof value === 'object' ? value.join(',') : String(value)
}
