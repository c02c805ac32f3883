import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {routeSelectorFlags, routeSelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import type {Route} from '../../domain/route.ts'
import {ROUTES, SHOWN_ROUTES_OF_NODE, shownRoutes} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import {listRoutes} from '../../usecases/routes/list-routes.ts'

export default class RoutesList extends ListCommand<typeof RoutesList, Route> {
  static override summary = 'List routes'
  static override examples = [
    '<%= config.bin %> routes list -i 6',
    '<%= config.bin %> routes list',
    '<%= config.bin %> routes list --pending --tag tag:router',
    '<%= config.bin %> routes list --conflicts',
  ]
  static override flags = {
    ...routeSelectorFlags,
    identifier: nodeFlag({description: 'show only routes of this node, by ID or name'}),
  }

  override readonly list = ROUTES

  protected override fetch(api: ControlApi) {
    const {identifier: node} = this.flags
    return listRoutes(api, {node, selector: routeSelectorOf(this.flags), now: this.io.now()})
  }

  protected override shown({capabilities}: ServerFacts) {
    return this.flags.identifier === undefined
      ? shownRoutes({ids: capabilities.routes === 'rows'})
      : SHOWN_ROUTES_OF_NODE
  }

  protected override item(route: Route) {
    return routeDocument(route)
  }
}
