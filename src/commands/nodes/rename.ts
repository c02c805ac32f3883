import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {requiredArg, requiredNodeFlag} from '../../cli/flags.ts'
import {NodeChangeCommand} from '../../cli/commands/node-change.ts'
import type {Node} from '../../domain/node.ts'

export default class NodesRename extends NodeChangeCommand<typeof NodesRename> {
  static override summary = 'Give a node another name'
  static override description = 'Sets the name in lists and in MagicDNS; what the client calls itself stays.'
  static override examples = ['<%= config.bin %> nodes rename -i 6 router']
  static override args = {newname: requiredArg({description: 'the new name'})}
  static override flags = {identifier: requiredNodeFlag({description: 'the node, by id or name'})}

  protected override change(api: ControlApi, node: Node) {
    return api.nodes.rename(node, this.args.newname)
  }

  protected override intent() {
    return `rename node "${this.target}" to "${this.args.newname}"`
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'renamed')
  }
}
