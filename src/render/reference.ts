/**
 * The name of an item as one word for a command line: every command reads it as this item, and `xargs` passes it on
 * unchanged.
 */
import {printable} from '../text/untrusted.ts'

/**
 * `web-1`; `name:42` for a name that commands would read as an id, an address or a flag; `id:7` where the name is empty
 * or has white space, quotes or control characters.
 */
export function nameReference({id, name}: {id: string; name: string}): string {
  if (name === '' || /[\s"'\\]/.test(name) || printable(name) !== name) return `id:${id}`
  return looksDifferent(name) ? `name:${name}` : name
}

/** Digits alone, an IP address, a selector, a flag. */
function looksDifferent(name: string): boolean {
  return /^(\d+$|[\d.]+$|[\da-f:]*:[\da-f:.]*$|id:|name:|-)/i.test(name)
}
