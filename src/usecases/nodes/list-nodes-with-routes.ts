import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {resolveNode} from './resolve-node.ts'
import {withRoutes} from './with-routes.ts'

/** Nodes that advertise or serve a route: all of them, or the one given as resolveNode takes it, if it has any. */
export async function listNodesWithRoutes(api: ControlApi, node: string | undefined): Promise<Node[]> {
  const nodes = node === undefined ? await api.nodes.list() : [await resolveNode(api, node)]
  const complete = await withRoutes(api, nodes)
  return complete.filter(({routes}) => routes && routes.available.length + routes.approved.length > 0)
}
