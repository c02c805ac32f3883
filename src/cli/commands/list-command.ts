/**
 * The base of every list: fetches the items and prints them in one of the formats of lists. A list defines its call, its
 * columns and its document; features for all lists (filters, sorting, a choice of columns) belong here.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ListSpec, Shown} from '../../render/columns/column.ts'
import {printable} from '../../text/untrusted.ts'
import {listFlags} from '../flags.ts'
import {asksForColumns, columnsHelp, type ListChoice, listChoice} from '../output/list-choice.ts'
import {columnsView} from '../output/list-view.ts'
import {controlFlags, ServerCommand, type View} from './base-command.ts'

export const listCommandFlags = {...controlFlags, ...listFlags}

export interface Loaded<Item> {
  items: Item[]
  /** The columns of the default table. */
  shown: readonly Shown[]
  ownerWord: ServerFacts['capabilities']['ownerWord']
}

export abstract class ListCommand<
  C extends typeof Command,
  Item,
  Base extends typeof listCommandFlags = typeof listCommandFlags,
> extends ServerCommand<C, Base> {
  static override baseFlags: typeof listCommandFlags = listCommandFlags

  /** All columns, independent of the release, so that `--columns` is checked before the server is called. */
  abstract readonly list: ListSpec<Item>
  protected abstract fetch(api: ControlApi): Promise<Item[]>
  /** The columns of the default table. */
  protected abstract shown(server: ServerFacts): readonly Shown[]
  /** The published JSON of one item. */
  protected abstract item(item: Item): unknown

  /** Known once the flags are parsed. */
  private choice!: ListChoice<Item>

  protected override async runParsed(): Promise<void> {
    if (asksForColumns(this.flags)) return this.io.out(columnsHelp(this.list.columns))
    this.choice = listChoice(this.flags, this.list.columns)
    const {jsonPath} = this.choice
    const query = jsonPath === null ? null : await compileQuery(jsonPath)
    const loaded = await this.load()
    const items = await this.sorted(loaded.items)
    if (query) return this.io.out(query(this.document(items)))
    await this.print(
      () => this.view(items, loaded),
      () => this.document(items),
    )
  }

  /** The items of the server, and how they are shown. A list that can do without a server overrides it. */
  protected async load(): Promise<Loaded<Item>> {
    const {result, server} = await this.onServer({reading: true}, (api) => this.fetch(api))
    return {items: result, shown: this.shown(server), ownerWord: server.capabilities.ownerWord}
  }

  /** Whether the output needs one of these columns, which can cost further calls. */
  protected needs(...ids: string[]): boolean {
    const {format, columns, sort} = this.choice
    if (sort && ids.includes(sort.column.id)) return true
    if (format === 'name' || format === 'id') return false
    if (columns) return columns.some(({id}) => ids.includes(id))
    return format !== 'table'
  }

  /** Whether the user asked for one of these columns: by its name, or with `-o wide`. */
  protected asksFor(...ids: string[]): boolean {
    const {format, columns, sort} = this.choice
    return format === 'wide' || [...(columns ?? []), ...(sort ? [sort.column] : [])].some(({id}) => ids.includes(id))
  }

  private view(items: Item[], {shown, ownerWord}: Loaded<Item>): View | Promise<View> {
    const {list, choice, io} = this
    switch (choice.format) {
      case 'name':
        return items.map((item) => `${printable(list.name(item))}\n`).join('')
      case 'id':
        return items.map((item) => `${printable(list.id(item) ?? missingId())}\n`).join('')
      default:
        return columnsView(list, shown, items, choice, {io, ownerWord})
    }
  }

  private async sorted(items: Item[]): Promise<Item[]> {
    const {sort} = this.choice
    if (!sort) return items
    const {sortItems} = await import('../../render/sort.ts')
    return sortItems(items, sort.column, {descending: sort.descending, now: this.io.now()})
  }

  private document(items: Item[]): unknown[] {
    return items.map((item) => this.item(item))
  }
}

async function compileQuery(expression: string): Promise<(document: unknown) => string> {
  const {compileJsonPath} = await import('../../render/document/jsonpath.ts')
  return compileJsonPath(expression)
}

function missingId(): never {
  throw new HeadscaleError('unsupported-by-server', 'what this list shows has no IDs on this server', {
    hint: 'use -o name or -o jsonpath=EXPR',
  })
}
