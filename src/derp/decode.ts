/**
 * Tree → DerpMap, as headscale's Go decoders do it, with a finding for everything they refuse, drop or bend.
 *
 * Two dialects, two sets of rules: YAML (`derp.paths`) knows a field by its Go name in lower case and nothing else;
 * JSON (`derp.urls`) by its Go name in any case. Both pass over unknown keys in silence, which is how most maps come
 * out empty. Decoding goes on behind an error, so that one run shows all. Whether a decoded map makes sense is not
 * asked here (check-map.ts does).
 */
import {Findings} from './finding.ts'
import {MapPlaces, insertionBefore} from './places.ts'
import {NODE_FIELDS, REGION_FIELDS, createMap, createNode, createRegion} from './map.ts'
import {LimitProblem} from './tree.ts'
import {goBool, goFloat, goInt, goKey, goString, isNull} from './scalars.ts'
import type {Finding} from './finding.ts'
import type {DerpHomeParams, DerpMap, DerpNode, DerpRegion, Field, FieldKind} from './map.ts'
import type {Behaviour} from './releases.ts'
import type {Outcome, Refusal, Surprise} from './scalars.ts'
import type {Dialect, Document, ListTree, MapEntry, Place, ScalarTree, Tree} from './tree.ts'

/** A source as headscale sees it. */
export interface ParsedMap {
  map: DerpMap
  file: string
  dialect: Dialect
  findings: Finding[]
  /** Where each value of `map` stands. */
  places: MapPlaces
  /** headscale's decoder refuses the source as a whole; `map` is what could be made of it. */
  refused: boolean
}

/** Larger than any tailnet's map; aliases can make a small file this large. */
const MAX_VALUES = 100_000

const TYPE_WORDS: Record<FieldKind, string> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  string: 'a text',
}

/**
 * Decodes a document into a map.
 *
 * @throws LimitProblem for one that is larger than any map
 */
export function decodeMap(document: Document, behaviour: Behaviour): ParsedMap {
  const decoder = new Decoder(document.dialect, behaviour, document.root.place)
  const {findings} = decoder
  const map = decoder.map(document.root)
  if (document.secondDocument !== null) {
    findings.warning('second-document', document.secondDocument, '', {
      message: 'A second YAML document begins here',
      reason: 'headscale reads the first document only',
      fix: 'Put all regions under one regions: key',
    })
  }
  return {
    map,
    file: document.root.place.file,
    dialect: document.dialect,
    findings: findings.list,
    places: decoder.places,
    refused: decoder.refused,
  }
}

class Decoder {
  readonly findings = new Findings()
  readonly places: MapPlaces
  refused = false
  readonly #dialect: Dialect
  readonly #behaviour: Behaviour
  #values = 0

