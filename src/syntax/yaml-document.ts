/**
 * YAML text → the first document of the `yaml` package, in time and memory that grow with the text and no faster. The
 * one way to read YAML in this program. Load this module when there is YAML to read: the package is slow to load.
 *
 * `parseDocument` of the package takes minutes for a text with many errors, and `toJS` or `resolve` for one with many
 * aliases. Here the first error ends the reading, what follows the first document is not composed, and aliases are
 * checked once: each has an anchor before it, none contains itself, and the number of expanded values is limited. So a
 * caller may use `document.toJS({maxAliasCount: -1})`. Texts have a size limit where they are read, not here.
 */
import {Composer, Lexer, Parser, isAlias, isCollection, isPair} from 'yaml'

import {MAX_DEPTH, TOO_DEEP} from './tree.ts'
import type {CST, Document, ErrorCode} from 'yaml'

/** Values of a document with all aliases written out; a tailnet of 100,000 nodes has fewer. */
const MAX_VALUES = 5_000_000

/** Why a text cannot be read. `YAML_…` codes are this module's, the others the package's. */
export type YamlErrorCode = ErrorCode | 'YAML_UNKNOWN_ANCHOR' | 'YAML_CYCLE' | 'YAML_TOO_DEEP' | 'YAML_TOO_LARGE'

/** The first error of a text. The message can quote the text, secrets included; the code cannot. */
export class YamlError extends Error {
  readonly code: YamlErrorCode
  /** In UTF-16 units from the start of the text. */
  readonly offset: number

  constructor(code: YamlErrorCode, offset: number, message: string) {
    super(message)
    this.name = 'YamlError'
    this.code = code
    this.offset = offset
  }
}

export interface YamlOptions {
  /** Of YAML; default 1.2. */
  version?: '1.1' | '1.2'
  /** Whether `<<` merges maps in `toJS`; default: only as 1.1 does. */
  merge?: boolean
  /** The most tokens (marks, scalars, blanks) that are read; default: any number. */
  maxTokens?: number
}

export interface YamlText {
  /** Null for a text without a document: empty, or comments alone. */
  document: Document.Parsed | null
  /** Where a second document starts, or null. */
  secondDocument: number | null
}

/**
 * Reads the first document of a text. A key that is specified twice is not an error; the last one counts.
 *
 * @throws YamlError for the first error of the first document
 */
export function readYaml(text: string, options: YamlOptions = {}): YamlText {
  const {version = '1.2', merge = version === '1.1', maxTokens = Infinity} = options
  const composer = new Composer({
    version,
    merge,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  let first: YamlError | null = null
  // The package collects all errors and has no option to stop. Should a later release lose this property, the errors
  // are in the document as well, and reading is only slower.
  Object.assign(composer, {
    onError(source: ErrorSource, code: ErrorCode, message: string, isWarning?: boolean) {
      if (isWarning === true) return
      // The package catches what is thrown inside a node and reports it again for the node around it.
      const isTooDeep = code === 'RESOURCE_EXHAUSTION'
      first ??= new YamlError(isTooDeep ? 'YAML_TOO_DEEP' : code, offsetOf(source), isTooDeep ? TOO_DEEP : message)
      throw first
    },
  })

  let started = false
  let document: Document.Parsed | null = null
  let secondDocument: number | null = null
  for (const token of tokens(text, maxTokens)) {
    if (token.type === 'error') throw new YamlError('UNEXPECTED_TOKEN', token.offset, token.message)
    if (token.type === 'document') {
      if (started) {
        secondDocument = token.offset
        break
      }
      started = true
    }
    // A directive after the first document belongs to the second.
    if (token.type === 'directive' && started) continue
    for (const composed of composer.next(token)) document ??= composed as Document.Parsed
  }
  for (const composed of composer.end(false, text.length)) document ??= composed as Document.Parsed
  if (document === null) return {document, secondDocument}
  const [error] = document.errors
  if (error !== undefined) throw new YamlError(error.code, error.pos[0], error.message)
  checkAliases(document)
  return {document, secondDocument}
}

/** The tokens of the text. Brackets, and list dashes on one line, nest no deeper than the composer's stack allows. */
function* tokens(text: string, maxTokens: number): Generator<CST.Token> {
  const parser = new Parser()
  let offset = 0
  let brackets = 0
  let marks = 0
  let count = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') brackets++
    else if (lexeme === ']' || lexeme === '}') brackets--
    else if (lexeme === '-' || lexeme === '?') marks++
    else if (lexeme.startsWith('\n') || lexeme.startsWith('\r')) marks = 0
    if (++count > maxTokens) throw new YamlError('YAML_TOO_LARGE', offset, `the text has more than ${maxTokens} tokens`)
    if (brackets > MAX_DEPTH || marks > MAX_DEPTH) throw new YamlError('YAML_TOO_DEEP', offset, TOO_DEEP)
    // The lexer's own marks for a document, a flow end and a scalar are not in the text.
    if (!/^[\u0002\u0018\u001f\ufeff]$/.test(lexeme)) offset += lexeme.length
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}

type ErrorSource = number | readonly [number, ...number[]] | {offset: number}

function offsetOf(source: ErrorSource): number {
  if (typeof source === 'number') return source
  return 'offset' in source ? source.offset : source[0]
}

/** One walk over what is written, and the number of values that aliases make of it. */
function checkAliases(document: Document.Parsed): void {
  /** Values under each anchor; null while the walk is inside it. */
  const sizes = new Map<string, number | null>()

  function size(node: unknown): number {
    if (isPair(node)) return size(node.key) + size(node.value)
    if (isAlias(node)) {
      const offset = node.range?.[0] ?? 0
      const known = sizes.get(node.source)
      if (known === undefined) {
        throw new YamlError('YAML_UNKNOWN_ANCHOR', offset, `unknown anchor '${node.source}'`)
      }
      if (known === null) throw new YamlError('YAML_CYCLE', offset, `anchor '${node.source}' contains itself`)
      return known
    }
    if (!isCollection(node)) {
      const anchor = (node as {anchor?: string} | null)?.anchor
      if (anchor !== undefined) sizes.set(anchor, 1)
      return 1
    }
    if (node.anchor !== undefined) sizes.set(node.anchor, null)
    let total = 1
    for (const item of node.items) {
      total += size(item)
      if (total > MAX_VALUES) {
        throw new YamlError('YAML_TOO_LARGE', node.range?.[0] ?? 0, `the text has more than ${MAX_VALUES} values`)
      }
    }
    if (node.anchor !== undefined) sizes.set(node.anchor, total)
    return total
  }

  size(document.contents)
}
