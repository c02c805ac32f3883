/**
 * Plans for enabling and disabling routes of one node, and for replacing all its approved routes. update-routes.ts
 * writes them without losing changes of other clients.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {describeNode, type Node, nodeName} from '../../domain/node.ts'
import {parsePrefix} from '../../domain/values/prefix.ts'
import type {Route} from '../../domain/route.ts'
import type {ChangePlan} from '../change-plan.ts'
import {approvalChange, routeChange} from './described-change.ts'
import {approvedOf, chooseRoutes, listText, type RouteChoice, sameSet} from './route-sets.ts'
import {updateRoutes, type UpdateOptions} from './update-routes.ts'

/** Maximum number of writes. Several clients that enable different routes at once need a few each. */
const CHANGE_ATTEMPTS = 12
/** A small limit, since two clients that set different lists would never stop. */
const REPLACE_ATTEMPTS = 2

/**
 * Enables or disables routes. All routes of a node need a confirmation.
 * @param choice prefixes as the user typed them, or all
 * @throws HeadscaleError (usage) for an invalid prefix, and as chooseRoutes
 */
export async function planRouteChange(
  api: ControlApi,
  node: Node,
  choice: RouteChoice,
  options: UpdateOptions,
): Promise<ChangePlan<Route[]>> {
  const {approve} = choice
  const prefixes = choice.prefixes === 'all' ? choice.prefixes : choice.prefixes.map(parsePrefix)
  const current = await api.routes.ofNode(node)
  // Chosen once, so that routes advertised in the meantime are not approved too.
  const chosen = chooseRoutes(api, node, current, {...choice, prefixes})
  const isSet = (routes: readonly Route[]) => (prefix: string) => approvedOf(routes).includes(prefix) === approve
  const changing = chosen.filter((prefix) => !isSet(current)(prefix))
  return {
    changes: changing.map((prefix) => routeChange(node, prefix, {approve})),
    question:
      prefixes === 'all' && changing.length > 0
        ? `Do you want to ${approve ? 'enable' : 'disable'} all routes of node ${describeNode(node)}: ${listText(changing)}?`
        : null,
    apply: () =>
      updateRoutes(
        api,
        node,
        {
          target: (routes) => changed(approvedOf(routes), chosen, approve),
          isDone: (routes) => chosen.every(isSet(routes)),
          attempts: CHANGE_ATTEMPTS,
        },
        options,
      ),
  }
}

/**
 * Makes the approved routes of a node exactly these, as headscale's approve-routes does. Removing all of them needs a
 * confirmation.
 * @throws HeadscaleError (usage) for an invalid prefix, and as chooseRoutes
 */
export async function planApproval(
  api: ControlApi,
  node: Node,
  {prefixes, allowUnadvertised}: {prefixes: readonly string[]; allowUnadvertised: boolean},
  options: UpdateOptions,
): Promise<ChangePlan<Route[]>> {
  const parsed = prefixes.map(parsePrefix)
  const current = await api.routes.ofNode(node)
  const approved = approvedOf(current)
  const target =
    parsed.length > 0 ? chooseRoutes(api, node, current, {approve: true, prefixes: parsed, allowUnadvertised}) : []
  const removed = approved.filter((prefix) => !target.includes(prefix))
  const empties = target.length === 0 && removed.length > 0
  return {
    changes: sameSet(approved, target) ? [] : [approvalChange(node, approved, target)],
    question: empties
      ? `Do you want to remove all approved routes of node ${describeNode(node)}: ${listText(removed)}?`
      : null,
    warnings: removed.length > 0 && !empties ? [`${nodeName(node)} loses ${listText(removed)}`] : [],
    apply: () =>
      updateRoutes(
        api,
        node,
        {
          target: () => target,
          isDone: (routes) => sameSet(approvedOf(routes), target),
          attempts: REPLACE_ATTEMPTS,
        },
        options,
      ),
  }
}

function changed(approved: readonly string[], prefixes: readonly string[], approve: boolean): string[] {
  return approve ? [...new Set([...approved, ...prefixes])] : approved.filter((prefix) => !prefixes.includes(prefix))
}
