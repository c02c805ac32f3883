/**
 * Finds the map in a document that has more around it than headscale reads: a tailnet policy with its `derpMap`, a
 * Kubernetes ConfigMap, a bare region, a list.
 *
 * headscale finds no region in such a file. Here the map inside is read anyway, with its own positions, so that
 * validation can check it and say what to extract, and other commands can use it.
 */
import {normaliseKey} from './decode-report.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {lookUp} from '../../syntax/tree.ts'
import type {Document, Format, MapEntry, MapTree, Place, ScalarTree, Tree} from '../../syntax/tree.ts'

/** What is around a map. */
export interface Wrapper {
  place: Place
  /** Keys that lead to the map: `derpMap`, `data.derp.yaml`; '' where it has none. */
  path: string
  /** A sentence without a full stop. */
  message: string
  reason: string
  fix: string
  /** A tailnet policy or a part of one, where `OmitDefaultRegions` has its meaning. */
  isPolicy: boolean
  /** headscale rejects the file, where otherwise it finds no region. */
  isRejected: boolean
}

export interface Unwrapped {
  /** A document whose root is the map. */
  document: Document
  wrapper: Wrapper
}

/** Reads a text inside a text, with the positions of the outer one. */
export type ReadInner = (scalar: ScalarTree) => Tree | null

const IGNORED = 'headscale finds no region in the file'

/** The map inside a document, or null if the document itself is the map (or nothing in it looks like a map). */
export function unwrap({root, format}: Document, readInner: ReadInner = () => null): Unwrapped | null {
  const found = root.kind === 'list' ? fromList(root.items, root, format) : root.kind === 'map' ? fromMap(root) : null
  if (found === null) return null
  const {map, ...wrapper} = found
  return {
    document: {format, root: map, secondDocument: null},
    wrapper: {isPolicy: false, isRejected: false, ...wrapper},
  }

  function fromMap(tree: MapTree): Found | null {
    const regions = entryOf(tree, 'regions')
    if (regions !== null) {
      if (regions.value.kind !== 'list' || !regions.value.items.some(isRegion)) return null
      return fromList(regions.value.items, regions.value, format)
    }
    if (isKubernetes(tree)) return fromConfigMap(tree, readInner)
    return fromKey(tree) ?? fromParts(tree, format)
  }
}

type Found = Partial<Wrapper> & Pick<Wrapper, 'place' | 'path' | 'message' | 'reason' | 'fix'> & {map: Tree}

/** Keys of a tailnet policy, except derpMap. */
const POLICY_KEYS = new Set(['acls', 'grants', 'groups', 'hosts', 'tagowners', 'ssh', 'nodeattrs', 'autoapprovers'])

/** A map that is nested some keys below the root. */
function fromKey(root: MapTree): Found | null {
  const steps = pathToRegions(root, 3)
  const last = steps?.at(-1)
  if (steps === null || last === undefined) return null
  const path = steps.map(({key}) => key.text).join('.')
  const isDerpMap = steps.length === 1 && normaliseKey(last.key.text) === 'derpmap'
  const isPolicy = isDerpMap && root.entries.some(({key}) => POLICY_KEYS.has(normaliseKey(key.text)))
  return {
    ...{map: last.value, place: last.key.place, path, isPolicy: isDerpMap, reason: IGNORED},
    message: isPolicy ? 'The file is a tailnet policy, not a DERP map' : `The map is inside the key ${path}`,
    fix: `Save the value of ${path} alone (headscale-ts derp render --from FILE does it)`,
  }
}

function pathToRegions(tree: MapTree, depth: number): MapEntry[] | null {
  for (const entry of tree.entries) {
    if (entry.value.kind !== 'map') continue
    if (entryOf(entry.value, 'regions') !== null) return [entry]
    const rest = depth > 1 ? pathToRegions(entry.value, depth - 1) : null
    if (rest !== null) return [entry, ...rest]
  }
  return null
}

function isKubernetes(tree: MapTree): boolean {
  return lookUp(tree, 'apiVersion') !== null && ['data', 'stringData'].some((key) => lookUp(tree, key)?.kind === 'map')
}

/** A map as the text of one key of a ConfigMap. */
function fromConfigMap(tree: MapTree, readInner: ReadInner): Found | null {
  for (const key of ['data', 'stringData']) {
    const data = lookUp(tree, key)
    for (const entry of data?.kind === 'map' ? data.entries : []) {
      if (entry.value.kind !== 'scalar' || !/regions/i.test(entry.value.text)) continue
      const map = readInner(entry.value)
      if (map?.kind !== 'map' || entryOf(map, 'regions') === null) continue
      const path = `${key}.${entry.key.text}`
      return {
        ...{map, place: entry.key.place, path, reason: IGNORED},
        message: `The file is a Kubernetes object, with the map as a text in ${path}`,
        fix: `Save the text of ${path} alone, or mount the object and name that file in derp.paths`,
      }
    }
  }
  return null
}

