import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {withRoutes} from './with-routes.ts'

/**
 * Nodes as lists show them, with their routes; one list for all of them. The answer to a change has less in it, and
 * what it lacks differs between releases: tags that the client requests, online state, serving routes.
 * @param answered the answers to the changes; given back for a node that is gone since
 */
export async function refetchNodes(api: ControlApi, answered: readonly Node[]): Promise<Node[]> {
  const listed = new Map((await api.nodes.list()).map((node) => [node.id, node]))
  return withRoutes(
    api,
    answered.map((node) => listed.get(node.id) ?? node),
  )
}

/** The same for one node. */
export async function refetchNode(api: ControlApi, answered: Node): Promise<Node> {
  return (await refetchNodes(api, [answered]))[0]!
}
