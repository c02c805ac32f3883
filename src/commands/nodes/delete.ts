import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {nodeChange} from '../../domain/change.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import {withRoutes} from '../../usecases/nodes/with-routes.ts'

export default class NodesDelete extends NodeChangeCommand<typeof NodesDelete> {
  static override summary = 'Delete a node'
  static override examples = [
    '<%= config.bin %> nodes delete -i 6',
    '<%= config.bin %> nodes delete web-1 web-2 --force',
    '<%= config.bin %> nodes delete --force - < ids.txt',
    '<%= config.bin %> nodes delete --offline-for 90d --ephemeral --dry-run',
  ]
  static override args = nodeTargets
  static override flags = nodeSelectorFlags

  protected override readonly verb = 'delete'
  protected override readonly consequence = 'A deleted node must be registered again to come back.'

  /** The document is the node before its deletion. */
  protected override get needsListedNode() {
    return this.machineOutput
  }

  protected override get nodeRemains() {
    return false
  }

  /** The routes, for the document, are read before the nodes are deleted. */
  protected override async prepare(api: ControlApi, nodes: readonly Node[]) {
    return this.machineOutput ? withRoutes(api, nodes) : [...nodes]
  }

  protected override async planTarget(api: ControlApi, node: Node) {
    return {
      changes: [nodeChange(node, {action: 'delete'})],
      question: `Do you want to remove the node ${describeNode(node)}?`,
      apply: async () => {
        await api.nodes.delete(node)
        return node
      },
    }
  }

  protected override view() {
    return 'Node deleted\n'
  }
}
