/**
 * What headscale and the clients do with the regions of one source.
 *
 * Sources: tailscale v1.102 tailcfg/derpmap.go, net/netcheck, wgengine/magicsock (region ids as 16-bit ports).
 * Single nodes are checked in node-rules.ts, several sources in cross-source-rules.ts, config.yaml in derp/config.
 */
import {checkNode} from './node-rules.ts'
import {Findings} from '../../diagnostics/finding.ts'
import {NODE_FIELDS, REGION_FIELDS, stunPortOf} from '../map.ts'
import type {ParsedMap} from '../read/decode.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpNode, DerpRegion} from '../map.ts'
import type {Behaviour} from '../releases.ts'

/** Region ids that tailscale reserves for users. */
export const OWN_REGIONS = {first: 900, last: 999} as const

/** Checks the regions of one source, each by itself. */
export function checkSource(parsed: ParsedMap, behaviour: Behaviour): Finding[] {
  const {map, places, format} = parsed
  const findings = new Findings()
  const name = (go: string) => (format === 'yaml' ? go.toLowerCase() : go)

  for (const field of ['homeParams', 'omitDefaultRegions'] as const) {
    const place = places.written(map, field)
    if (place === null) continue
    const word = name(field === 'homeParams' ? 'HomeParams' : field)
    findings.warning('dropped-by-headscale', place, word, {
      message: `${word} is set`,
      reason: 'headscale keeps the regions of a source and drops everything else',
      fix: 'Delete it',
    })
  }
  for (const [key, region] of map.regions) {
    const path = `${name('Regions')}.${key}`
    if (region === null) checkNull(key, path)
    else checkRegion(key, region, path)
  }
  return findings.list

  function checkNull(key: number, path: string): void {
    if (behaviour.nullRegion === 'removes') return
    const sent = behaviour.nullRegion === 'sent'
    findings.warning('null-region', places.ofNull(map, key), path, {
      message: `Region ${key} is null`,
      reason: sent
        ? 'headscale before 0.27 keeps the null and reads derp.urls after derp.paths: it removes at most a region of an earlier file'
        : 'headscale 0.30 ignores it, and the region of another source stays',
      fix: 'Leave the source of the region out, or write a complete map (derp render --with-default … --exclude)',
    })
  }

  function checkRegion(key: number, region: DerpRegion, path: string): void {
    const fieldPath = (field: keyof DerpRegion) => {
      const go = REGION_FIELDS.find((known) => known.key === field)?.go ?? 'Nodes'
      return `${path}.${name(go)}`
    }
    const error = (code: string, field: keyof DerpRegion, message: string, reason: string, fix: string) =>
      findings.error(code, places.of(region, field), fieldPath(field), {message, reason, fix})
    const warn = (code: string, field: keyof DerpRegion, message: string, reason: string, fix: string) =>
      findings.warning(code, places.of(region, field), fieldPath(field), {message, reason, fix})

    checkId(key, region, path)
    if (region.regionId !== key && !places.broken(region, 'regionId')) {
      const written = places.written(region, 'regionId') !== null
      error(
        'region-id',
        'regionId',
        written
          ? `The key is ${key}, but ${name('RegionID')} is ${region.regionId}`
          : `Region ${key} has no ${name('RegionID')}`,
        `Clients measure region ${region.regionId} and look for its relay under ${key}, so they never use the region`,
        'Write the same number for the key, the region and its nodes',
      )
    }
    if (region.regionCode === '' && !places.broken(region, 'regionCode')) {
      warn(
        'region-code',
        'regionCode',
        `Region ${key} has no ${name('RegionCode')}`,
        'tailscale status and netcheck show no name for it',
        'Add a short label',
      )
    }
    if (region.avoid) {
      const reason = 'It is deprecated, and clients skip the region when they measure'
      warn(
        'avoid',
        'avoid',
        `${name('Avoid')} is set`,
        reason,
        `Use ${name('NoMeasureNoHome')} (clients from 1.82 on), or delete it`,
      )
    }
    for (const [field, limit] of [
      ['latitude', 90],
      ['longitude', 180],
    ] as const) {
      if (Math.abs(region[field]) <= limit) continue
      warn(
        'coordinates',
        field,
        `${field} is ${region[field]}`,
        'It is out of range, so suggestions of exit nodes are wrong',
        `Write degrees from -${limit} to ${limit}`,
      )
    }
    if (places.broken(region, 'nodes')) return
    checkNodes(key, region, path)
    const relays = region.nodes.filter((node) => !node.stunOnly)
    if (region.nodes.length === 0) {
      error(
        'no-nodes',
        'nodes',
        `Region ${key} has no nodes`,
        'It cannot relay, and clients before 1.76 panic',
        'Add a node, or delete the region',
      )
    } else if (relays.length === 0) {
      error(
        'no-relay',
        'nodes',
        `Every node of region ${key} is for STUN only`,
        'Clients may choose the region as home, where they find no relay',
        `Delete ${name('STUNOnly')} from a node that relays`,
      )
    } else if (region.nodes.every((node) => stunPortOf(node) === null)) {
      warn(
        'no-stun',
        'nodes',
        `No node of region ${key} answers STUN`,
        'If another region answers STUN, clients never measure this one and never choose it as home',
        `Enable STUN in derper, and delete ${name('STUNPort')}`,
      )
    }
    if (relays.length > 1 && !isTailscales(region)) {
      const names = relays.map((node) => node.name).join(', ')
      warn(
        'mesh',
        'nodes',
        `Region ${key} has ${relays.length} relays (${names})`,
        'Clients on different relays of a region reach each other only if the relays are meshed (derper -mesh-with, -mesh-psk-file)',
        'Mesh them, or put each relay into its own region',
      )
    }
  }

  function checkId(key: number, region: DerpRegion, path: string): void {
    const place = places.of(region)
    if (key <= 0) {
      const remark = {
        message: `The region id is ${key}`,
        reason: 'Clients accept only ids above 0',
        fix: `Use one from ${OWN_REGIONS.first} to ${OWN_REGIONS.last}`,
      }
      return findings.error('region-id-range', place, path, remark)
    }
    if (key > 65535) {
      return findings.error('region-id-range', place, path, {
        message: `The region id is ${key}`,
        reason: `Clients keep it in 16 bits, where it becomes ${key % 65536}`,
        fix: `Use one from ${OWN_REGIONS.first} to ${OWN_REGIONS.last}`,
      })
    }
    if (isTailscales(region) || (key >= OWN_REGIONS.first && key <= OWN_REGIONS.last)) return
    findings.warning('region-id-reserved', place, path, {
      message: `The region id ${key} is outside ${OWN_REGIONS.first}-${OWN_REGIONS.last}`,
      reason:
        key < OWN_REGIONS.first
          ? 'Tailscale may use it for one of its own regions, now or later'
          : 'Only these are reserved for your own relays',
      fix: `Use one from ${OWN_REGIONS.first} to ${OWN_REGIONS.last}`,
    })
  }

  function checkNodes(key: number, region: DerpRegion, path: string): void {
    for (const [index, node] of region.nodes.entries()) {
      const where = `${path}.${name('Nodes')}[${index}]`
      const fieldPath = (field: keyof DerpNode) => {
        const go = NODE_FIELDS.find((known) => known.key === field)?.go ?? ''
        return `${where}.${name(go)}`
      }
      // A node with the number of its region is wrong only if the region is, which has its own finding.
      const follows = node.regionId !== 0 && node.regionId === region.regionId
      if (node.regionId !== key && !follows && !places.broken(node, 'regionId')) {
        const written = places.written(node, 'regionId')
        // If the region has another number than its key, which of them is right is unknown.
        const sure = region.regionId === key
        const edit = !sure
          ? null
          : written === null
            ? places.insertion(node, name('RegionID'), String(key))
            : {...written, text: String(key)}
        findings.error('node-region-id', places.of(node, 'regionId'), fieldPath('regionId'), {
          message:
            written === null
              ? `The node has no ${name('RegionID')}`
              : `The ${name('RegionID')} of the node is ${node.regionId}, but its region is ${key}`,
          reason: `Clients count its STUN replies for region ${node.regionId}, so they never choose region ${key}`,
          fix: `Write ${name('RegionID')}: ${key}`,
          edit: edit === null ? undefined : {offset: edit.offset, end: edit.end, text: edit.text},
        })
      }
      checkNode(
        node,
        (field) => places.broken(node, field),
        (severity, code, field, {right, ...remark}) => {
          const place = places.of(node, field)
          const edit =
            right === undefined
              ? undefined
              : {offset: place.offset, end: place.end, text: format === 'json' ? `"${right}"` : right}
          findings[severity](code, place, fieldPath(field), {...remark, edit})
        },
      )
    }
  }
}

/** Tailscale's own relays have low ids and are meshed. */
function isTailscales({nodes}: DerpRegion): boolean {
  return nodes.length > 0 && nodes.every(({hostName}) => hostName.endsWith('.tailscale.com'))
}
