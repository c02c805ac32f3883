import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {withRoutes} from './with-routes.ts'

/**
 * The node as lists show it, with its routes. The answer to a change has less in it, and what differs from release to
 * release: tags a client asked for (to 0.23 in lists alone), whether it is online (0.23 to 0.26) and what it serves.
 * @param answered the answer to the change; given back when the node has gone since
 */
export async function refetchNode(api: ControlApi, answered: Node): Promise<Node> {
  const listed = (await api.nodes.list()).find(({id}) => id === answered.id) ?? answered
  return (await withRoutes(api, [listed]))[0]!
}
