import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {HeadscaleError} from '../../errors.ts'

/**
 * Deletes a node that was chosen because it was offline. It is read again first: time passes while a question waits.
 * @throws HeadscaleError (invalid-input) if it is online now
 */
export async function deleteOfflineNode(api: ControlApi, node: Node): Promise<Node> {
  const {online} = await api.nodes.get(node.id)
  if (online) throw new HeadscaleError('invalid-input', 'it is online now')
  await api.nodes.delete(node)
  return node
}
