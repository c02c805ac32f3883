import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {requiredTextFlag} from '../../cli/flags.ts'
import type {Route} from '../../domain/route.ts'
import {usageError} from '../../errors.ts'
import {routeDocument} from '../../render/document/route.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {planRouteDeletion} from '../../usecases/routes/delete-route.ts'

export default class RoutesDelete extends ChangeCommand<typeof RoutesDelete, Route> {
  static override summary = 'Delete a route by ID (headscale 0.21 to 0.25)'
  static override description = 'The route appears again when its node advertises it again.'
  static override examples = ['<%= config.bin %> routes delete -r 3']
  static override flags = {
    route: requiredTextFlag({char: 'r', description: 'ID of the route', helpValue: 'ID', completes: 'route-id'}),
  }

  protected override plan(api: ControlApi): Promise<ChangePlan<Route>> {
    const {route} = this.flags
    if (!/^\d+$/.test(route)) throw usageError('--route takes the ID of a route here', 'see: headscale-ts routes list')
    return planRouteDeletion(api, route)
  }

  protected override view() {
    return 'Route deleted\n'
  }

  protected override document(route: Route) {
    return routeDocument(route)
  }
}
