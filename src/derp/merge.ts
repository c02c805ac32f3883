/**
 * Several sources → the one map that clients get, as the release merges them.
 *
 * headscale copies regions only: a whole region of a later source replaces that of an earlier one; the embedded region
 * is last. The effect of a null region changed twice (releases.ts).
 */
import {createMap} from './map.ts'
import type {DerpMap, DerpRegion} from './map.ts'
import type {Behaviour} from './releases.ts'

export interface MergeSource {
  /** For people: a file, a URL, `embedded relay`. */
  name: string
  map: DerpMap
}

export interface Merged {
  map: DerpMap
  /** Region key → name of the source it came from. */
  origins: Map<number, string>
}

/** Merges sources in the order headscale reads them (see `readingOrder`). */
export function mergeSources(sources: readonly MergeSource[], behaviour: Behaviour): Merged {
  const regions = new Map<number, DerpRegion | null>()
  const origins = new Map<number, string>()
  for (const {name, map} of sources) {
    for (const [key, region] of map.regions) {
      if (region === null && behaviour.nullRegion === 'ignored') continue
      if (region === null && behaviour.nullRegion === 'removes') {
        regions.delete(key)
        origins.delete(key)
        continue
      }
      regions.set(key, region)
      origins.set(key, name)
    }
  }
  const merged = createMap()
  merged.regions = new Map([...regions].sort(([a], [b]) => a - b))
  return {map: merged, origins}
}

/** Sources of both kinds in the order the release reads them; the order within a kind stays. */
export function readingOrder<T extends {kind: 'paths' | 'urls'}>(sources: readonly T[], behaviour: Behaviour): T[] {
  return behaviour.mergeOrder.flatMap((kind) => sources.filter((source) => source.kind === kind))
}
