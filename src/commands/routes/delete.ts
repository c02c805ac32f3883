import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {requiredTextFlag} from '../../cli/flags.ts'
import type {Route} from '../../domain/route.ts'
import {usageError} from '../../errors.ts'
import {routeDocument} from '../../render/document/route.ts'

export default class RoutesDelete extends ChangeCommand<typeof RoutesDelete, Route> {
  static override summary = 'Delete a route by ID (headscale 0.21 to 0.25)'
  static override description = 'The route appears again when its node advertises it again.'
  static override examples = ['<%= config.bin %> routes delete -r 3']
  static override flags = {route: requiredTextFlag({char: 'r', description: 'ID of the route', helpValue: 'ID'})}

  protected override async perform(api: ControlApi) {
    if (!/^\d+$/.test(this.flags.route))
      throw usageError('a route is deleted by its id', 'see: headscale-ts routes list')
    return api.routes.deleteById(this.flags.route)
  }

  protected override intent() {
    return `delete route ${this.flags.route}`
  }

  protected override view() {
    return 'Route deleted\n'
  }

  protected override document(route: Route) {
    return routeDocument(route)
  }
}
