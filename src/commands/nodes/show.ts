import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorOf} from '../../cli/args/selectors.ts'
import {LISTENER_NAMES, metricsAddressFlag} from '../../cli/args/metrics-address.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {nodeFlag, optionalArg, userFlag} from '../../cli/flags.ts'
import {defaultListView} from '../../cli/output/list-view.ts'
import type {Node} from '../../domain/node.ts'
import {usageError} from '../../errors.ts'
import {NODES, shownNodeColumns} from '../../render/columns/nodes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {listNodes} from '../../usecases/nodes/list-nodes.ts'
import {withClients} from '../../usecases/nodes/host-facts.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {withRoutes} from '../../usecases/nodes/with-routes.ts'

export default class NodesShow extends ControlCommand<typeof NodesShow, Node | Node[]> {
  static override summary = 'Show node details'
  static override description = 'Without a node, lists nodes as "nodes list" does.'
  static override examples = ['<%= config.bin %> nodes show router', '<%= config.bin %> nodes show 6 -o yaml']
  static override args = {
    node: optionalArg({description: 'node to show, by ID, name or IP address', completes: 'node'}),
  }
  static override flags = {
    identifier: nodeFlag({description: 'node to show, by ID or name'}),
    user: userFlag({description: 'without a node: show only nodes of this user, by name or ID'}),
    tags: Flags.boolean({char: 't', description: 'without a node: show tags'}),
    'metrics-address': metricsAddressFlag,
  }

  private unknownClient: string | null = null

  protected override async perform(api: ControlApi) {
    const {identifier, user, tags} = this.flags
    const {node} = this.args
    if (identifier !== undefined && node !== undefined) {
      throw usageError('node specified more than once', 'use NODE or --identifier')
    }
    const ref = identifier ?? node
    if (ref === undefined) {
      const listed = listNodes(api, {selector: nodeSelectorOf({user}), routes: this.machineOutput, now: this.io.now()})
      return this.machineOutput ? (await withClients(api, listed, LISTENER_NAMES)).nodes : listed
    }
    if (user !== undefined || tags) throw usageError('--user and --tags are for the list of nodes', 'leave out NODE')
    const found = resolveNode(api, ref).then((resolved) => withRoutes(api, [resolved]))
    const {nodes, unknown} = await withClients(api, found, LISTENER_NAMES)
    this.unknownClient = unknown
    return nodes[0]!
  }

  protected override async view(result: Node | Node[], {capabilities: {ownerWord}}: ServerFacts) {
    if (Array.isArray(result)) {
      const shown = shownNodeColumns({tags: this.flags.tags})
      return defaultListView(NODES, shown, result, {io: this.io, ownerWord})
    }
    const {nodeReport} = await import('../../render/report/node.ts')
    return nodeReport(result, {ownerWord, now: this.io.now(), unknownClient: this.unknownClient})
  }

  protected override document(result: Node | Node[]) {
    return Array.isArray(result) ? result.map(nodeDocument) : nodeDocument(result)
  }
}
