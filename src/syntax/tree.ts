/**
 * A parsed document before anybody gives it a meaning: maps, lists and scalars, each with its place in the text.
 *
 * YAML and JSON readers both end here, so one decoder serves both. A scalar keeps its text and how it was written
 * (quoted or plain), because headscale's Go libraries decide by that: `"900"` is no number to them. No DERP
 * knowledge in this file.
 */
import {HeadscaleError} from '../errors.ts'

/** Where a value stands. Lines and columns count from 1, offsets (of UTF-16 units in the text) from 0. */
export interface Place {
  file: string
  line: number
  column: number
  offset: number
  end: number
}

/** `plain` is YAML without quotes and still to be resolved; JSON literals are `number`, `bool` or null trees. */
export type ScalarStyle = 'plain' | 'quoted' | 'number' | 'bool'

export interface ScalarTree {
  kind: 'scalar'
  text: string
  style: ScalarStyle
  place: Place
}

export interface NullTree {
  kind: 'null'
  place: Place
}

export interface ListTree {
  kind: 'list'
  items: Tree[]
  flow: boolean
  place: Place
}

export interface MapEntry {
  key: ScalarTree
  value: Tree
}

export interface MapTree {
  kind: 'map'
  /** As written, duplicates included; YAML merge keys are already unfolded at the end. */
  entries: MapEntry[]
  /** Written in braces. */
  flow: boolean
  place: Place
}

export type Tree = ScalarTree | NullTree | ListTree | MapTree

/** Which language the text was read as; scalars and keys are taken by its rules. */
export type Dialect = 'yaml' | 'json'

/** A whole text, read. */
export interface Document {
  dialect: Dialect
  root: Tree
  /** Where a second YAML document begins, which nobody reads; null without one. */
  secondDocument: Place | null
}

/** The text is not YAML or not JSON, or larger than any map. `place` says where, and the message begins with it. */
export class SyntaxProblem extends HeadscaleError {
  readonly place: Place
  readonly reason: string

  constructor(place: Place, reason: string) {
    super('invalid-input', `${place.file}:${place.line}:${place.column}: ${reason}`, {
      hint: 'mend the file at that place',
      details: {file: place.file, line: place.line, column: place.column},
    })
    this.place = place
    this.reason = reason
  }
}

/** The text is larger or deeper than any map can be, whatever its language says. */
export class LimitProblem extends SyntaxProblem {}

/** Deeper than any map, and shallow enough for every parser's stack. */
export const MAX_DEPTH = 200
export const TOO_DEEP = `the text is more than ${MAX_DEPTH} levels deep`

/** Turns offsets of one text into places. */
export class Places {
  readonly #starts: number[] = [0]
  readonly #file: string

  constructor(file: string, text: string) {
    this.#file = file
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  at(offset: number, end: number = offset): Place {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return {file: this.#file, line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1, offset, end}
  }
}

/** The value of the last entry with this key (the one Go's readers keep), or null. */
export function lookUp(tree: Tree | null, key: string): Tree | null {
  if (tree?.kind !== 'map') return null
  return tree.entries.findLast((entry) => entry.key.text === key)?.value ?? null
}
