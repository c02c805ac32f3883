/**
 * Tree → DerpMap, as headscale's Go decoders do it, with a finding for everything they reject, ignore or change.
 *
 * YAML (`derp.paths`) has a field under its Go name in lower case and nothing else, JSON (`derp.urls`) under its Go
 * name in any case. Both silently ignore unknown keys, which is why most broken maps are empty. Decoding continues
 * after an error, so that one run finds all. Rules about the values are in derp/lint.
 */
import {DecodeReport, normaliseKey, quoteFix} from './decode-report.ts'
import {MapPlaces, insertionBefore} from './positions.ts'
import {NODE_FIELDS, REGION_FIELDS, createMap, createNode, createRegion} from '../map.ts'
import {LimitProblem} from '../../syntax/tree.ts'
import {goBool, goFloat, goInt, goKey, goString, isNull} from '../../syntax/go-scalars.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpHomeParams, DerpMap, DerpNode, DerpRegion, Field, FieldKind} from '../map.ts'
import type {Behaviour} from '../releases.ts'
import type {Outcome} from '../../syntax/go-scalars.ts'
import type {Format, Document, ListTree, MapEntry, Place, Tree} from '../../syntax/tree.ts'

/** A source as headscale sees it. */
export interface ParsedMap {
  map: DerpMap
  file: string
  format: Format
  findings: Finding[]
  /** Where each value of `map` was written. */
  places: MapPlaces
  /** headscale's decoder rejects the whole source; `map` is what could be read. */
  rejected: boolean
}

/** Larger than any tailnet's map; aliases can make a small file this large. */
const MAX_VALUES = 100_000

/**
 * Decodes a document into a map.
 *
 * @throws LimitProblem for one that is larger than any map
 */
export function decodeMap(document: Document, behaviour: Behaviour): ParsedMap {
  const report = new DecodeReport(document.format, behaviour)
  const {findings} = report
  const decoder = new Decoder(report, document.root.place)
  const map = decoder.map(document.root)
  if (document.secondDocument !== null) {
    findings.warning('second-document', document.secondDocument, '', {
      message: 'A second YAML document starts here',
      reason: 'headscale reads the first document only',
      fix: 'Put all regions under one key regions',
    })
  }
  return {
    map,
    file: document.root.place.file,
    format: document.format,
    findings: findings.list,
    places: decoder.places,
    rejected: report.rejected,
  }
}

class Decoder {
  readonly places: MapPlaces
  readonly #report: DecodeReport
  readonly #format: Format
  readonly #quotedWords: boolean
  #values = 0

  constructor(report: DecodeReport, root: Place) {
    this.#report = report
    this.#format = report.format
    this.#quotedWords = report.format === 'yaml' && report.behaviour.goYaml === 3
    this.places = new MapPlaces(root)
  }

  map(root: Tree): DerpMap {
    const map = createMap()
    const entries = this.#struct(root, ['Regions', 'HomeParams', 'omitDefaultRegions'], '', 'a map with regions')
    const regions = entries.get('Regions')
    if (regions !== undefined) this.#regions(regions.value, map)
    const home = entries.get('HomeParams')
    if (home !== undefined) map.homeParams = this.#homeParams(home, map)
    const omit = entries.get('omitDefaultRegions')
    if (omit !== undefined) {
      map.omitDefaultRegions =
        this.#report.take(
          goBool(omit.value, this.#quotedWords),
          omit.value,
          this.#report.name('omitDefaultRegions'),
          'bool',
        ) ?? false
      this.places.set(map, omit.key.place, 'omitDefaultRegions')
    }
    return map
  }

