/**
 * The base of every list: fetches the items and prints them as a table or as documents. A list defines its call, its
 * columns and its document; features for all lists (filters, sorting, a choice of columns) belong here.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import type {Column} from '../../render/table.ts'
import {listView} from '../output/list-view.ts'
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
