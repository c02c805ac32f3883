/** Setting the whole set of approved routes of a node, as upstream's approve-routes does, with what it takes away. */
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {parsePrefix} from '../../domain/prefix.ts'
import {approvedOf, replaceRoutes, select} from './change-routes.ts'

export interface ApprovalPlan {
  /** Approved now and not afterwards. */
  removed: string[]
  apply(): Promise<void>
}

/** @throws HeadscaleError (usage) for a bad prefix, (invalid-input) for one the node does not offer */
export async function planApproval(
  api: ControlApi,
  node: Node,
  {prefixes, allowUnadvertised}: {prefixes: readonly string[]; allowUnadvertised: boolean},
): Promise<ApprovalPlan> {
  const typed = prefixes.map(parsePrefix)
  const current = await api.routes.ofNode(node)
  const wanted = typed.length > 0 ? select(typed, current, node, {approve: true, allowUnadvertised}, api) : []
  return {
    removed: approvedOf(current).filter((prefix) => !wanted.includes(prefix)),
    apply: async () => void (await replaceRoutes(api, node, wanted, current)),
  }
}
