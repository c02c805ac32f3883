import type {ControlApi} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import {listView} from '../../cli/list-view.ts'
import type {Node} from '../../domain/node.ts'
import {nodesWithRoutesColumns} from '../../render/columns/routes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {listNodes} from '../../usecases/nodes/list-nodes.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {withRoutes} from '../../usecases/nodes/with-routes.ts'

export default class NodesListRoutes extends ControlCommand<typeof NodesListRoutes, Node[]> {
  static override summary = 'List nodes that have routes'
  static override examples = ['<%= config.bin %> nodes list-routes', '<%= config.bin %> nodes list-routes -i 6']
  static override flags = {identifier: nodeFlag({description: 'show only this node, by ID or name'})}

  protected override async perform(api: ControlApi) {
    const {identifier} = this.flags
    const nodes =
      identifier === undefined
        ? await listNodes(api, {routes: true})
        : await withRoutes(api, [await resolveNode(api, identifier)])
    return nodes.filter(({routes}) => routes && (routes.available.length > 0 || routes.approved.length > 0))
  }

  protected override view(nodes: Node[]) {
    return listView(nodesWithRoutesColumns, nodes, this.io)
  }

  protected override document(nodes: Node[]) {
    return nodes.map(nodeDocument)
  }
}
