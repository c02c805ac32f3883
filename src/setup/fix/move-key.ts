/** Moves one key of a YAML text to another name, or deletes it, with its value and its comments. */
import {indented, lastLine, locate, locateBlock} from './yaml-lines.ts'
import type {Located} from './yaml-lines.ts'

const STEP = '  '

/** @returns the new text; null where the text is written in a way that needs a person */
export function moveKey(text: string, from: string, to: string): string | null {
  const [oldParts, newParts] = [from.split('.'), to.split('.')]
  const found = locate(text, oldParts)
  if (found === null || locate(text, newParts) !== null) return null
  if (oldParts.slice(0, -1).join('.') === newParts.slice(0, -1).join('.')) {
    return renameToken(text, found, newParts.at(-1)!)
  }
  if (to.startsWith(`${from}.`)) return wrap(text, found, newParts.slice(oldParts.length))
  return transplant(text, found, newParts)
}

/** @returns the text without the key, and without blocks that are empty then; null where the key cannot be found */
export function deleteKey(text: string, name: string): string | null {
  const found = locate(text, name.split('.'))
  if (found === null) return null
  const lines = text.split('\n')
  const {start, end} = withBlankLine(lines, withEmptyBlocks(text, found))
  return splice(lines, [{at: start, remove: end - start + 1, insert: []}])
}

/** The key alone is replaced. */
export function renameToken(text: string, {entry}: Located, name: string): string {
  const {offset, end} = entry.key.place
  return text.slice(0, offset) + name + text.slice(end)
}

/** `a: VALUE` becomes `a:`, below it `b: VALUE`. */
function wrap(text: string, {entry, indent, first, last}: Located, names: readonly string[]): string {
  const lines = text.split('\n')
  const own = lines.slice(first, last + 1)
  const {rest} = split(own[0]!, entry.key.place.column - 1)
  const key = own[0]!.slice(indent.length, entry.key.place.column - 1 + entry.key.place.end - entry.key.place.offset)
  const levels = names.map((name, depth) => `${indent}${STEP.repeat(depth + 1)}${name}:`)
  levels[levels.length - 1] += rest
  const deeper = indented(own.slice(1), indent, indent + STEP.repeat(names.length))
  return [...lines.slice(0, first), `${indent}${key}:`, ...levels, ...deeper, ...lines.slice(last + 1)].join('\n')
}

/** The entry leaves its place and appears below another block, which is made if it is not there. */
function transplant(text: string, found: Located, parts: readonly string[]): string | null {
  const lines = text.split('\n')
  let depth = parts.length - 1
  while (depth > 0 && locateBlock(text, parts.slice(0, depth)) === null) depth--
  // A block that is there and is no map, such as `policy:` without keys.
  if (depth < parts.length - 1 && locate(text, parts.slice(0, depth + 1)) !== null) return null
  const block = locateBlock(text, parts.slice(0, depth))
  if (block === null) return null
  const column = depth === 0 ? 0 : (block.entries[0]?.key.place.column ?? 1) - 1
  const base = ' '.repeat(column)
  const indent = base + STEP.repeat(parts.length - 1 - depth)
  const {comments, first, last, entry} = found
  const {rest} = split(lines[first]!, entry.key.place.column - 1)
  const levels = parts.slice(depth, -1).map((name, index) => `${base}${STEP.repeat(index)}${name}:`)
  const moved = [
    ...levels,
    ...indented(lines.slice(comments, first), found.indent, indent),
    `${indent}${parts.at(-1)!}:${rest}`,
    ...indented(lines.slice(first + 1, last + 1), found.indent, indent),
  ]
  const gone = withBlankLine(lines, withEmptyBlocks(text, found))
  if (depth === 0) {
    const top = found.maps.length === 1 ? gone.start : topLine(found)
    return splice(lines, [
      {at: top, remove: 0, insert: moved},
      {at: gone.start, remove: gone.end - gone.start + 1, insert: []},
    ])
  }
  const after = lastLine(text, block.entries.at(-1)!)
  return splice(lines, [
    {at: after + 1, remove: 0, insert: moved},
    {at: gone.start, remove: gone.end - gone.start + 1, insert: []},
  ])
}

/** The lines of an entry, and of the blocks that are empty without it. */
function withEmptyBlocks(text: string, {maps, comments, last}: Located): {start: number; end: number} {
  let start = comments
  for (let depth = maps.length - 1; depth > 0; depth--) {
    if (maps[depth]!.entries.length > 1) break
    const parent = maps[depth - 1]!.entries.find(({value}) => value === maps[depth])
    if (parent === undefined || lastLine(text, parent) > last) break
    start = parent.key.place.line - 1
  }
  return {start, end: last}
}

/** Of the blank lines around what leaves, one is enough. */
function withBlankLine(lines: readonly string[], {start, end}: {start: number; end: number}) {
  const isBlank = (index: number) => (lines[index] ?? '').trim() === ''
  const isLast = end + 1 >= lines.length - 1
  return {start, end: isBlank(start - 1) && isBlank(end + 1) && !isLast ? end + 1 : end}
}

/** The line of the top-level key around an entry. */
function topLine({maps}: Located): number {
  const parent = maps[0]!.entries.find(({value}) => value === maps[1])
  return (parent?.key.place.line ?? 1) - 1
}

interface Splice {
  at: number
  remove: number
  insert: readonly string[]
}

function splice(lines: readonly string[], edits: readonly Splice[]): string {
  const result = [...lines]
  // From the end, so that line numbers stay right; of two edits at one line, the one that removes first.
  for (const {at, remove, insert} of edits.toSorted((a, b) => b.at - a.at || b.remove - a.remove)) {
    result.splice(at, remove, ...insert)
  }
  return result.join('\n')
}

/** What follows the colon of the key. */
function split(line: string, column: number): {rest: string} {
  return {rest: line.slice(line.indexOf(':', column) + 1)}
}
