/**
 * The nodes that `nodes prune` deletes: nodes that were offline for a long time. What a default must not delete by
 * accident stays: servers, which have tags, and nodes that others depend on for routes.
 */
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {matchesNode, type NodeSelector} from '../../domain/selector.ts'
import {roughDuration} from '../../domain/values/duration.ts'
import {selectNodes} from './select-nodes.ts'

const DAY = 24 * 3_600_000

/** How long a node must have been offline, if the selector does not say it. */
export const PRUNED_AFTER = 90 * DAY
/** The same for ephemeral nodes. The server removes them itself, unless it was stopped meanwhile. */
const EPHEMERAL_PRUNED_AFTER = DAY

export interface PrunableNode {
  node: Node
  /** `offline for 120 days` */
  reason: string
}

export interface PrunableNodes {
  found: PrunableNode[]
  /** How many nodes were offline for long enough, but are tagged or have approved routes. */
  tagged: number
  withRoutes: number
}

/**
 * @param selector further conditions; with `offline-for`, its time replaces the default for all nodes
 * @throws HeadscaleError as selectNodes
 */
export async function selectPrunableNodes(
  api: ControlApi,
  selector: NodeSelector<string>,
  now: Date,
  {includeTagged, includeRouters}: {includeTagged: boolean; includeRouters: boolean},
): Promise<PrunableNodes> {
  const ownTime = selector.some(({is, not}) => is === 'offline-for' && !not)
  const least: NodeSelector<string> = ownTime ? [] : [{is: 'offline-for', value: EPHEMERAL_PRUNED_AFTER, not: false}]
  const offline = await selectNodes(api, [...selector, ...least], now, {routes: true})
  const due = ownTime ? offline : offline.filter((node) => isDue(node, now))
  const tagged = includeTagged ? [] : due.filter(({tags}) => tags.length > 0)
  const routers = includeRouters ? [] : due.filter((node) => hasApprovedRoutes(node) && !tagged.includes(node))
  return {
    found: due
      .filter((node) => !tagged.includes(node) && !routers.includes(node))
      .map((node) => ({node, reason: reasonFor(node, now)})),
    tagged: tagged.length,
    withRoutes: routers.length,
  }
}

/** By the default times. */
function isDue(node: Node, now: Date): boolean {
  const ephemeral = node.preAuthKey?.ephemeral ?? false
  return ephemeral || matchesNode(node, [{is: 'offline-for', value: PRUNED_AFTER, not: false}], now)
}

function hasApprovedRoutes({routes}: Node): boolean {
  return routes !== null && routes.approved.length + (routes.serving?.length ?? 0) > 0
}

function reasonFor({lastSeen, createdAt, preAuthKey}: Node, now: Date): string {
  const since = lastSeen ?? createdAt!
  const age = roughDuration(now.getTime() - since.getTime())
  const kind = preAuthKey?.ephemeral ? 'ephemeral, ' : ''
  return lastSeen ? `${kind}offline for ${age}` : `${kind}never seen, registered ${age} ago`
}
