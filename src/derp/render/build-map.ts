/**
 * Puts a map together from what `derp render` was told: presets, `--region`, `--node`, another map, a default map.
 *
 * Values in, map out; files and URLs are read by the caller. Ids are written once by the user and set everywhere
 * here, so that no map built by this program has the mismatches that headscale passes on in silence.
 */
import {isIP} from 'node:net'

import {usageError} from '../../errors.ts'
import {PIN_PREFIX, createMap, createNode, createRegion} from '../map.ts'
import {nameNodes, parseNodeFlag, parseRegionFlag} from '../read/spec.ts'
import type {DerpMap, DerpNode, DerpRegion} from '../map.ts'

/** What a map can be made from. Absent is null or empty. */
export interface MapRequest {
  /** A map or spec to begin with. */
  from: DerpMap | null
  /** `ID:CODE:NAME`, each. */
  regions: readonly string[]
  /** `REGION/NAME,host=…`, each. */
  nodes: readonly string[]
  /** The one relay of one region, in short. */
  preset: Preset | null
  /** A whole map to stand beside it, and the ids of it to leave out. */
  defaults: DerpMap | null
  exclude: readonly number[]
}

/**
 * The three usual relays: a domain (with an address or without), an address alone, a name on a changing address.
 * At least one of `domain`, `ip` and `home` is given; `home` stands alone.
 */
export interface Preset {
  domain: string | null
  ip: string | null
  home: string | null
  port: number | null
  stunPort: number | null
  /** 64 hex digits. */
  pin: string | null
  insecureForTests: boolean
}

/** The region of a preset without `--region`. */
const PRESET_REGION = '900:custom:Custom DERP'

/**
 * Builds the map.
 *
 * @throws a usage error where the parts do not fit together
 */
export function buildMap(request: MapRequest): DerpMap {
  const regions = new Map<number, DerpRegion>()
  for (const region of request.from?.regions.values() ?? []) {
    if (region !== null) regions.set(region.regionId, structuredClone(region))
  }
  const named = request.regions.map(parseRegionFlag)
  for (const [index, region] of named.entries()) {
    if (named.findIndex((other) => other.regionId === region.regionId) !== index) {
      throw usageError(`--region ${region.regionId} is given twice`, 'name every region once')
    }
    const nodes = regions.get(region.regionId)?.nodes ?? []
    regions.set(region.regionId, {...region, nodes})
  }
  const nodes = request.nodes.map(parseNodeFlag)
  for (const [index, {regionId, name}] of nodes.entries()) {
    const isSame = (other: DerpNode) => other.regionId === regionId && other.name === name
    if (name !== '' && nodes.findIndex(isSame) !== index) {
      throw usageError(`--node ${regionId}/${name} is given twice`, 'give every node a name of its own')
    }
  }
  for (const node of nodes) addNode(regions, node)
  if (request.preset !== null) addPreset(regions, named, request.preset, request.regions.length > 0)

  const own = [...regions.values()]
  for (const region of own) {
    nameNodes(region)
    if (region.nodes.length === 0) {
      throw usageError(`region ${region.regionId} has no node`, `add --node ${region.regionId},host=…`)
    }
  }
  return merge(own, request)
}

function addNode(regions: Map<number, DerpRegion>, node: DerpNode): void {
  const region = regions.get(node.regionId)
  if (region === undefined) {
    throw usageError(
      `--node names region ${node.regionId}, which is not there`,
      `add --region ${node.regionId}:CODE:NAME`,
    )
  }
  const same = node.name === '' ? -1 : region.nodes.findIndex(({name}) => name === node.name)
  if (same === -1) region.nodes.push(node)
  else region.nodes[same] = node
}

function addPreset(
  regions: Map<number, DerpRegion>,
  named: readonly DerpRegion[],
  preset: Preset,
  given: boolean,
): void {
  if (named.length > 1) {
    throw usageError(
      '--domain, --ip and --home describe one relay, but there are several regions',
      'use --node for each relay',
    )
  }
  const meant = named[0] ?? parseRegionFlag(PRESET_REGION)
  const region = regions.get(meant.regionId) ?? createRegion(meant)
  if (!given && regions.has(meant.regionId)) {
    throw usageError(
      `the map has a region ${meant.regionId} already`,
      'name the region of the new relay with --region ID:CODE:NAME',
    )
  }
  regions.set(meant.regionId, region)
  region.nodes.push(presetNode(meant.regionId, preset))
}

function presetNode(regionId: number, {domain, ip, home, port, stunPort, pin, insecureForTests}: Preset): DerpNode {
  if (home !== null && (domain !== null || ip !== null)) {
    throw usageError('--home stands alone: its address changes', 'use --domain with --ip for a fixed address')
  }
  if (pin !== null && insecureForTests) {
    throw usageError('--insecure-for-tests beside a pin has no effect, and breaks clients 1.82', 'use the pin alone')
  }
  const node = createNode({regionId, hostName: domain ?? home ?? ip ?? '', derpPort: port ?? 0, insecureForTests})
  node.stunPort = stunPort ?? 0
  if (pin !== null) node.certName = PIN_PREFIX + pin
  if (ip === null) return node
  const family = isIP(ip)
  if (family === 0) throw usageError(`--ip ${ip} is no IP address`, 'use --domain or --home for a name')
  node[family === 4 ? 'ipv4' : 'ipv6'] = ip
  return node
}

/** Own regions over the default map's, which stand first; excluded ids are gone from both. */
function merge(own: readonly DerpRegion[], {defaults, exclude}: MapRequest): DerpMap {
  const map = createMap([...(defaults?.regions.values() ?? [])].filter((region) => region !== null))
  for (const region of own) map.regions.set(region.regionId, region)
  for (const id of exclude) {
    if (!map.regions.delete(id)) throw usageError(`--exclude ${id}: the map has no such region`, 'check the id')
  }
  if (map.regions.size === 0) {
    throw usageError('there is nothing to render', 'give --domain, --ip, --home, --node or --from')
  }
  return map
}
