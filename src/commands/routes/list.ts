import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import {listView} from '../../cli/list-view.ts'
import type {Route} from '../../domain/route.ts'
import {nodeRouteColumns, routeColumns} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'

export default class RoutesList extends ControlCommand<typeof RoutesList, Route[]> {
  static override summary = 'List routes'
  static override examples = ['<%= config.bin %> routes list -i 6', '<%= config.bin %> routes list']
  static override flags = {identifier: nodeFlag({description: 'show only routes of this node, by ID or name'})}

  protected override async perform(api: ControlApi) {
    const {identifier} = this.flags
    if (identifier !== undefined) return api.routes.ofNode(await resolveNode(api, identifier))
    return api.routes.list(await api.nodes.list())
  }

  protected override view(routes: Route[], {capabilities}: ServerFacts) {
    const columns =
      this.flags.identifier === undefined ? routeColumns({ids: capabilities.routes === 'rows'}) : nodeRouteColumns
    return listView(columns, routes, this.io)
  }

  protected override document(routes: Route[]) {
    return routes.map(routeDocument)
  }
}
