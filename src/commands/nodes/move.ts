import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {moveSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {requiredUserFlag} from '../../cli/flags.ts'
import {nodeChange} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'
import {describeUser} from '../../domain/user.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class NodesMove extends NodeChangeCommand<typeof NodesMove> {
  static override summary = 'Move a node to another user (headscale 0.16 to 0.27)'
  static override examples = [
    '<%= config.bin %> nodes move -i 6 --user ops',
    '<%= config.bin %> nodes move --from-user anna --user ops',
  ]
  static override args = nodeTargets
  static override flags = {
    ...moveSelectorFlags,
    user: requiredUserFlag({description: 'new user, by name or ID'}),
  }

  protected override readonly verb = 'move'

  protected override get selector() {
    const {'from-user': user, 'not-from-user': notUser, ...others} = this.flags
    return nodeSelectorOf({...others, user, 'not-user': notUser})
  }

  protected override async planTarget(api: ControlApi, node: Node) {
    const user = await resolveUser(api, this.flags.user)
    const effect = {action: 'move', before: {user: node.user?.name ?? null}, after: {user: user.name}}
    return {
      changes: [nodeChange(node, effect, ` to ${describeUser(user)}`)],
      apply: () => api.nodes.move(node, user),
    }
  }

  protected override view(_node: Node, {capabilities}: ServerFacts) {
    return `Node moved to another ${capabilities.ownerWord}\n`
  }
}
