/**
 * Builds a map from the flags of `derp render`: one relay in short, `--region`, `--add-node`, another map, a default map.
 *
 * Values in, map out; files and URLs are read by the caller. Keys and ids of another map are kept as they are: the
 * caller validates the result, and a repair here would hide what is wrong.
 */
import {isIP} from 'node:net'

import {usageError} from '../../errors.ts'
import {PIN_PREFIX, createMap, createNode, createRegion} from '../map.ts'
import {nameNodes, parseNodeFlag, parseRegionFlag} from '../read/spec.ts'
import type {DerpMap, DerpNode, DerpRegion} from '../map.ts'

/** The parts of a map. Absent is null or empty. */
export interface MapRequest {
  /** A map or spec to begin with. */
  from: DerpMap | null
  /** `ID:CODE:NAME`, each. */
  regions: readonly string[]
  /** `REGION/NAME,host=…`, each. */
  nodes: readonly string[]
  /** The one relay of one region, in short. */
  preset: Preset | null
  /** A whole map to merge with, and the ids to leave out. */
  defaults: DerpMap | null
  exclude: readonly number[]
}

/**
 * The three usual relays: a domain (with an address or without), an address alone, a name on a changing address.
 * At least one of `domain`, `ip` and `home` is given; `home` excludes the others.
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

export interface BuiltMap {
  map: DerpMap
  /** Regions that `from` has as null: they were removed from the default map. */
  removed: number[]
}

/** The region of a preset without `--region`. */
const PRESET_REGION = '900:custom:Custom DERP'

type Regions = Map<number, DerpRegion | null>

/**
 * Builds the map.
 *
 * @throws a usage error where the parts do not fit together
 */
export function buildMap(request: MapRequest): BuiltMap {
  const regions: Regions = new Map(structuredClone([...(request.from?.regions ?? [])]))
  const named = request.regions.map(parseRegionFlag)
  for (const [index, region] of named.entries()) {
    if (named.findIndex((other) => other.regionId === region.regionId) !== index) {
      throw usageError(`--region ${region.regionId} is specified more than once`, 'give each region once')
    }
    const present = regions.get(region.regionId)
    regions.set(region.regionId, present == null ? region : renamed(present, region, request.regions[index] ?? ''))
  }
  const nodes = request.nodes.map(parseNodeFlag)
  for (const [index, {regionId, name}] of nodes.entries()) {
    const isSame = (other: DerpNode) => other.regionId === regionId && other.name === name
    if (name !== '' && nodes.findIndex(isSame) !== index) {
      throw usageError(`--add-node ${regionId}/${name} is specified more than once`, 'give each node its own name')
    }
  }
  for (const node of nodes) addNode(regions, node)
  if (request.preset !== null) addPreset(regions, named, request.preset, request.regions.length > 0)

  for (const [id, region] of regions) {
    if (region === null) continue
    nameNodes(region)
    if (region.nodes.length === 0) throw usageError(`region ${id} has no node`, `add --add-node ${id},host=…`)
  }
  return merge(regions, request)
}

/** A region of the other map under the code and name of `--region`, as far as the flag gives them. */
function renamed(present: DerpRegion, {regionCode, regionName}: DerpRegion, flag: string): DerpRegion {
  const [, code = '', ...name] = flag.split(':')
  return {
    ...present,
    ...(code !== '' && {regionCode}),
    ...(name.join(':') !== '' && {regionName}),
  }
}

function addNode(regions: Regions, node: DerpNode): void {
  const region = regions.get(node.regionId)
  if (region == null) {
    throw usageError(
      `--add-node refers to region ${node.regionId}, which does not exist`,
      `add --region ${node.regionId}:CODE:NAME`,
    )
  }
  const same = node.name === '' ? -1 : region.nodes.findIndex(({name}) => name === node.name)
  if (same === -1) region.nodes.push(node)
  else region.nodes[same] = node
}

function addPreset(regions: Regions, named: readonly DerpRegion[], preset: Preset, given: boolean): void {
  if (named.length > 1) {
    throw usageError(
      '--domain, --ip and --home describe one relay, but there are several regions',
      'use --add-node for each relay',
    )
  }
  const wanted = named[0] ?? parseRegionFlag(PRESET_REGION)
  const region = regions.get(wanted.regionId) ?? createRegion(wanted)
  if (!given && regions.has(wanted.regionId)) {
    throw usageError(
      `region ${wanted.regionId} already exists in the map`,
      'choose the region of the new relay with --region ID:CODE:NAME',
    )
  }
  regions.set(wanted.regionId, region)
  region.nodes.push(presetNode(wanted.regionId, preset))
}

function presetNode(regionId: number, {domain, ip, home, port, stunPort, pin, insecureForTests}: Preset): DerpNode {
  if (home !== null && (domain !== null || ip !== null)) {
    throw usageError(
      '--home excludes --domain and --ip: its address changes',
      'use --domain with --ip for a fixed address',
    )
  }
  if (pin !== null && insecureForTests) {
    throw usageError('--insecure-for-tests with a pin has no effect, and breaks 1.82 clients', 'use the pin alone')
  }
  const node = createNode({regionId, hostName: domain ?? home ?? ip ?? '', derpPort: port ?? 0, insecureForTests})
  node.stunPort = stunPort ?? 0
  if (pin !== null) node.certName = PIN_PREFIX + pin
  if (ip === null) return node
  const family = isIP(ip)
  if (family === 0)
    throw usageError(`invalid --ip "${ip}": expected an IP address`, 'for a name, use --domain or --home')
  node[family === 4 ? 'ipv4' : 'ipv6'] = ip
  return node
}

/** Own regions replace those of the default map; excluded ids are removed from both. */
function merge(own: Regions, {defaults, exclude}: MapRequest): BuiltMap {
  const map = createMap()
  const removed: number[] = []
  for (const [id, region] of defaults?.regions ?? []) if (region !== null) map.regions.set(id, region)
  for (const [id, region] of own) {
    // In a complete map a null has no region to remove.
    if (region !== null || defaults === null) map.regions.set(id, region)
    else if (map.regions.delete(id)) removed.push(id)
  }
  for (const id of exclude) {
    if (!map.regions.delete(id)) throw usageError(`--exclude ${id}: region not found in the map`, 'check the id')
  }
  if (map.regions.size === 0) {
    throw usageError('nothing to render', 'give --domain, --ip, --home, --add-node or --from')
  }
  return {map, removed}
}