  constructor(dialect: Dialect, behaviour: Behaviour, root: Place) {
    this.#dialect = dialect
    this.#behaviour = behaviour
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
        this.#take(goBool(omit.value), omit.value, this.#name('omitDefaultRegions'), 'bool') ?? false
      this.places.set(map, omit.key.place, 'omitDefaultRegions')
    }
    return map
  }

  #regions(tree: Tree, map: DerpMap): void {
    if (isNull(tree)) return
    const path = this.#name('Regions')
    if (tree.kind !== 'map') return this.#typeError(tree, path, 'a map from region ids to regions')
    const seen = new Map<number, MapEntry>()
    for (const entry of tree.entries) {
      this.#count(entry.key)
      const where = `${path}.${entry.key.text}`
      const id = this.#take(goKey(entry.key, this.#dialect), entry.key, where, 'int', quoteFix(entry))
      const region = this.#region(entry.value, where)
      if (id === null) continue
      this.#duplicate(seen.get(id), entry, where)
      seen.set(id, entry)
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
      const where = `${path}.${this.#name('Nodes')}`
      if (nodes.value.kind === 'list') this.#nodes(nodes.value, region, where)
      else if (!isNull(nodes.value)) {
        this.places.setBroken(region, 'nodes')
        this.#typeError(nodes.value, where, 'a list of nodes')
      }
    }
    return region
  }

  #nodes(tree: ListTree, region: DerpRegion, path: string): void {
    for (const [index, item] of tree.items.entries()) {
      this.#count(item)
      const where = `${path}[${index}]`
      if (isNull(item)) {
        this.findings.error('null-node', item.place, where, {
          message: 'A node that is null',
          reason: 'headscale passes it on, and every tailscaled that receives it panics and exits',
          fix: 'Delete the empty list item',
        })
        continue
      }
      const names = NODE_FIELDS.map((field) => field.go)
      const node: DerpNode = createNode()
      const entries = this.#struct(item, names, where, 'a map with the fields of a node')
      this.places.set(node, item.place)
      this.#fields(node, NODE_FIELDS, entries, where)
      // A misspelt RegionID has its own repair; adding a second one would be a duplicate key.
      const misspelt = item.kind === 'map' && item.entries.some((entry) => normalise(entry.key.text) === 'regionid')
      if (item.kind === 'map' && !misspelt) this.places.setInsertion(node, insertionBefore(item))
      region.nodes.push(node)
    }
  }

  #homeParams(entry: MapEntry, map: DerpMap): DerpHomeParams | null {
    this.places.set(map, entry.key.place, 'homeParams')
    if (isNull(entry.value)) return null
    const path = this.#name('HomeParams')
    const scores = this.#struct(entry.value, ['RegionScore'], path, 'a map with RegionScore').get('RegionScore')
    const regionScore = new Map<number, number>()
    if (scores === undefined || isNull(scores.value)) return {regionScore}
    if (scores.value.kind !== 'map') this.#typeError(scores.value, path, 'a map from region ids to factors')
    else {
      for (const score of scores.value.entries) {
        this.#count(score.key)
        const id = this.#take(goKey(score.key, this.#dialect), score.key, path, 'int', quoteFix(score))
        const factor = this.#take(goFloat(score.value, this.#dialect), score.value, path, 'float')
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
      const value = this.#take(outcome, entry.value, `${path}.${this.#name(go)}`, kind)
      if (value === null) this.places.setBroken(target, key)
      else Object.assign(target, {[key]: value})
    }
  }

  #outcome(kind: FieldKind, tree: Tree): Outcome<number | boolean | string> {
    if (kind === 'int') return goInt(tree, this.#dialect)
    if (kind === 'float') return goFloat(tree, this.#dialect)
    return kind === 'bool' ? goBool(tree) : goString(tree)
  }

  /** The entries of a map that Go would find, by Go name; a finding for all others. */
  #struct(tree: Tree, names: readonly string[], path: string, wanted: string): Map<string, MapEntry> {
    const found = new Map<string, MapEntry>()
    if (isNull(tree)) return found
    if (tree.kind !== 'map') {
      this.#typeError(tree, path, wanted)
      return found
    }
    for (const entry of tree.entries) {
      this.#count(entry.key)
      const name = names.find((go) => this.#matches(go, entry.key.text))
      const where = path === '' ? entry.key.text : `${path}.${entry.key.text}`
      if (name === undefined) {
        this.#unknownKey(entry.key, names, where)
        continue
      }
      this.#duplicate(found.get(name), entry, where)
      found.set(name, entry)
    }
    return found
  }

  #matches(go: string, key: string): boolean {
    return this.#dialect === 'yaml' ? key === go.toLowerCase() : key.toLowerCase() === go.toLowerCase()
  }

  /** The name of a field in the source's language. */
  #name(go: string): string {
    return this.#dialect === 'yaml' ? go.toLowerCase() : go
  }

  #unknownKey(key: ScalarTree, names: readonly string[], path: string): void {
    const meant = names.find((go) => go.toLowerCase() === normalise(key.text))
    const says = this.#dialect === 'yaml' ? 'a YAML key must be the lower-case name exactly' : 'no field has this name'
    if (meant !== undefined) {
      const right = this.#name(meant)
      const quote = key.style === 'quoted' ? '"' : ''
      this.findings.warning('key-case', key.place, path, {
        message: `The key '${shorten(key.text)}' is not '${right}'`,
        reason: `headscale passes over it without a word: ${says}`,
        fix: `Write ${right}`,
        edit: {offset: key.place.offset, end: key.place.end, text: `${quote}${right}${quote}`},
      })
      return
    }
    const old =
      key.text.toLowerCase() === 'derptestport' ? ` (since headscale 0.9 it is ${this.#name('DERPPort')})` : ''
    this.findings.warning('unknown-key', key.place, path, {
      message: `The key '${shorten(key.text)}' is unknown${old}`,
      reason: 'headscale passes over it without a word',
      fix: `Delete it, or use one of ${names.map((go) => this.#name(go)).join(', ')}`,
    })
  }

  #duplicate(earlier: MapEntry | undefined, later: MapEntry, path: string): void {
    if (earlier === undefined) return
    const message = `The key '${later.key.text}' stands here and in line ${earlier.key.place.line}`
    const fix = 'Keep one of the two'
    if (this.#dialect === 'yaml' && this.#behaviour.duplicateKeys === 'refused') {
      this.refused = true
      const reason = 'headscale refuses the file (from 0.22 on; before, the last one won)'
      this.findings.error('duplicate-key', later.key.place, path, {message, reason, fix})
    } else {
      this.findings.warning('duplicate-key', later.key.place, path, {
        message,
        reason: 'The last one wins in silence',
        fix,
      })
    }
  }

  #typeError(tree: Tree, path: string, wanted: string): void {
    this.refused = true
    const is =
      tree.kind === 'map'
        ? 'a map'
        : tree.kind === 'list'
          ? 'a list'
          : tree.kind === 'scalar'
            ? `'${shorten(tree.text)}'`
            : 'null'
    this.findings.error('wrong-type', tree.place, path, {
      message: `${path === '' ? 'The whole document' : lastOf(path)} is ${is}`,
      reason: `headscale needs ${wanted} and refuses the whole source`,
      fix: `Write ${wanted}`,
    })
  }

  #take<T>(outcome: Outcome<T>, tree: Tree, path: string, kind: FieldKind, edit?: Remedy): T | null {
    if ('refused' in outcome) {
      this.#refusal(outcome.refused, tree, path, kind, edit)
      return null
    }
    if (outcome.surprise !== null) this.#surprise(outcome.surprise, String(outcome.value), tree, path)
    return outcome.value
  }

  #refusal(reason: Refusal, tree: Tree, path: string, kind: FieldKind, remedy?: Remedy): void {
    if (reason !== 'quoted' || tree.kind !== 'scalar') return this.#typeError(tree, path, TYPE_WORDS[kind])
    this.refused = true
    this.findings.error('quoted-value', tree.place, path, {
      message: `${remedy === undefined ? lastOf(path) : 'The key'} is the text "${tree.text}"`,
      reason: `headscale needs ${TYPE_WORDS[kind]} without quotes and refuses the whole source`,
      fix: `Write ${tree.text}`,
      edit: remedy?.(tree) ?? {offset: tree.place.offset, end: tree.place.end, text: tree.text},
    })
  }

  #surprise(surprise: Surprise, value: string, tree: Tree, path: string): void {
    const text = tree.kind === 'scalar' ? tree.text : ''
    const remark = {
      message: `${lastOf(path)} is ${text}`,
      reason: `headscale reads ${value}`,
      fix: `Write ${value} if that is meant`,
    }
    if (surprise === 'octal') {
      const reason = `A leading zero makes it octal: headscale reads ${value}`
      this.findings.error('octal-number', tree.place, path, {
        ...remark,
        reason,
        fix: 'Write it without the leading zero',
      })
    } else if (surprise === 'truncated') {
      this.findings.warning('truncated-number', tree.place, path, {...remark, reason: `headscale cuts it to ${value}`})
    } else {
      const message = surprise === 'odd-key' ? `The key is ${text}` : remark.message
      this.findings.warning('odd-number', tree.place, path, {...remark, message})
    }
  }

  #count(tree: Tree): void {
    if (++this.#values > MAX_VALUES) throw new LimitProblem(tree.place, `the text has more than ${MAX_VALUES} values`)
  }
}

type Remedy = (tree: ScalarTree) => {offset: number; end: number; text: string}

/** Takes the quotes off a region's key, and keeps go-yaml's blank after the colon. */
function quoteFix(entry: MapEntry): Remedy {
  const {offset, end} = entry.key.place
  const tight = entry.value.kind !== 'null' && entry.value.place.offset === end + 1
  return (tree) => ({offset, end: tight ? end + 1 : end, text: tight ? `${tree.text}: ` : tree.text})
}

function normalise(key: string): string {
  return key.toLowerCase().replaceAll(/[_\- ]/g, '')
}

function lastOf(path: string): string {
  return shorten(path.slice(path.lastIndexOf('.') + 1))
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
