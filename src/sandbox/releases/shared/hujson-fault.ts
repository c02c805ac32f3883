/**
 * The error of github.com/tailscale/hujson, which the servers read policies with, for a HuJSON text.
 *
 * Scripts see these texts in the server's answers. The grammar is that library's as well: a trailing comma needs a
 * value before it, and a line comment a line feed after it. Only errors are found here; src/syntax reads the
 * value. A loop with a stack, not recursion: a client controls the depth of the text.
 */

/** An object or array that has not ended. */
interface Open {
  kind: 'object' | 'array'
  start: number
  /** Of an object: whether a name comes next, not a value. */
  expectsName: boolean
}

/** The position at which the library stops reading, and the reason. */
class Stop {
  readonly at: number
  readonly why: string

  constructor(at: number, why: string) {
    this.at = at
    this.why = why
  }
}

const BLANK = /[ \t\r\n]*/y
/** A string with its quotes and escapes. */
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y
const VALID_STRING = /^"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"$/
const LITERAL = /[-+.a-zA-Z0-9]*/y
const VALID_LITERAL = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** @returns the library's message, or null when the text is HuJSON */
export function hujsonFault(text: string): string | null {
  try {
    scan(text)
    return null
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop
    const before = text.slice(0, stop.at)
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1)) + 1
    return `hujson: line ${before.split('\n').length}, column ${column}: ${stop.why}`
  }
}

function scan(text: string): void {
  const open: Open[] = []
  let at = skipExtra(text, 0)
  for (;;) {
    const start = at
    const top = open.at(-1)
    const character = text[at]
    if (character === '{' || character === '[') {
      open.push({kind: character === '{' ? 'object' : 'array', start, expectsName: true})
      at = skipExtra(text, at + 1)
      continue
    }
    let value = start
    if (top && character === (top.kind === 'object' && top.expectsName ? '}' : top.kind === 'array' ? ']' : '')) {
      value = top.start
      open.pop()
      at += 1
    } else {
      at = endOfScalar(text, at)
    }
    // a value has ended, and possibly the containers around it
    for (;;) {
      at = skipExtra(text, at)
      const parent = open.at(-1)
      if (!parent) {
        if (at < text.length) throw new Stop(at, invalidCharacter(text, at, 'after top-level value'))
        return
      }
      if (parent.kind === 'object' && parent.expectsName) {
        if (text[value] !== '"') throw new Stop(value, invalidCharacter(text, value, 'at start of object name'))
        if (at === text.length) throw new Stop(at, 'parsing object after name: unexpected EOF')
        if (text[at] !== ':') throw new Stop(at, invalidCharacter(text, at, 'after object name'))
        parent.expectsName = false
        break
      }
      const close = parent.kind === 'object' ? '}' : ']'
      if (at === text.length) throw new Stop(at, `parsing ${parent.kind} after value: unexpected EOF`)
      if (text[at] === ',') {
        parent.expectsName = true
        break
      }
      if (text[at] !== close) {
        throw new Stop(at, invalidCharacter(text, at, `after ${parent.kind} value (expecting ',' or '${close}')`))
      }
      value = parent.start
      open.pop()
      at += 1
    }
    at = skipExtra(text, at + 1)
  }
}

/** The end of a string, number or word. */
function endOfScalar(text: string, start: number): number {
  if (start === text.length) throw new Stop(start, 'parsing value: unexpected EOF')
  const isString = text[start] === '"'
  const literal = match(isString ? STRING : LITERAL, text, start)
  if (isString && literal === '') throw new Stop(text.length, 'parsing string: unexpected EOF')
  if (literal === '') throw new Stop(start, invalidCharacter(text, start, 'at start of value'))
  if (!(isString ? VALID_STRING : VALID_LITERAL).test(literal)) throw new Stop(start, `invalid literal: ${literal}`)
  return start + literal.length
}

/** The end of white space and comments. */
function skipExtra(text: string, start: number): number {
  let at = start
  for (;;) {
    at += match(BLANK, text, at).length
    const end = text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : null
    if (end === null) return at
    const found = text.indexOf(end, at + 2)
    if (found < 0) throw new Stop(at, 'parsing comment: unexpected EOF')
    at = found + end.length
  }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function invalidCharacter(text: string, at: number, where: string): string {
  const point = text.codePointAt(at) ?? 0
  const character = String.fromCodePoint(point)
  const hex = point.toString(16)
  const shown = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
    ? `'${character.replace(/['\\]/, '\\$&')}'`
    : `'${point > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`}'`
  return `invalid character ${shown} ${where}`
}
