import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {requiredNodeFlag, requiredUserFlag} from '../../cli/flags.ts'
import {NodeChangeCommand} from '../../cli/commands/node-change.ts'
import type {Node} from '../../domain/node.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class NodesMove extends NodeChangeCommand<typeof NodesMove> {
  static override summary = 'Move a node to another user (headscale 0.16 to 0.27)'
  static override examples = ['<%= config.bin %> nodes move -i 6 --user ops']
  static override flags = {
    identifier: requiredNodeFlag({description: 'node to move, by ID or name'}),
    user: requiredUserFlag({description: 'new user, by name or ID'}),
  }

  protected override async change(api: ControlApi, node: Node) {
    return api.nodes.move(node, await resolveUser(api, this.flags.user))
  }

  protected override intent() {
    return `move node "${this.target}" to "${this.flags.user}"`
  }

  protected override view(_node: Node, {capabilities}: ServerFacts) {
    return `Node moved to another ${capabilities.ownerWord}\n`
  }
}
