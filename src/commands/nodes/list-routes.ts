import type {ControlApi} from '../../api/control-api.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {nodesWithRoutesColumns} from '../../render/columns/routes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {listNodesWithRoutes} from '../../usecases/nodes/list-nodes-with-routes.ts'

export default class NodesListRoutes extends ListCommand<typeof NodesListRoutes, Node> {
  static override summary = 'List nodes that have routes'
  static override examples = ['<%= config.bin %> nodes list-routes', '<%= config.bin %> nodes list-routes -i 6']
  static override flags = {identifier: nodeFlag({description: 'show only this node, by ID or name'})}

  protected override fetch(api: ControlApi) {
    return listNodesWithRoutes(api, this.flags.identifier)
  }

  protected override columns() {
    return nodesWithRoutesColumns
  }

  protected override item(node: Node) {
    return nodeDocument(node)
  }
}
