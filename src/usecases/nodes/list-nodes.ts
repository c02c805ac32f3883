import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {selectNodes} from './select-nodes.ts'
import {withRoutes} from './with-routes.ts'

/**
 * All nodes, or those that a selector matches.
 * @param routes add their routes, even where this needs further calls
 * @throws HeadscaleError as selectNodes
 */
export async function listNodes(
  api: ControlApi,
  {selector, routes, now}: {selector: NodeSelector<string> | null; routes: boolean; now: Date},
): Promise<Node[]> {
  if (selector) return selectNodes(api, selector, now, {routes})
  const nodes = await api.nodes.list()
  return routes ? withRoutes(api, nodes) : nodes
}
