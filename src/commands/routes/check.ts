import type {ControlApi} from '../../api/control-api.ts'
import {routeSelectorFlags, routeSelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {nodeFlag} from '../../cli/flags.ts'
import {nodeName} from '../../domain/node.ts'
import type {RouteCheck} from '../../domain/route-check.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import {HeadscaleError} from '../../errors.ts'
import {ROUTE_CHECKS, SHOWN_ROUTE_CHECKS} from '../../render/columns/route-checks.ts'
import {routeCheckDocument} from '../../render/document/route.ts'
import {checkedRoutes} from '../../usecases/routes/check-routes.ts'

export default class RoutesCheck extends ListCommand<typeof RoutesCheck, RouteCheck> {
  static override summary = 'Check that every approved route has a node that serves it'
  static override description =
    'Prints a line for each prefix that a node advertises or has approved. A prefix that is approved has no server ' +
    '(status no-server, exit code 6) unless one of the nodes that have it approved is online and advertises it. A ' +
    'prefix that no node has approved is pending, and one for which the server has not chosen a node yet has no primary; ' +
    'neither is an error. An exit route is checked for each node by itself, because each client chooses its exit node. ' +
    'Selectors choose prefixes: one is checked, with all its nodes, if the route of any node matches.'
  static override examples = [
    '<%= config.bin %> routes check',
    '<%= config.bin %> routes check --not-route 0.0.0.0/0 --not-route ::/0',
    '<%= config.bin %> routes check --tag tag:router -o json',
  ]
  static override flags = {
    ...routeSelectorFlags,
    identifier: nodeFlag({description: 'check only prefixes of this node, by ID or name'}),
  }

  override readonly list = ROUTE_CHECKS

  #checks: RouteCheck[] = []

  protected override async runParsed(): Promise<void> {
    await super.runParsed()
    await this.io.flush()
    const dead = this.#checks.filter(({state}) => state === 'no-server')
    if (dead.length > 0) throw noServer(dead)
  }

  protected override async fetch(api: ControlApi) {
    const {identifier: node} = this.flags
    const checks = await checkedRoutes(api, {node, selector: routeSelectorOf(this.flags), now: this.io.now()})
    const undecided = checks.filter(({state}) => state === 'no-primary').map(({prefix}) => prefix)
    if (undecided.length > 0) this.warn(`the server has chosen no primary node for ${undecided.join(', ')}`)
    return (this.#checks = checks)
  }

  protected override shown() {
    return SHOWN_ROUTE_CHECKS
  }

  protected override item(check: RouteCheck) {
    return routeCheckDocument(check)
  }
}

function noServer(dead: readonly RouteCheck[]): HeadscaleError {
  const what = dead.length === 1 ? 'an approved route has' : `${dead.length} approved routes have`
  return new HeadscaleError('invalid-input', `${what} no server: ${dead.map(routeText).join(', ')}`, {
    hint: 'start one of their nodes, approve the route of another, or disable it: headscale-ts routes disable NODE CIDR',
    details: {prefixes: [...new Set(dead.map(({prefix}) => prefix))]},
  })
}

/** The prefix, and of an exit route the node. */
function routeText({prefix, candidates}: RouteCheck): string {
  return isExitRoute(prefix) ? `${prefix} of ${nodeName(candidates[0]!.node)}` : prefix
}
