import type {ControlApi} from '../../api/control-api.ts'
import type {Route} from '../../domain/route.ts'
import {resolveNode} from '../nodes/resolve-node.ts'

/** The routes of one node (in any form of resolveNode), or of all nodes. @throws HeadscaleError as resolveNode */
export async function listRoutes(api: ControlApi, node: string | undefined): Promise<Route[]> {
  return node === undefined ? api.routes.list(await api.nodes.list()) : api.routes.ofNode(await resolveNode(api, node))
}
