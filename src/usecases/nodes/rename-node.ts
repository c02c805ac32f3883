import type {ControlApi} from '../../api/control-api.ts'
import {nodeChange} from '../../domain/change.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import {checkNodeName} from '../../domain/values/node-name.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'

/**
 * Plans a new given name.
 * @throws HeadscaleError (usage), (invalid-input) for a name that no server accepts, (already-exists) where names are
 * unique and another node has it
 */
export async function planRenameNode(api: ControlApi, node: Node, givenName: string): Promise<ChangePlan<Node>> {
  if (api.server.capabilities.givenNames) checkNodeName(givenName)
  if (api.server.capabilities.givenNamesAreUnique) {
    const holder = (await api.nodes.list()).find((other) => other.givenName === givenName && other.id !== node.id)
    if (holder) {
      throw new HeadscaleError('already-exists', `the name belongs to node ${describeNode(holder)}`, {
        details: {id: holder.id},
      })
    }
  }
  const effect = {action: 'rename', before: {givenName: node.givenName}, after: {givenName}}
  return {
    changes: [nodeChange(node, effect, ` to ${givenName}`)],
    apply: () => api.nodes.rename(node, givenName),
  }
}
