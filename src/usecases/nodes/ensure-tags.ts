import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {ChangePlan} from '../change-plan.ts'
import {planTags} from './set-tags.ts'

/**
 * Plans that a node has exactly these tags, and those that its client requests, which no one can remove.
 * @param node as lists show it @throws HeadscaleError as planTags
 */
export async function planEnsureTags(api: ControlApi, node: Node, tags: readonly string[]): Promise<ChangePlan<Node>> {
  const wanted = new Set([...tags, ...node.requestedTags])
  const isSo = wanted.size === node.tags.length && node.tags.every((tag) => wanted.has(tag))
  return isSo ? {changes: [], apply: async () => node} : planTags(api, node, tags)
}
