import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {NodeChangeCommand} from '../../cli/commands/node-change.ts'
import {requiredArg} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {planRenameNode} from '../../usecases/nodes/rename-node.ts'

export default class NodesRename extends NodeChangeCommand<typeof NodesRename> {
  static override summary = 'Rename a node'
  static override description =
    'Sets the name shown in lists and used in MagicDNS. The hostname that the client reports does not change.'
  static override examples = ['<%= config.bin %> nodes rename -i 6 router']
  static override args = {newname: requiredArg({description: 'new name'})}

  protected override planNode(api: ControlApi, node: Node) {
    return planRenameNode(api, node, this.args.newname)
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'renamed')
  }
}
