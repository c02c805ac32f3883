/**
 * A relay that is in no map yet: `host:port` and a few words as the map of one node that clients would read.
 */
import {isIP, isIPv6} from 'node:net'
import {usageError} from '../../errors.ts'
import {createMap, createNode, createRegion} from '../map.ts'
import type {DerpMap, DerpNode} from '../map.ts'

/** A host and a TCP port. */
export interface HostPort {
  host: string
  port: number
}

/**
 * `host:port`, `host`, `[IPv6]:port` or an IPv6 address; null when it is none of these, a path for example.
 * @throws HeadscaleError (usage) for a port that is none
 */
export function parseHostPort(text: string, defaultPort = 443): HostPort | null {
  if (isIPv6(text)) return {host: text, port: defaultPort}
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/\\[\]@]+))(?::(\d+))?$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || (match?.[1] !== undefined && isIP(host) !== 6)) return null
  const port = match?.[3] === undefined ? defaultPort : Number(match[3])
  if (port < 1 || port > 65_535) throw usageError(`${port} is no port`, 'ports go from 1 to 65535')
  return {host, port}
}

/** The map of one node. It stands in region 900, the first for relays of one's own. */
export function mapOfOne({host, port}: HostPort, how: Partial<DerpNode> = {}): DerpMap {
  const regionId = 900
  const name = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
  const node = createNode({name, regionId, hostName: host, derpPort: port, ...how})
  return createMap([createRegion({regionId, nodes: [node]})])
}

/**
 * The nodes of these names only; regions that lose all of theirs are left out.
 * @throws HeadscaleError (usage) for a name that is not in the map
 */
export function onlyNodes(map: DerpMap, names: readonly string[]): DerpMap {
  const wanted = new Set(names)
  const regions = new Map<number, ReturnType<typeof createRegion>>()
  for (const [key, region] of map.regions) {
    const nodes = region?.nodes.filter((node) => wanted.has(node.name)) ?? []
    if (region !== null && nodes.length > 0) regions.set(key, {...region, nodes})
  }
  const found = new Set([...regions.values()].flatMap((region) => region.nodes.map((node) => node.name)))
  const missing = names.find((name) => !found.has(name))
  if (missing !== undefined)
    throw usageError(`the map has no node ${JSON.stringify(missing)}`, 'nodes are named as in the map: 900a')
  return {...map, regions}
}
