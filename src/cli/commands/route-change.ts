/** The base of `routes enable` and `routes disable`. */
import type {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {nodeRouteColumns} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {planRouteChange} from '../../usecases/routes/change-routes.ts'
import {listFlag, nodeFlag} from '../flags.ts'
import {listView} from '../output/list-view.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'
import {updateOptions} from './route-lock.ts'

const routeFlags = {
  ...changeCommandFlags,
  identifier: nodeFlag({description: 'node to change, by ID or name'}),
  route: listFlag({
    char: 'r',
    description: 'prefixes, comma-separated; without -i the route ID (headscale 0.18 to 0.25)',
    helpValue: 'CIDR',
  }),
  all: Flags.boolean({char: 'a', description: 'all routes of the node'}),
}

export abstract class RouteChangeCommand<C extends typeof Command> extends ChangeCommand<
  C,
  Route[],
  typeof routeFlags
> {
  static override baseFlags: typeof routeFlags = routeFlags

  protected abstract readonly approve: boolean
  /** Whether to accept prefixes that the node does not advertise. */
  protected get allowUnadvertised(): boolean {
    return false
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Route[]>> {
    const {node, prefixes} = await this.target(api)
    const {approve, allowUnadvertised} = this
    const options = updateOptions(api, this.io)
    return planRouteChange(api, node, {approve, prefixes, allowUnadvertised}, options)
  }

  protected override view(routes: Route[]) {
    return listView(nodeRouteColumns, routes, this.io)
  }

  protected override document(routes: Route[]) {
    return routes.map(routeDocument)
  }

  private async target(api: ControlApi): Promise<{node: Node; prefixes: readonly string[] | 'all'}> {
    const {identifier, route: routes = [], all} = this.flags
    if (all && routes.length > 0) throw usageError('--all and --route cannot be used together', 'use one of them')
    if (!all && routes.length === 0) throw usageError('no route given', 'for example: -r 192.168.100.0/24, or --all')
    if (identifier !== undefined) return {node: await resolveNode(api, identifier), prefixes: all ? 'all' : routes}
    // headscale's own command line takes only a route id (0.18 to 0.25).
    const [id = ''] = routes
    if (routes.length !== 1 || !/^\d+$/.test(id)) throw usageError('no node given', 'add the node: -i NODE')
    const {node, prefix} = await api.routes.byId(id)
    if (!node) throw ofNoNode(id, prefix)
    return {node: await resolveNode(api, `id:${node.id}`), prefixes: [prefix]}
  }
}

/** Clients are told nothing about such a route: there is nothing to enable or disable. */
function ofNoNode(id: string, prefix: string): HeadscaleError {
  return new HeadscaleError('not-found', `route ${id} (${prefix}) belongs to no node`, {
    hint: `its node was removed; delete the route: headscale-ts routes delete -r ${id} (headscale 0.21 to 0.25)`,
  })
}
