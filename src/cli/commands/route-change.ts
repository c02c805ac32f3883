/** The base of `routes enable` and `routes disable`. */
import type {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import type {Route} from '../../domain/route.ts'
import {EXIT_ROUTES} from '../../domain/values/prefix.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {nodeRouteColumns} from '../../render/columns/routes.ts'
import {routeDocument} from '../../render/document/route.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {selectNodes} from '../../usecases/nodes/select-nodes.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {planRouteChange} from '../../usecases/routes/change-routes.ts'
import {nodeOfRouteSelectorFlags, nodeSelectorOf} from '../args/selectors.ts'
import {listFlag, nodeFlag, targetsArg} from '../flags.ts'
import {listView} from '../output/list-view.ts'
import {updateOptions} from './route-lock.ts'
import {TargetsCommand, targetsCommandFlags} from './targets-command.ts'

export const routeTargets = {
  target: targetsArg({description: 'NODE and CIDR: nodes by ID or name, and prefixes', completes: ['node', 'route']}),
}

const routeFlags = {
  ...targetsCommandFlags,
  ...nodeOfRouteSelectorFlags,
  identifier: nodeFlag({description: 'node to change, by ID or name'}),
  route: listFlag({
    char: 'r',
    description: 'prefixes, comma-separated; without a node the route ID (headscale 0.18 to 0.25)',
    helpValue: 'CIDR',
    completes: 'route',
  }),
  all: Flags.boolean({char: 'a', description: 'all routes of the node'}),
  'exit-node': Flags.boolean({description: 'the exit routes: 0.0.0.0/0 and ::/0'}),
}

/** Routes of one node. */
interface RouteTarget {
  node: Node
  prefixes: readonly string[] | 'all'
}

export abstract class RouteChangeCommand<C extends typeof Command> extends TargetsCommand<
  C,
  RouteTarget,
  Route[],
  typeof routeFlags
> {
  static override baseFlags: typeof routeFlags = routeFlags

  protected override readonly noun = {one: 'node', many: 'nodes'}

  protected abstract readonly approve: boolean
  /** Whether to accept prefixes that the node does not advertise. */
  protected get allowUnadvertised(): boolean {
    return false
  }

  protected override get named(): readonly string[] {
    const {nodes, prefixes} = this.#given
    return nodes.length > 0 || this.selects ? nodes : prefixes
  }

  /** The selector of the flags; null without one. */
  protected get selector(): NodeSelector<string> | null {
    return nodeSelectorOf({...this.flags, route: undefined})
  }

  protected override get selects(): boolean {
    return this.selector !== null
  }

  protected override async select(api: ControlApi): Promise<RouteTarget[]> {
    const nodes = await selectNodes(api, this.selector ?? [], this.io.now())
    return nodes.map((node) => ({node, prefixes: this.chosen}))
  }

  /** The prefixes to change on each node. */
  protected get chosen(): readonly string[] | 'all' {
    return this.flags.all ? 'all' : this.#given.prefixes
  }

  protected override async resolve(api: ControlApi, word: string): Promise<RouteTarget> {
    if (this.#given.nodes.length === 0) return this.#routeById(api, word)
    return {node: await resolveNode(api, word), prefixes: this.chosen}
  }

  protected override idOf({node}: RouteTarget): string {
    return node.id
  }

  protected override describe({node}: RouteTarget): string {
    return `node ${describeNode(node)}`
  }

  protected override planTarget(api: ControlApi, {node, prefixes}: RouteTarget): Promise<ChangePlan<Route[]>> {
    const {approve, allowUnadvertised} = this
    return planRouteChange(api, node, {approve, prefixes, allowUnadvertised}, updateOptions(api, this.io))
  }

  protected override view(routes: Route[]) {
    return listView(nodeRouteColumns, routes, this.io)
  }

  protected override document(routes: Route[]) {
    return routes.map(routeDocument)
  }

  protected override documents(results: readonly Route[][]) {
    return results.flatMap((routes) => this.document(routes))
  }

  protected override checkFlags(): void {
    const {nodes, prefixes} = this.#given
    const all = this.chosen === 'all'
    if (all && prefixes.length > 0) throw usageError('--all and a route cannot be used together', 'use one of them')
    if (!all && prefixes.length === 0) throw usageError('no route given', 'for example: -r 192.168.100.0/24, or --all')
    // headscale's own command line takes only a route id (0.18 to 0.25).
    const isRouteId = prefixes.length === 1 && /^\d+$/.test(prefixes[0]!)
    if (nodes.length === 0 && !this.selects && !isRouteId) throw usageError('no node given', 'add the node: -i NODE')
  }

  /** A word with a slash is a prefix: no name of a node has one. */
  get #given(): {nodes: string[]; prefixes: string[]} {
    const {target = []} = this.args as {target?: string[]}
    const {identifier, route = [], 'exit-node': exitNode} = this.flags
    const isPrefix = (word: string) => word.includes('/')
    return {
      nodes: [...(identifier === undefined ? [] : [identifier]), ...target.filter((word) => !isPrefix(word))],
      prefixes: [...route, ...target.filter(isPrefix), ...(exitNode ? EXIT_ROUTES : [])],
    }
  }

  async #routeById(api: ControlApi, id: string): Promise<RouteTarget> {
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
