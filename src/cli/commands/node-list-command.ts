/** The base of lists of nodes that have columns of what clients report: it is read only for an output that has them. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {CLIENT_COLUMN_IDS, NODES} from '../../render/columns/nodes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {withClients} from '../../usecases/nodes/host-facts.ts'
import {LISTENER_NAMES, metricsAddressFlag} from '../args/metrics-address.ts'
import {ListCommand, listCommandFlags} from './list-command.ts'

const nodeListFlags = {...listCommandFlags, 'metrics-address': metricsAddressFlag}

export abstract class NodeListCommand<C extends typeof Command> extends ListCommand<C, Node, typeof nodeListFlags> {
  static override baseFlags: typeof nodeListFlags = nodeListFlags

  override readonly list = NODES

  protected abstract nodes(api: ControlApi): Promise<Node[]>

  protected override async fetch(api: ControlApi): Promise<Node[]> {
    if (!this.needs(...CLIENT_COLUMN_IDS)) return this.nodes(api)
    const {nodes, unknown} = await withClients(api, this.nodes(api), LISTENER_NAMES)
    if (unknown !== null && this.asksFor(...CLIENT_COLUMN_IDS)) {
      this.note(`OS, client version and endpoints are unknown: ${unknown}`)
    }
    return nodes
  }

  protected override item(node: Node) {
    return nodeDocument(node)
  }
}