  #regions(tree: Tree, map: DerpMap): void {
    if (isNull(tree)) return
    const path = this.#report.name('Regions')
    if (tree.kind !== 'map') return this.#report.typeError(tree, path, 'a map from region ids to regions')
    if (tree.entries.length === 0) this.places.set(map, tree.place, 'regions')
    const seen = new Map<number, MapEntry>()
    const spelled = new Map<string, MapEntry>()
    for (const entry of tree.entries) {
      this.#count(entry.key)
      const where = `${path}.${entry.key.text}`
      if (this.#format === 'yaml' && isNull(entry.key)) {
        this.#report.findings.error('region-without-id', entry.key.place, path, {
          message: 'The key of a region is empty',
          reason: 'headscale ignores it, or reads region 0',
          fix: 'Write the region id before the colon',
        })
        continue
      }
      const id = this.#report.take(goKey(entry.key, this.#format), entry.key, where, 'int', quoteFix(entry))
      const region = this.#region(entry.value, where)
      if (id === null) continue
      this.#report.duplicate(spelled.get(entry.key.text), seen.get(id), entry, where)
      seen.set(id, entry)
      spelled.set(entry.key.text, entry)
      map.regions.set(id, region)
      this.places.setRegion(map, id, region, entry.key.place)
    }
  }

  #region(tree: Tree, path: string): DerpRegion | null {
    if (isNull(tree)) return null
    const region = createRegion()
    const names = [...REGION_FIELDS.map((field) => field.go), 'Nodes']
    const entries = this.#struct(tree, names, path, 'a map with the fields of a region')
    this.#fields(region, REGION_FIELDS, entries, path)
    const nodes = entries.get('Nodes')
    if (nodes !== undefined) {
      this.places.set(region, nodes.key.place, 'nodes')
      const where = `${path}.${this.#report.name('Nodes')}`
      if (nodes.value.kind === 'list') this.#nodes(nodes.value, region, where)
      else if (!isNull(nodes.value)) {
        this.places.setBroken(region, 'nodes')
        this.#report.typeError(nodes.value, where, 'a list of nodes')
      }
    }
    return region
  }

  #nodes(tree: ListTree, region: DerpRegion, path: string): void {
    for (const [index, item] of tree.items.entries()) {
      this.#count(item)
      const where = `${path}[${index}]`
      if (isNull(item)) {
        this.#report.findings.error('null-node', item.place, where, {
          message: 'The node is null',
          reason: 'headscale sends it to clients, and every tailscaled that receives it panics',
          fix: 'Delete the empty list item',
        })
        continue
      }
      const names = NODE_FIELDS.map((field) => field.go)
      const node: DerpNode = createNode()
      const entries = this.#struct(item, names, where, 'a map with the fields of a node')
      this.places.set(node, item.place)
      this.#fields(node, NODE_FIELDS, entries, where)
      // A misspelled RegionID has its own fix; adding a second one would be a duplicate key.
      const misspelled =
        item.kind === 'map' && item.entries.some((entry) => normaliseKey(entry.key.text) === 'regionid')
      if (item.kind === 'map' && !misspelled) this.places.setInsertion(node, insertionBefore(item))
      region.nodes.push(node)
    }
  }

  #homeParams(entry: MapEntry, map: DerpMap): DerpHomeParams | null {
    this.places.set(map, entry.key.place, 'homeParams')
    if (isNull(entry.value)) return null
    const path = this.#report.name('HomeParams')
    const scores = this.#struct(entry.value, ['RegionScore'], path, 'a map with RegionScore').get('RegionScore')
    const regionScore = new Map<number, number>()
    if (scores === undefined || isNull(scores.value)) return {regionScore}
    if (scores.value.kind !== 'map') this.#report.typeError(scores.value, path, 'a map from region ids to factors')
    else {
      for (const score of scores.value.entries) {
        this.#count(score.key)
        const id = this.#report.take(goKey(score.key, this.#format), score.key, path, 'int', quoteFix(score))
        const factor = this.#report.take(goFloat(score.value, this.#format), score.value, path, 'float')
        if (id !== null && factor !== null) regionScore.set(id, factor)
      }
    }
    return {regionScore}
  }

  #fields<T extends object>(
    target: T,
    fields: readonly Field<T>[],
    entries: Map<string, MapEntry>,
    path: string,
  ): void {
    for (const {key, go, kind} of fields) {
      const entry = entries.get(go)
      if (entry === undefined) continue
      this.places.set(target, entry.value.kind === 'null' ? entry.key.place : entry.value.place, key)
      const outcome = this.#outcome(kind, entry.value)
      const value = this.#report.take(outcome, entry.value, `${path}.${this.#report.name(go)}`, kind)
      if (value === null) this.places.setBroken(target, key)
      else Object.assign(target, {[key]: value})
    }
  }

  #outcome(kind: FieldKind, tree: Tree): Outcome<number | boolean | string> {
    if (kind === 'int') return goInt(tree, this.#format)
    if (kind === 'float') return goFloat(tree, this.#format)
    return kind === 'bool' ? goBool(tree, this.#quotedWords) : goString(tree)
  }

  /** The entries of a map that Go finds, by Go name, and a finding for each of the others. */
  #struct(tree: Tree, names: readonly string[], path: string, wanted: string): Map<string, MapEntry> {
    const found = new Map<string, MapEntry>()
    const spelled = new Map<string, MapEntry>()
    if (isNull(tree)) return found
    if (tree.kind !== 'map') {
      this.#report.typeError(tree, path, wanted)
      return found
    }
    for (const entry of tree.entries) {
      this.#count(entry.key)
      const name = names.find((go) => this.#matches(go, entry.key.text))
      const where = path === '' ? entry.key.text : `${path}.${entry.key.text}`
      this.#report.duplicate(
        spelled.get(entry.key.text),
        name === undefined ? undefined : found.get(name),
        entry,
        where,
      )
      spelled.set(entry.key.text, entry)
      if (name === undefined) this.#report.unknownKey(entry.key, names, where)
      else if (this.#report.behaviour.newerFields.has(name)) this.#report.newerField(entry.key, name, where)
      else found.set(name, entry)
    }
    return found
  }

  #matches(go: string, key: string): boolean {
    return this.#format === 'yaml' ? key === go.toLowerCase() : key.toLowerCase() === go.toLowerCase()
  }

  #count(tree: Tree): void {
    if (++this.#values > MAX_VALUES) throw new LimitProblem(tree.place, `the text has more than ${MAX_VALUES} values`)
  }
}
