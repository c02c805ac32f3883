import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {resolveNode} from './resolve-node.ts'
import {withRoutes} from './with-routes.ts'

/** Nodes with available or approved routes. @param node only this node, in any form that resolveNode accepts */
export async function listNodesWithRoutes(api: ControlApi, node: string | undefined): Promise<Node[]> {
  const nodes = node === undefined ? await api.nodes.list() : [await resolveNode(api, node)]
  const complete = await withRoutes(api, nodes)
  return complete.filter(({routes}) => routes && routes.available.length + routes.approved.length > 0)
}
