import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import type {Route} from '../../domain/route.ts'
import {nodeRouteColumns, routeColumns} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import {listRoutes} from '../../usecases/routes/list-routes.ts'

export default class RoutesList extends ListCommand<typeof RoutesList, Route> {
  static override summary = 'List routes'
  static override examples = ['<%= config.bin %> routes list -i 6', '<%= config.bin %> routes list']
  static override flags = {identifier: nodeFlag({description: 'show only routes of this node, by ID or name'})}

  protected override fetch(api: ControlApi) {
    return listRoutes(api, this.flags.identifier)
  }

  protected override columns({capabilities}: ServerFacts) {
    return this.flags.identifier === undefined ? routeColumns({ids: capabilities.routes === 'rows'}) : nodeRouteColumns
  }

  protected override item(route: Route) {
    return routeDocument(route)
  }
}
