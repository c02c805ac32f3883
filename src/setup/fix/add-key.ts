/** Adds one key to a YAML text: at the end of its block, which is made at the end of the text if it is not there. */
import {lastLine, locate, locateBlock} from './yaml-lines.ts'

const STEP = '  '

/** @returns the new text; null where the key is there already, or a block is written in a way that needs a person */
export function addKey(text: string, name: string, value: string): string | null {
  const parts = name.split('.')
  if (locate(text, parts) !== null) return null
  let depth = parts.length - 1
  while (depth > 0 && locateBlock(text, parts.slice(0, depth)) === null) depth--
  // A block that is there and is no block map, such as `dns: {}`.
  if (depth < parts.length - 1 && locate(text, parts.slice(0, depth + 1)) !== null) return null
  const block = locateBlock(text, parts.slice(0, depth))
  if (block === null) return null
  const last = block.entries.at(-1)
  const column = depth === 0 ? 0 : (block.entries[0]?.key.place.column ?? 1) - 1
  const added = parts.slice(depth).map((part, index, all) => {
    const indent = ' '.repeat(column) + STEP.repeat(index)
    return index === all.length - 1 ? `${indent}${part}: ${value}` : `${indent}${part}:`
  })
  const lines = text.split('\n')
  const at = depth === 0 || last === undefined ? trimmedEnd(lines) : lastLine(text, last) + 1
  return [...lines.slice(0, at), ...added, ...lines.slice(at)].join('\n')
}

/** The number of lines without the empty ones at the end. */
function trimmedEnd(lines: readonly string[]): number {
  let end = lines.length
  while (end > 0 && lines[end - 1]!.trim() === '') end--
  return end
}
