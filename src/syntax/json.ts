/**
 * JSON and HuJSON text → Tree, as strict as Go's encoding/json: no byte order mark, nothing after the value, and in
 * JSON no comment and no trailing comma. HuJSON (github.com/tailscale/hujson), the language of policies, has both.
 *
 * A parser of our own: every value keeps its place and every number its spelling, depth is bounded, and positions do
 * not come from the messages of a JavaScript engine, which differ between Node and Bun. jsonc-parser continues after
 * errors and converts numbers.
 */
import {LimitProblem, MAX_DEPTH, Places, SyntaxProblem, TOO_DEEP} from './tree.ts'
import type {Document, MapEntry, Tree} from './tree.ts'

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const BLANK = /[ \t\r\n]*/y
/** Keys and values; far more than a policy of thousands of rules has, and read in a second. */
const MAX_VALUES = 300_000
/** A string up to its closing quote, or to the first character that cannot be in it. */
// eslint-disable-next-line no-control-regex
const STRING_START = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y

/**
 * Reads one JSON value.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseJsonTree(text: string, file: string): Document {
  return parse(text, file, false)
}

/**
 * Reads one HuJSON value: JSON with comments and trailing commas.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseHuJsonTree(text: string, file: string): Document {
  return parse(text, file, true)
}

/**
 * Reads the members of a HuJSON object without its braces, as in a part cut out of a policy: `"derpMap": {…},`.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseHuJsonMembers(text: string, file: string): Document {
  return parse(text, file, true, true)
}

/**
 * The plain value of a HuJSON text, as `JSON.parse` would give it.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseHuJson(text: string, file = 'HuJSON'): unknown {
  return plainValue(parseHuJsonTree(text, file).root)
}

/** The plain value of a JSON or HuJSON tree; of a key that is specified twice, the last value. */
export function plainValue(tree: Tree): unknown {
  if (tree.kind === 'null') return null
  if (tree.kind === 'list') return tree.items.map(plainValue)
  // Unlike an assignment, this makes __proto__ a key like any other.
  if (tree.kind === 'map') return Object.fromEntries(tree.entries.map(({key, value}) => [key.text, plainValue(value)]))
  if (tree.style === 'number') return Number(tree.text)
  return tree.style === 'bool' ? tree.text === 'true' : tree.text
}

function parse(text: string, file: string, isHuJson: boolean, isMembers = false): Document {
  const places = new Places(file, text)
  let at = 0
  let values = 0

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
  const count = (): void => {
    if (++values > MAX_VALUES) {
      throw new LimitProblem(places.at(at), `the text has more than ${MAX_VALUES} keys and values`)
    }
  }
  const describe = () =>
    at >= text.length ? 'the end of the text' : `'${String.fromCodePoint(text.codePointAt(at) ?? 0)}'`

  function skipBlank(): void {
    match(BLANK)
    while (isHuJson && text[at] === '/') {
      const start = at
      const isLine = text[at + 1] === '/'
      if (!isLine && text[at + 1] !== '*') fail('comments start with // or /*')
      const end = text.indexOf(isLine ? '\n' : '*/', at + 2)
      if (end === -1 && !isLine) fail('the comment does not end', start)
      at = end === -1 ? text.length : isLine ? end : end + 2
      match(BLANK)
    }
  }

  function value(depth: number): Tree {
    if (depth > MAX_DEPTH) throw new LimitProblem(places.at(at), TOO_DEEP)
    count()
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
    if (character === '/' || character === '#') {
      return fail(isHuJson ? 'comments start with // or /*' : 'comments are not allowed in JSON')
    }
    return fail(`expected a value, got ${describe()}`)
  }

  function string(): string {
    const found = match(STRING)
    if (found !== null)
      return (found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1)).toWellFormed()
    const start = at
    match(STRING_START)
    if (at >= text.length) return fail('the string does not end', start)
    return fail(text[at] === '\\' ? 'invalid escape in the string' : 'unescaped control character in the string')
  }

  function object(depth: number): Tree {
    const start = at++
    const entries = members(depth, '}')
    at++
    return {kind: 'map', entries, flow: true, place: places.at(start, at)}
  }

  /** Up to the closing brace, or to the end of the text. */
  function members(depth: number, close: '}' | undefined): MapEntry[] {
    const entries: MapEntry[] = []
    skipBlank()
    while (text[at] !== close) {
      count()
      if (text[at] !== '"') fail(`expected a key, got ${describe()}`)
      const keyStart = at
      const key = string()
      const keyPlace = places.at(keyStart, at)
      skipBlank()
      if (text[at] !== ':') fail(`expected : after the key, got ${describe()}`)
      at++
      skipBlank()
      entries.push({key: {kind: 'scalar', text: key, style: 'quoted', place: keyPlace}, value: value(depth + 1)})
      if (!comma(close)) break
    }
    return entries
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
  function comma(close: string | undefined): boolean {
    skipBlank()
    if (text[at] === close) return false
    if (text[at] !== ',') fail(`expected , or ${close ?? 'the end of the text'}, got ${describe()}`)
    const where = at++
    skipBlank()
    if (text[at] !== close) return true
    if (!isHuJson) fail(`unexpected comma before ${close}`, where)
    return false
  }

  if (text.startsWith('\ufeff')) fail('unexpected byte order mark before the value')
  skipBlank()
  const root: Tree = isMembers
    ? {kind: 'map', entries: members(0, undefined), flow: true, place: places.at(0, text.length)}
    : value(0)
  skipBlank()
  if (at < text.length) fail(`expected the end of the text after the value, got ${describe()}`)
  return {format: 'json', root, secondDocument: null}
}
