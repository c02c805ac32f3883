/**
 * A YAML text as lines, for edits that keep comments, quotes and order: finding an entry with the comments above it, and
 * moving it to another block.
 *
 * The edits know block style only, one key per line. Where a text is written otherwise, they return null, and a person
 * decides. A result is used only if it contains the same values (fix-renames.ts compares).
 */
import {parseYamlTree} from '../../syntax/yaml.ts'
import type {MapEntry, MapTree, Tree} from '../../syntax/tree.ts'

/** Where an entry is: lines count from 0. */
export interface Located {
  entry: MapEntry
  /** The maps around it, from the root. */
  maps: MapTree[]
  /** The first line of the comments above that belong to it, its own first line, and its last line. */
  comments: number
  first: number
  last: number
  indent: string
}

/** Finds an entry by the parts of its key, in any case; null if it is not there, or not in block style. */
export function locate(text: string, parts: readonly string[]): Located | null {
  const lines = text.split('\n')
  let tree: Tree = parseYamlTree(text, '').root
  const maps: MapTree[] = []
  let entry: MapEntry | undefined
  for (const part of parts) {
    if (tree.kind !== 'map' || tree.flow) return null
    maps.push(tree)
    entry = tree.entries.find(({key}) => key.text.toLowerCase() === part)
    if (entry === undefined) return null
    tree = entry.value
  }
  if (entry === undefined) return null
  const first = entry.key.place.line - 1
  const indent = lines[first]!.slice(0, entry.key.place.column - 1)
  if (indent.trim() !== '') return null
  return {entry, maps, indent, first, comments: commentsAbove(lines, first, indent), last: lastLine(text, entry)}
}

/** The block map with this key; the root for no parts. */
export function locateBlock(text: string, parts: readonly string[]): MapTree | null {
  let tree: Tree = parseYamlTree(text, '').root
  for (const part of parts) {
    if (tree.kind !== 'map' || tree.flow) return null
    const value: Tree | undefined = tree.entries.find(({key}) => key.text.toLowerCase() === part)?.value
    if (value === undefined) return null
    tree = value
  }
  return tree.kind === 'map' && !tree.flow ? tree : null
}

/** The last line of an entry that has content. */
export function lastLine(text: string, {key, value}: MapEntry): number {
  const end = Math.max(key.place.end, value.kind === 'null' ? 0 : value.place.end)
  const content = text.slice(0, end).trimEnd()
  return content.split('\n').length - 1
}

/** Comment lines directly above, with the same indentation. */
function commentsAbove(lines: readonly string[], first: number, indent: string): number {
  let start = first
  while (start > 0 && lines[start - 1]!.startsWith(`${indent}#`)) start--
  return start
}

/** Lines with another indentation. */
export function indented(lines: readonly string[], from: string, to: string): string[] {
  return lines.map((line) => (line.startsWith(from) && line.trim() !== '' ? to + line.slice(from.length) : line))
}
