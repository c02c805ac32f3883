import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {resolveNode} from './resolve-node.ts'
import {filterNodes, resolveSelector} from './select-nodes.ts'
import {withRoutes} from './with-routes.ts'

/**
 * Nodes with available or approved routes.
 * @param node only this node, in any form that resolveNode accepts
 * @param selector only nodes that it matches; null for all
 * @throws HeadscaleError as resolveNode and selectNodes
 */
export async function listNodesWithRoutes(
  api: ControlApi,
  {node, selector, now}: {node: string | undefined; selector: NodeSelector<string> | null; now: Date},
): Promise<Node[]> {
  const resolved = selector && (await resolveSelector(api, selector))
  const nodes = node === undefined ? await api.nodes.list() : [await resolveNode(api, node)]
  const complete = resolved
    ? await filterNodes(api, nodes, resolved, now, {routes: true})
    : await withRoutes(api, nodes)
  return complete.filter(({routes}) => routes && routes.available.length + routes.approved.length > 0)
}
