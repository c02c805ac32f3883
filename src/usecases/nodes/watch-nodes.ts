/** One look at the nodes that a command watches. */
import type {ControlApi} from '../../api/control-api.ts'
import {type NodeEvent, type NodeList, nodeEvents} from '../../domain/events.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {filterNodes, resolveSelector} from './select-nodes.ts'
import {withRoutes} from './with-routes.ts'

/** All nodes with their routes, and the ids of those that are watched. */
export interface WatchedNodes extends NodeList {
  watched: ReadonlySet<string>
}

/** @param selector null to watch all nodes @throws HeadscaleError as selectNodes */
export async function readWatched(
  api: ControlApi,
  selector: NodeSelector<string> | null,
  at: Date,
): Promise<WatchedNodes> {
  const resolved = selector && (await resolveSelector(api, selector))
  const nodes = await withRoutes(api, await api.nodes.list())
  const watched = resolved ? await filterNodes(api, nodes, resolved, at) : nodes
  return {nodes, at, watched: new Set(watched.map(({id}) => id))}
}

/** The events of nodes that were watched before or are watched after: also of one that a change takes out. */
export function watchedEvents(before: WatchedNodes, after: WatchedNodes): NodeEvent[] {
  return nodeEvents(before, after).filter(({node: {id}}) => before.watched.has(id) || after.watched.has(id))
}
