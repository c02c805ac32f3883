/** What `routes enable` and `routes disable` share; they differ in one word. */
import type {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import type {Route} from '../../domain/route.ts'
import {usageError} from '../../errors.ts'
import {nodeRouteColumns} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import {changeRoutes} from '../../usecases/routes/change-routes.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {ChangeCommand} from './base-command.ts'
import {listFlag, nodeFlag} from '../flags.ts'
import {listView} from '../list-view.ts'

export const routeChangeFlags = {
  identifier: nodeFlag({description: 'node to change, by ID or name'}),
  route: listFlag({
    char: 'r',
    description: 'prefix, or without -i the route ID (headscale 0.18 to 0.25)',
    helpValue: 'CIDR',
  }),
  all: Flags.boolean({char: 'a', description: 'all routes of the node'}),
}

interface Words {
  identifier?: string
  route?: string[]
  all?: boolean
  'allow-unadvertised'?: boolean
}

export abstract class RouteChangeCommand<C extends typeof Command> extends ChangeCommand<C, Route[]> {
  protected abstract readonly approve: boolean

  protected override async perform(api: ControlApi) {
    const {identifier, all, 'allow-unadvertised': allowUnadvertised = false} = this.flags as Words
    const prefixes = this.prefixes()
    if (identifier === undefined) return this.byId(api, prefixes)
    const node = await resolveNode(api, identifier)
    return changeRoutes(api, node, {approve: this.approve, prefixes: all ? 'all' : prefixes, allowUnadvertised})
  }

  protected override intent() {
    const {identifier, all} = this.flags as Words
    const what = all ? 'all routes' : this.prefixes().join(', ')
    return `${this.approve ? 'enable' : 'disable'} ${what}${identifier === undefined ? '' : ` of node "${identifier}"`}`
  }

  protected override view(routes: Route[]) {
    return listView(nodeRouteColumns, routes, this.io)
  }

  protected override document(routes: Route[]) {
    return routes.map(routeDocument)
  }

  private prefixes(): string[] {
    const {route = [], all = false} = this.flags as Words
    if (all === route.length > 0) {
      throw usageError(
        all ? 'give routes or --all, not both' : 'no route given',
        'as in: -r 192.168.100.0/24, or --all',
      )
    }
    return route
  }

  /** The servers that number their routes took the number alone (0.18–0.25). */
  private async byId(api: ControlApi, ids: readonly string[]): Promise<Route[]> {
    const id = ids[0]
    if (ids.length !== 1 || !/^\d+$/.test(id!)) throw usageError('no node given', 'add the node: -i NODE')
    const route = await api.routes.byId(id!)
    const node = await resolveNode(api, `id:${route.node.id}`)
    return changeRoutes(api, node, {approve: this.approve, prefixes: [route.prefix]})
  }
}
