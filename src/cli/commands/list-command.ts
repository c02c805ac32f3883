/**
 * What every list shares: fetch the items, show them as a table, or print their documents. A list says where its items
 * come from and which columns and document they have; what should hold for all lists (filters, sorting, a choice of
 * columns) belongs here.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import type {Column} from '../../render/table.ts'
import {listView} from '../list-view.ts'
import {ControlCommand} from './base-command.ts'

export abstract class ListCommand<C extends typeof Command, Item> extends ControlCommand<C, Item[]> {
  protected abstract fetch(api: ControlApi): Promise<Item[]>
  protected abstract columns(server: ServerFacts): readonly Column<Item>[]
  /** The published JSON of one item. */
  protected abstract item(item: Item): unknown

  protected override perform(api: ControlApi) {
    return this.fetch(api)
  }

  protected override view(items: Item[], server: ServerFacts) {
    return listView(this.columns(server), items, this.io)
  }

  protected override document(items: Item[]): unknown[] {
    return items.map((item) => this.item(item))
  }
}
