/**
 * A tailnet file as YAML, in parts, so that the text of a large tailnet is built once. A scalar is plain only if every
 * reader of YAML takes it for the same text; anything else is quoted as in JSON, which YAML reads the same.
 */
import {escapeInJson, hasUnsafe} from '../text/untrusted.ts'
import type {SeedData} from './tailnet-data.ts'

/** Items of a list in one part. */
const ITEMS = 500

/** @param comment lines without `#`, at the top */
export function* tailnetYaml(data: SeedData, comment: readonly string[]): Generator<string> {
  yield comment.map((line) => `# ${line}\n`).join('')
  const {policy, ...lists} = data
  for (const [name, value] of Object.entries(lists)) {
    if (name === 'prefixes' || value.length === 0) {
      yield `${name}: ${flow(value)}\n`
      continue
    }
    yield `${name}:\n`
    for (let start = 0; start < value.length; start += ITEMS) {
      yield value
        .slice(start, start + ITEMS)
        .map((each) => item(each as object))
        .join('')
    }
  }
  if (policy !== undefined) yield `policy: ${block(policy)}\n`
}

/** A map as an item of a list, one field a line. */
function item(fields: object): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${flow(value)}\n`)
  return lines.length === 0 ? '  - {}\n' : `  - ${lines.join('    ')}`
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, each]) => `${quoted(name)}: ${flow(each)}`)
      .join(', ')}}`
  }
  if (typeof value === 'string') return isPlain(value) ? value : quoted(value)
  return String(value)
}

/** Starts with a letter and contains nothing that means something in YAML; a colon only before more of the word. */
const WORD = /^[A-Za-z][\w.@/+-]*(?::[\w.@/+-]+)*$/
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function isPlain(text: string): boolean {
  return (WORD.test(text) && !NOT_TEXT.test(text)) || ADDRESS.test(text) || TIME.test(text)
}

function quoted(text: string): string {
  // A line feed is in the text as \n already.
  return escapeInJson(JSON.stringify(text))
}

/** A text of several lines as it is, if YAML reads it without a change. */
function block(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const asItIs =
    lines.length > 1 &&
    !hasUnsafe(text.replaceAll('\t', ' ')) &&
    text.isWellFormed() &&
    !text.includes('\ufeff') &&
    lines.every((line) => line === '' || line.trim() !== '') &&
    lines[0] !== '' &&
    lines.at(-1) !== ''
  if (!asItIs) return quoted(text)
  // Without a number, the spaces before the first line would be the indentation of all.
  const indentation = text.startsWith(' ') ? '2' : ''
  const end = text.endsWith('\n') ? '' : '-'
  return [`|${indentation}${end}`, ...lines.map((line) => (line === '' ? '' : `  ${line}`))].join('\n')
}
