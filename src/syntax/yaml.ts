/**
 * YAML text → Tree. Load this module when there is YAML to read: the `yaml` package is slow to load.
 *
 * The tree has structure and spelling only: plain scalars stay unresolved, since headscale's go-yaml reads them by
 * YAML 1.1 rules that no JavaScript library follows (go-scalars.ts does). Aliases are shared, never copied, so that a
 * text with many stays small here; the decoder counts what it walks. What go-yaml rejects and the package accepts is
 * in go-yaml.ts.
 */
import {isAlias, isMap, isSeq} from 'yaml'

import {rejectLeadingColon, rejectTabs, rejectText, rejectTightColon} from './go-yaml.ts'
import {LimitProblem, MAX_DEPTH, Places, SyntaxProblem, TOO_DEEP} from './tree.ts'
import {YamlError, readYaml} from './yaml-document.ts'
import type {Document, MapEntry, Place, ScalarTree, Tree} from './tree.ts'
import type {YamlText} from './yaml-document.ts'
import type {Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq} from 'yaml'

/** Far more than a map or a configuration has, and read in a second. */
const MAX_TOKENS = 500_000

/** Merge keys can make a small file large. */
const MAX_MERGED = 10_000

/**
 * Reads the first document of a YAML text.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseYamlTree(source: string, file: string): Document {
  // A lone CR ends a line for go-yaml; offsets stay as they are.
  const text = source.replaceAll(/\r(?!\n)/g, '\n')
  const places = new Places(file, text)
  rejectText(text, places)

  const {document, secondDocument} = read(text, places)
  if (document === null) return {format: 'yaml', root: {kind: 'null', place: places.at(0)}, secondDocument: null}
  rejectTabs(document, text, places)

  const anchors = new Map<string, Tree>()
  let mergedEntries = 0

  function placeOf(node: {range?: [number, number, number] | null | undefined} | null | undefined): Place {
    return places.at(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0)
  }

  function convert(node: Node | null | undefined, depth: number, fallback: Place, inFlow = false): Tree {
    if (depth > MAX_DEPTH) throw new LimitProblem(placeOf(node), TOO_DEEP)
    if (node === null || node === undefined) return {kind: 'null', place: fallback}
    if (isAlias(node)) return aliased(node)
    const tree = isMap(node) ? map(node, depth) : isSeq(node) ? list(node, depth) : scalar(node as Scalar, inFlow)
    if (node.anchor !== undefined) anchors.set(node.anchor, tree)
    return tree
  }

  function aliased(node: Alias): Tree {
    // readYaml has checked that its anchor comes before it and does not contain it.
    return anchors.get(node.source) ?? {kind: 'null', place: placeOf(node)}
  }

  function scalar(node: Scalar, inFlow: boolean): ScalarTree {
    const plain = node.type === 'PLAIN' && node.tag !== 'tag:yaml.org,2002:str'
    const written = node.type === 'PLAIN' ? (node.source ?? '') : String(node.value ?? '')
    const tree: ScalarTree = {kind: 'scalar', text: written, style: plain ? 'plain' : 'quoted', place: placeOf(node)}
    if (inFlow) rejectLeadingColon(tree)
    return tree
  }

  function list(node: YAMLSeq, depth: number): Tree {
    const place = placeOf(node)
    const items = node.items.map((item) => convert(item as Node, depth + 1, place, node.flow))
    return {kind: 'list', items, flow: node.flow === true, place}
  }

  function map(node: YAMLMap, depth: number): Tree {
    const place = placeOf(node)
    const entries: MapEntry[] = []
    const merged = new Map<string, MapEntry>()
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      const key = convert(pair.key, depth + 1, place, node.flow)
      const value = convert(pair.value, depth + 1, key.place, node.flow)
      if (key.kind === 'scalar' && key.style === 'plain' && key.text === '<<') mergeInto(merged, value)
      else if (key.kind === 'scalar') {
        if (node.flow) rejectTightColon(key, text)
        entries.push({key, value})
      } else if (key.kind === 'null') entries.push({key: {...key, kind: 'scalar', text: '', style: 'plain'}, value})
      else throw new SyntaxProblem(key.place, 'a list or a map cannot be a key')
    }
    const own = new Set(entries.map((entry) => entry.key.text))
    for (const [key, entry] of merged) if (!own.has(key)) entries.push(entry)
    return {kind: 'map', entries, flow: node.flow === true, place}
  }

  /** The entries that `<<: value` adds; of several maps the first counts. */
  function mergeInto(merged: Map<string, MapEntry>, value: Tree): void {
    const sources = value.kind === 'list' ? value.items : [value]
    for (const source of sources) {
      if (source.kind !== 'map') throw new SyntaxProblem(value.place, '<< needs a map or a list of maps')
      for (const entry of source.entries) {
        if (++mergedEntries > MAX_MERGED)
          throw new LimitProblem(value.place, `the text has more than ${MAX_MERGED} keys from <<`)
        if (!merged.has(entry.key.text)) merged.set(entry.key.text, entry)
      }
    }
  }

  const start = places.at(document.range?.[0] ?? 0)
  return {
    format: 'yaml',
    root: convert(document.contents as Node | null, 0, start),
    secondDocument: secondDocument === null ? null : places.at(secondDocument),
  }
}

function read(text: string, places: Places): YamlText {
  try {
    return readYaml(text, {version: '1.1', merge: false, maxTokens: MAX_TOKENS})
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const place = places.at(error.offset)
    if (LIMITS.has(error.code)) throw new LimitProblem(place, error.message)
    throw new SyntaxProblem(place, error.message.charAt(0).toLowerCase() + error.message.slice(1))
  }
}

const LIMITS: ReadonlySet<string> = new Set(['YAML_TOO_DEEP', 'YAML_TOO_LARGE'])
