import type {ControlApi} from '../../api/control-api.ts'
import {nodeChange} from '../../domain/change.ts'
import {describeNode, nodeName, type Node} from '../../domain/node.ts'
import {userLabel} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'

/** Plans the tags of a node: exactly these. An empty list removes all, which is asked about. */
export async function planTags(api: ControlApi, node: Node, tags: readonly string[]): Promise<ChangePlan<Node>> {
  const {tagsArePermanent, givenNames} = api.server.capabilities
  const leavesUser = tagsArePermanent && node.user && tags.length > 0 && node.tags.length === 0
  const effect = {action: 'tag', before: {tags: node.tags}, after: {tags: [...tags]}}
  return {
    changes: [nodeChange(node, effect, `: ${tags.join(', ') || 'no tags'}`)],
    // A release that cannot clear tags refuses it in `apply`; there is nothing to ask then.
    question:
      tags.length === 0 && node.tags.length > 0 && givenNames && !tagsArePermanent
        ? `Do you want to remove all tags of ${describeNode(node)}?`
        : null,
    warnings: leavesUser
      ? [
          `${nodeName(node)} permanently leaves user ${userLabel(node.user!)}: on this server a tagged node belongs to its tags`,
        ]
      : [],
    apply: () => api.nodes.setTags(node, tags),
  }
}
