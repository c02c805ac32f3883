/**
 * A parsed document before its values are interpreted: maps, lists and scalars, each with its place in the text.
 *
 * The readers of YAML, JSON and HuJSON all return it, so one decoder is enough. A scalar keeps its text and its style
 * (quoted or plain), because headscale's Go libraries depend on them: to them `"900"` is not a number. The meaning of
 * the values is not known here.
 */
import {HeadscaleError} from '../errors.ts'

/** The position of a value. Lines and columns count from 1, offsets (UTF-16 units in the text) from 0. */
export interface Place {
  file: string
  line: number
  column: number
  offset: number
  end: number
}

/** `plain` is YAML without quotes, not yet resolved; JSON literals are `number`, `bool` or null trees. */
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
  /** As written, duplicates included; the entries of YAML merge keys are at the end. */
  entries: MapEntry[]
  /** Written in braces. */
  flow: boolean
  place: Place
}

export type Tree = ScalarTree | NullTree | ListTree | MapTree

/** The format of the text; its rules apply to scalars and keys. */
export type Format = 'yaml' | 'json'

/** A parsed text. */
export interface Document {
  format: Format
  root: Tree
  /** The start of a second YAML document, which Go does not read; null without one. */
  secondDocument: Place | null
}

/** The text is not valid, or exceeds a limit. The message starts with the place. */
export class SyntaxProblem extends HeadscaleError {
  readonly place: Place
  readonly reason: string

  constructor(place: Place, reason: string) {
    super('invalid-input', `${place.file}:${place.line}:${place.column}: ${reason}`, {
      hint: 'fix the file at this position',
      details: {file: place.file, line: place.line, column: place.column},
    })
    this.place = place
    this.reason = reason
  }
}

/** The text is valid perhaps, but larger or deeper than any file of its kind. */
export class LimitProblem extends SyntaxProblem {}

/** Deeper than any file we read, and within the stack of every parser. */
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
