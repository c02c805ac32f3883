import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {NodeListCommand} from '../../cli/commands/node-list-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import {SHOWN_ROUTE_COLUMNS} from '../../render/columns/nodes.ts'
import {listNodesWithRoutes} from '../../usecases/nodes/list-nodes-with-routes.ts'

export default class NodesListRoutes extends NodeListCommand<typeof NodesListRoutes> {
  static override summary = 'List nodes that have routes'
  static override examples = [
    '<%= config.bin %> nodes list-routes',
    '<%= config.bin %> nodes list-routes -i 6',
    '<%= config.bin %> nodes list-routes --pending-routes --online',
  ]
  static override flags = {
    ...nodeSelectorFlags,
    identifier: nodeFlag({description: 'show only this node, by ID or name'}),
  }

  protected override nodes(api: ControlApi) {
    const {identifier: node} = this.flags
    return listNodesWithRoutes(api, {node, selector: nodeSelectorOf(this.flags), now: this.io.now()})
  }

  protected override shown() {
    return SHOWN_ROUTE_COLUMNS
  }
}
