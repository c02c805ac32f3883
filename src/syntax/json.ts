/**
 * JSON text → Tree, as strict as Go's encoding/json: no comment, no trailing comma, no byte order mark, nothing
 * after the value. A parser of our own, because every value must keep its place, numbers their spelling, and a
 * hostile document must end at a bounded depth. What the values mean is decided in decode.ts.
 */
import {LimitProblem, MAX_DEPTH, Places, SyntaxProblem, TOO_DEEP} from './tree.ts'
import type {Document, MapEntry, Tree} from './tree.ts'

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const BLANK = /[ \t\r\n]*/y

/**
 * Reads one JSON value.
 *
 * @throws SyntaxProblem with the place of the first offence
 */
export function parseJsonTree(text: string, file: string): Document {
  const places = new Places(file, text)
  let at = 0

  const fail = (reason: string, where: number = at): never => {
    throw new SyntaxProblem(places.at(Math.min(where, text.length)), reason)
  }
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return null
    at = pattern.lastIndex
    return found[0]
  }
  const skipBlank = () => void match(BLANK)
  const describe = () => (at >= text.length ? 'the end of the text' : `'${text[at]}'`)

  function value(depth: number): Tree {
    if (depth > MAX_DEPTH) throw new LimitProblem(places.at(at), TOO_DEEP)
    const start = at
    const character = text[at]
    if (character === '{') return object(depth)
    if (character === '[') return array(depth)
    if (character === '"') return {kind: 'scalar', text: string(), style: 'quoted', place: places.at(start, at)}
    for (const word of ['true', 'false', 'null']) {
      if (!text.startsWith(word, at)) continue
      at += word.length
      const place = places.at(start, at)
      return word === 'null' ? {kind: 'null', place} : {kind: 'scalar', text: word, style: 'bool', place}
    }
    const number = match(NUMBER)
    if (number !== null) return {kind: 'scalar', text: number, style: 'number', place: places.at(start, at)}
    if (character === '/' || character === '#') return fail('JSON knows no comments')
    return fail(`a value was expected, not ${describe()}`)
  }

  function string(): string {
    const found = match(STRING)
    return found === null
      ? fail('this string does not end, or holds a character JSON forbids')
      : (JSON.parse(found) as string).toWellFormed()
  }

  function object(depth: number): Tree {
    const start = at++
    const entries: MapEntry[] = []
    skipBlank()
    while (text[at] !== '}') {
      if (text[at] !== '"') fail(`a key was expected, not ${describe()}`)
      const keyStart = at
      const key = string()
      const keyPlace = places.at(keyStart, at)
      skipBlank()
      if (text[at] !== ':') fail(`: was expected after the key, not ${describe()}`)
      at++
      skipBlank()
      entries.push({key: {kind: 'scalar', text: key, style: 'quoted', place: keyPlace}, value: value(depth + 1)})
      if (!comma('}')) break
    }
    at++
    return {kind: 'map', entries, flow: true, place: places.at(start, at)}
  }

  function array(depth: number): Tree {
    const start = at++
    const items: Tree[] = []
    skipBlank()
    while (text[at] !== ']') {
      items.push(value(depth + 1))
      if (!comma(']')) break
    }
    at++
    return {kind: 'list', items, flow: true, place: places.at(start, at)}
  }

  /** True when another element follows; leaves `at` on the closing bracket otherwise. */
  function comma(close: string): boolean {
    skipBlank()
    if (text[at] === close) return false
    if (text[at] !== ',') fail(`, or ${close} was expected, not ${describe()}`)
    const where = at++
    skipBlank()
    if (text[at] === close) fail(`a comma before ${close}`, where)
    return true
  }

  if (text.startsWith('\ufeff')) fail('a byte order mark before the JSON')
  skipBlank()
  const root = value(0)
  skipBlank()
  if (at < text.length) fail(`nothing may follow the JSON value, but there is ${describe()}`)
  return {dialect: 'json', root, secondDocument: null}
}
