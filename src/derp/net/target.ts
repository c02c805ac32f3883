/**
 * A relay that is not in a map yet: `host:port` and a few fields as a map of one node.
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
 * `host:port`, `host`, `[IPv6]:port` or an IPv6 address; null for anything else, such as a path.
 * @throws HeadscaleError (usage) for an invalid port
 */
export function parseHostPort(text: string, defaultPort = 443): HostPort | null {
  if (isIPv6(text)) return {host: text, port: defaultPort}
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/\\[\]@]+))(?::(\d+))?$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || (match?.[1] !== undefined && isIP(host) !== 6)) return null
  const port = match?.[3] === undefined ? defaultPort : Number(match[3])
  if (port < 1 || port > 65_535) throw usageError(`invalid port ${port}`, 'expected 1 to 65535')
  return {host, port}
}

/** The map of one node, in region 900, the first for your own relays. */
export function mapOfOne({host, port}: HostPort, fields: Partial<DerpNode> = {}): DerpMap {
  const regionId = 900
  const name = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
  const node = createNode({name, regionId, hostName: host, derpPort: port, ...fields})
  return createMap([createRegion({regionId, nodes: [node]})])
}

/**
 * A map with only the nodes of these names; regions without any are left out.
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
    throw usageError(
      `node ${JSON.stringify(missing)} not found in the map`,
      'use the name of a node in the map, for example 900a',
    )
  return {...map, regions}
}