/** Regions without the key `regions`, one region, or one node. */
function fromParts(root: MapTree, format: Format): Found | null {
  const place = root.place
  const {entries} = root
  if (entries.length > 0 && entries.every(({key, value}) => /^[0-9]+$/.test(key.text) && isRegion(value))) {
    return {
      ...{map: mapOf(root, format), place, path: '', reason: IGNORED},
      message: 'The regions are not inside a key regions',
      fix: 'Write regions: above them, and indent them',
    }
  }
  if (isRegion(root)) {
    return {
      ...{map: mapOf(regionsOf([root], root, format), format), place, path: '', reason: IGNORED},
      message: 'The file is one region, not a map of regions',
      fix: 'Put it inside regions, under its id',
    }
  }
  if (!isNode(root)) return null
  return {
    ...{map: mapOf(regionsOf([regionAround([root], root, format)], root, format), format), place, path: ''},
    reason: IGNORED,
    message: 'The file is one node, not a map of regions',
    fix: 'Put it into the nodes of a region, and the region inside regions',
  }
}

/** A list of regions or of nodes. */
function fromList(items: readonly Tree[], tree: Tree, format: Format): Found | null {
  const ofNodes = items.length > 0 && items.every(isNode)
  if (!ofNodes && !items.some(isRegion)) return null
  const regions = ofNodes
    ? [...groupByRegion(items)].map((nodes) => regionAround(nodes, nodes[0] ?? tree, format))
    : items.filter((item) => item.kind === 'map').map(withoutId)
  return {
    ...{map: mapOf(regionsOf(regions, tree, format), format), place: tree.place, path: '', isRejected: true},
    message: ofNodes ? 'The file is a list of nodes, not a map of regions' : 'The regions are a list',
    reason: 'headscale needs a map from region ids to regions, and rejects the whole source',
    fix: ofNodes
      ? 'Put them into the nodes of a region, and the region inside regions'
      : 'Write each region under its id',
  }
}

/** Without the empty `900:` that a dash before a map of regions leaves in its first item. */
function withoutId(region: MapTree): MapTree {
  const isId = ({key, value}: MapEntry) => /^[0-9]+$/.test(key.text) && isNull(value)
  return {...region, entries: region.entries.filter((entry) => !isId(entry))}
}

function groupByRegion(nodes: readonly Tree[]): Iterable<Tree[]> {
  return Map.groupBy(nodes, (node) => textOf(entryOf(node, 'regionid')?.value)).values()
}

/** A region as headscale writes it; the spec file of `derp render` has other keys. */
function isRegion(tree: Tree): boolean {
  if (entryOf(tree, 'hostname') !== null) return false
  return entryOf(tree, 'regionid') !== null || (entryOf(tree, 'nodes')?.value.kind === 'list' && !hasSpecKeys(tree))
}

function isNode(tree: Tree): boolean {
  return entryOf(tree, 'hostname') !== null && ['name', 'regionid', 'derpport'].some((key) => entryOf(tree, key))
}

function hasSpecKeys(tree: Tree): boolean {
  return lookUp(tree, 'id') !== null || lookUp(tree, 'code') !== null
}

/** Whether a list of regions has headscale's keys, so that it is not a spec of ours. */
export function isListOfRegions(tree: Tree | null): boolean {
  return tree?.kind === 'list' && tree.items.some(isRegion)
}

function entryOf(tree: Tree, key: string): MapEntry | null {
  if (tree.kind !== 'map') return null
  return tree.entries.findLast((entry) => normaliseKey(entry.key.text) === key) ?? null
}

function textOf(tree: Tree | undefined): string {
  return tree?.kind === 'scalar' && !isNull(tree) ? tree.text : '0'
}

/** A tree `regions: …`, with the name as the format spells it. */
function mapOf(regions: Tree, format: Format): MapTree {
  return around(format === 'yaml' ? 'regions' : 'Regions', regions, format)
}

function regionsOf(regions: readonly Tree[], {place}: Tree, format: Format): MapTree {
  const entries = regions.map((value) => ({
    key: keyOf(textOf(entryOf(value, 'regionid')?.value), value.place, format),
    value,
  }))
  return {kind: 'map', entries, flow: true, place}
}

function regionAround(nodes: readonly Tree[], {place}: Tree, format: Format): MapTree {
  const list: Tree = {kind: 'list', items: [...nodes], flow: true, place}
  const region = around(format === 'yaml' ? 'nodes' : 'Nodes', list, format)
  const id = nodes[0] === undefined ? null : entryOf(nodes[0], 'regionid')
  if (id === null) return region
  const code: Tree = {kind: 'scalar', text: textOf(id.value), style: 'quoted', place}
  region.entries.unshift(
    {...id, key: keyOf(format === 'yaml' ? 'regionid' : 'RegionID', place, format)},
    {key: keyOf(format === 'yaml' ? 'regioncode' : 'RegionCode', place, format), value: code},
  )
  return region
}

function around(key: string, value: Tree, format: Format): MapTree {
  return {kind: 'map', entries: [{key: keyOf(key, value.place, format), value}], flow: true, place: value.place}
}

function keyOf(text: string, place: Place, format: Format): ScalarTree {
  return {kind: 'scalar', text, style: format === 'yaml' ? 'plain' : 'quoted', place}
}
