import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {asListed} from '../as-listed.ts'
import {withRoutes} from './with-routes.ts'

/**
 * Nodes as lists show them, with their routes; one call for all of them. The reply to a change lacks fields that differ
 * between releases: tags that the client requests, online state, serving routes.
 * @param answered the replies to the changes; returned as they are for a node that no longer exists
 */
export async function refetchNodes(api: ControlApi, answered: readonly Node[]): Promise<Node[]> {
  return withRoutes(api, asListed(answered, await api.nodes.list()))
}

/** The same for one node. */
export async function refetchNode(api: ControlApi, answered: Node): Promise<Node> {
  return (await refetchNodes(api, [answered]))[0]!
}
