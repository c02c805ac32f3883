import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {requiredNodeFlag} from '../../cli/flags.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {withRoutes} from '../../usecases/nodes/with-routes.ts'

export default class NodesDelete extends ChangeCommand<typeof NodesDelete, Node> {
  static override summary = 'Delete a node'
  static override examples = ['<%= config.bin %> nodes delete -i 6', '<%= config.bin %> nodes delete -i laptop --force']
  static override flags = {identifier: requiredNodeFlag({description: 'node to delete, by ID or name'})}

  protected override async perform(api: ControlApi) {
    const node = await resolveNode(api, this.flags.identifier)
    // What is printed is the node as it was: its routes are asked for while it is still there.
    const [shown] = this.forMachines ? await withRoutes(api, [node]) : [node]
    await this.confirm(`Do you want to remove the node ${nodeName(node)}?`)
    await api.nodes.delete(node)
    return shown!
  }

  protected override intent() {
    return `delete node "${this.flags.identifier}"`
  }

  protected override view() {
    return 'Node deleted\n'
  }

  protected override document(node: Node) {
    return nodeDocument(node)
  }
}
