/**
 * What clients report about their machines: system, version, endpoints. It comes from a debug page (0.27+) that not every
 * machine can read, so all of it can be unknown, and nothing fails because of it.
 */
import type {ControlApi, ListenerNames, ReportedClients} from '../../api/control-api.ts'
import type {Node, NodeClient} from '../../domain/node.ts'

export interface WithClients {
  nodes: Node[]
  /** Why nothing is known, as the end of a sentence; null if something is, or if there are no nodes. */
  unknown: string | null
}

/**
 * The nodes with what their clients report. The page is read while the nodes are.
 * @throws HeadscaleError only as `nodes` does
 */
export async function withClients(api: ControlApi, nodes: Promise<Node[]>, names: ListenerNames): Promise<WithClients> {
  const [listed, reported] = await Promise.all([nodes, api.reportedClients(names)])
  if (!reported.known) return {nodes: listed, unknown: listed.length === 0 ? null : reported.reason}
  const found = listed.map((node) => ({...node, client: clientOf(node, reported.byNode)}))
  if (listed.length === 0 || found.some(({client}) => client !== null)) return {nodes: found, unknown: null}
  const isOther = listed.some(({id}) => reported.byNode.has(id))
  return {
    nodes: found,
    unknown: `${reported.origin} ${isOther ? 'belongs to another server' : 'lists none of these nodes'}`,
  }
}

export interface ClientVersions {
  /** By the id of the node, as reported: `1.80.2-t1234567-g8901234`. Nodes without one are absent. */
  versions: Map<string, string>
  /** Why nothing is known, as the end of a sentence; null if something is. */
  unknown: string | null
}

/** The version of the client of each node, where it is known. @throws HeadscaleError if nodes cannot be listed */
export async function clientVersions(api: ControlApi, names: ListenerNames): Promise<ClientVersions> {
  const {nodes, unknown} = await withClients(api, api.nodes.list(), names)
  return {versions: new Map(nodes.flatMap(({id, client}) => (client?.version ? [[id, client.version]] : []))), unknown}
}

/** The node of the page must be this one: the address can be that of another server. */
function clientOf(
  {id, machineKey}: Node,
  byNode: Extract<ReportedClients, {known: true}>['byNode'],
): NodeClient | null {
  const entry = byNode.get(id)
  if (entry === undefined || entry.machineKey !== machineKey) return null
  const {os, osVersion, version, endpoints} = entry
  return {os, osVersion, version, endpoints}
}
