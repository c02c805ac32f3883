/**
 * Problems of a server's sources taken together: conflicts, or no region left.
 *
 * Sources: headscale's merge in hscontrol/derp (a region of a later source replaces an earlier one as a whole),
 * tailscale's prober/derp.go and net/netcheck (node names), ipn/localapi/debugderp.go (codes).
 */
import {Findings} from '../../diagnostics/finding.ts'
import {regionEntries} from '../map.ts'
import type {ParsedMap} from '../read/decode.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpRegion} from '../map.ts'
import type {Behaviour} from '../releases.ts'

/** A region that is in force: no later source replaces it. */
interface Effective {
  source: ParsedMap
  key: number
  region: DerpRegion
}

/**
 * Checks all sources together.
 *
 * @param sources in the order headscale reads them
 * @param complete whether they are all the server has; a map URL that was not fetched makes them incomplete
 */
export function checkTogether(sources: readonly ParsedMap[], behaviour: Behaviour, complete: boolean): Finding[] {
  const findings = new Findings()
  const effective = effectiveRegions(sources)
  checkNames(effective, findings)
  checkCodes(effective, findings)
  checkOverlap(sources, behaviour, findings)
  if (!sources.some((source) => source.rejected)) {
    if (effective.length === 0 && complete) reportEmptyMap(sources, behaviour, findings)
    else reportEmptySources(sources, findings)
    if (complete) checkHome(effective, findings)
  }
  return findings.list
}

function effectiveRegions(sources: readonly ParsedMap[]): Effective[] {
  const last = new Map<number, Effective>()
  for (const source of sources) {
    for (const [key, region] of regionEntries(source.map)) last.set(key, {source, key, region})
  }
  return sources.flatMap((source) => [...last.values()].filter((entry) => entry.source === source))
}

/** The path of a field as the source spells it. */
function path({format}: ParsedMap, ...parts: (string | number)[]): string {
  const text = parts.join('.').replaceAll('.[', '[')
  return format === 'yaml' ? text.toLowerCase() : text
}

function reportEmptyMap(sources: readonly ParsedMap[], behaviour: Behaviour, findings: Findings): void {
  const first = sources[0]
  if (first === undefined) return
  // An explicit `regions: {}` is what a server with an embedded relay has.
  const isExplicit = sources.every(({map, places}) => places.written(map, 'regions') !== null)
  const fatal = behaviour.emptyMap === 'fatal' && !isExplicit
  findings[fatal ? 'error' : 'warning']('empty-map', first.places.file, '', {
    message: sources.length === 1 ? 'The file defines no region' : 'The files define no region',
    reason:
      behaviour.emptyMap === 'fatal'
        ? 'headscale does not start, unless its embedded relay or another source adds a region'
        : 'headscale starts with a warning, and clients have no relay unless another source adds a region',
    fix: isExplicit ? 'Add a region, unless that is the intention' : emptyFix(sources),
  })
}

/** The most likely cause. */
function emptyFix(sources: readonly ParsedMap[]): string {
  const ignored = sources.flatMap(({findings}) => findings).map(({code, path: key}) => ({code, key: key.toLowerCase()}))
  if (ignored.some(({code, key}) => code === 'key-case' && key === 'regions')) {
    return 'Write the keys in lower case (--fix does it), or convert the file with derp render --from FILE -o yaml'
  }
  return 'Write the regions under a key regions, as derp render does'
}

function reportEmptySources(sources: readonly ParsedMap[], findings: Findings): void {
  for (const source of sources) {
    if (source.map.regions.size > 0) continue
    findings.warning('empty-source', source.places.file, '', {
      message: 'The file defines no region',
      reason: 'headscale silently adds nothing',
      fix: 'Write the regions under a key regions, or leave the file out',
    })
  }
}

function checkHome(effective: readonly Effective[], findings: Findings): void {
  const first = effective[0]
  if (first === undefined || !effective.every(({region}) => region.noMeasureNoHome)) return
  const place = first.source.places.of(first.region, 'noMeasureNoHome')
  findings.error('no-home', place, path(first.source, 'Regions', first.key, 'NoMeasureNoHome'), {
    message: `${path(first.source, 'NoMeasureNoHome')} is set for every region`,
    reason: 'Clients have no region to choose as home, so no peer can reach them through a relay',
    fix: 'Delete it for one region',
  })
}

function checkNames(effective: readonly Effective[], findings: Findings): void {
  const seen = new Map<string, string>()
  for (const {source, key, region} of effective) {
    for (const [index, node] of region.nodes.entries()) {
      if (node.name === '') continue
      const place = source.places.of(node, 'name')
      const earlier = seen.get(node.name)
      if (earlier === undefined) seen.set(node.name, `${place.file}:${place.line}`)
      else {
        findings.error('duplicate-node-name', place, path(source, 'Regions', key, 'Nodes', `[${index}]`, 'Name'), {
          message: `Another node has the name '${node.name}' (${earlier})`,
          reason: 'Clients find nodes by name in the whole map, and measure the wrong one',
          fix: 'Give every node its own name, usually the region id and a letter',
        })
      }
    }
  }
}

function checkCodes(effective: readonly Effective[], findings: Findings): void {
  const seen = new Map<string, number>()
  for (const {source, key, region} of effective) {
    const code = region.regionCode
    const earlier = seen.get(code)
    if (code === '') continue
    if (earlier === undefined) seen.set(code, key)
    else {
      const place = source.places.of(region, 'regionCode')
      findings.warning('duplicate-region-code', place, path(source, 'Regions', key, 'RegionCode'), {
        message: `Region ${earlier} also has the code '${code}'`,
        reason: 'tailscale status and netcheck show the same label for both, and tailscale debug derp uses the first',
        fix: 'Give each region its own code',
      })
    }
  }
}

function checkOverlap(sources: readonly ParsedMap[], behaviour: Behaviour, findings: Findings): void {
  const seen = new Map<number, string>()
  for (const source of sources) {
    for (const [key, region] of regionEntries(source.map)) {
      const earlier = seen.get(key)
      seen.set(key, source.file)
      if (earlier === undefined) continue
      const order = behaviour.mergeOrder.map((kind) => `derp.${kind}`).join(' before ')
      findings.warning('duplicate-region', source.places.of(region), path(source, 'Regions', key), {
        message: `Region ${key} is also in ${earlier}`,
        reason: `headscale ${behaviour.release} reads ${order}, and this region replaces the other one (0.27 reversed the order)`,
        fix: 'Keep the region in one source',
      })
    }
  }
}
