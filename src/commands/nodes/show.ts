import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {nodeFlag, optionalArg} from '../../cli/flags.ts'
import {listView} from '../../cli/list-view.ts'
import type {Node} from '../../domain/node.ts'
import {usageError} from '../../errors.ts'
import {nodeColumns} from '../../render/columns/nodes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {listNodes} from '../../usecases/nodes/list-nodes.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {withRoutes} from '../../usecases/nodes/with-routes.ts'

export default class NodesShow extends ControlCommand<typeof NodesShow, Node | Node[]> {
  static override summary = 'Show node details'
  static override description = 'Without a node, lists all nodes.'
  static override examples = ['<%= config.bin %> nodes show router', '<%= config.bin %> nodes show 6 -o yaml']
  static override args = {node: optionalArg({description: 'node to show, by ID, name or IP address'})}
  static override flags = {identifier: nodeFlag({description: 'node to show, by ID or name'})}

  protected override async perform(api: ControlApi) {
    const {identifier} = this.flags
    const {node: word} = this.args
    if (identifier !== undefined && word !== undefined) throw usageError('the node is given twice', 'give it once')
    const wanted = identifier ?? word
    if (wanted === undefined) return listNodes(api, {routes: this.forMachines})
    return (await withRoutes(api, [await resolveNode(api, wanted)]))[0]!
  }

  protected override async view(result: Node | Node[], {capabilities}: ServerFacts) {
    const {ownerWord} = capabilities
    const now = this.io.now()
    if (Array.isArray(result)) return listView(nodeColumns({ownerWord, now, tags: false}), result, this.io)
    const {nodeReport} = await import('../../render/report/node.ts')
    return nodeReport(result, {ownerWord, now})
  }

  protected override document(result: Node | Node[]) {
    return Array.isArray(result) ? result.map(nodeDocument) : nodeDocument(result)
  }
}
