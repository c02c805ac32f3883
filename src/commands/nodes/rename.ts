import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {NodeChangeCommand} from '../../cli/commands/node-change.ts'
import {requiredArg} from '../../cli/flags.ts'
import {nodeChange} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'

export default class NodesRename extends NodeChangeCommand<typeof NodesRename> {
  static override summary = 'Rename a node'
  static override description =
    'Sets the name shown in lists and used in MagicDNS. The hostname that the client reports does not change.'
  static override examples = ['<%= config.bin %> nodes rename -i 6 router']
  static override args = {newname: requiredArg({description: 'new name'})}

  protected override async planNode(api: ControlApi, node: Node) {
    const givenName = this.args.newname
    const effect = {action: 'rename', before: {givenName: node.givenName}, after: {givenName}}
    return {
      changes: [nodeChange(node, effect, ` to ${givenName}`)],
      apply: () => api.nodes.rename(node, givenName),
    }
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'renamed')
  }
}
