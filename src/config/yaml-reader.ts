/**
 * The careful reader of the config file: with the yaml package, for line and column.
 *
 * Loaded only when needed, since the package costs several milliseconds of every command. It is the authority: where
 * Bun's or JSON's fast parser stumbles, or finds a value that cannot be used, the text comes here for the verdict, so
 * that both programs refuse the same files in the same words.
 *
 * The package's own messages quote the file and with it, at times, the key. Only its error codes are used.
 */
import {type Document, isMap, isNode, isScalar, LineCounter, type Node, parseAllDocuments, visit} from 'yaml'
import {type HeadscaleError, usageError} from '../errors.ts'
import {type FileSettings, SettingProblem, settingsOf} from './settings.ts'

const BROKEN_HINT = 'fix that line, or name the server with --address or --socket'

const WORDS: Record<string, string> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes that escapes nothing',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'a value that starts with a reserved character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on the same line, or a colon in a value that must be quoted',
  MISSING_CHAR: 'something is missing here: a colon, a comma, a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a key over several lines, or a colon is missing',
  TAB_AS_INDENT: 'a tab in the indentation; YAML takes spaces only',
  UNEXPECTED_TOKEN: 'something here does not belong',
}

/**
 * Reads the settings from the text of a YAML or JSON file; of several documents the first, as headscale does.
 *
 * @param file the file's path, for messages
 * @throws a usage error that starts with `file:line:column`
 */
export function readSettings(file: string, text: string): FileSettings {
  const lines = new LineCounter()
  // Repeated keys are the server's business: the last counts, as with Bun's parser.
  const options = {prettyErrors: false, uniqueKeys: false, merge: true, logLevel: 'error', lineCounter: lines} as const
  const document = parseAllDocuments(text, options)[0] as Document.Parsed | undefined
  const fail = (offset: number, words: string, hint: string): HeadscaleError => {
    const {line, col} = lines.linePos(offset)
    return usageError(`${file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${words}`, hint)
  }

  const format = file.toLowerCase().endsWith('.json') ? 'JSON' : 'YAML'
  if (document === undefined) return settingsOf(null)
  const [error] = document.errors
  if (error !== undefined) {
    throw fail(error.pos[0], `not valid ${format}: ${WORDS[error.code] ?? WORDS['UNEXPECTED_TOKEN']}`, BROKEN_HINT)
  }
  const alias = unresolvedAlias(document)
  if (alias !== null) {
    throw fail(
      alias,
      'not valid YAML: an alias (*) whose anchor (&) is not there',
      'a value that starts with * must be quoted',
    )
  }

  try {
    // Aliases share one object, so their number is no danger, and the file's size has a limit.
    return settingsOf(document.toJS({maxAliasCount: -1}))
  } catch (problem) {
    if (problem instanceof SettingProblem) throw fail(offsetOf(document, problem.path), problem.message, problem.hint)
    throw problem
  }
}

function unresolvedAlias(document: Document.Parsed): number | null {
  let found: number | null = null
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return undefined
      found = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return found
}

/** Where the value at these keys starts, or the innermost one around it that the text shows. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  let node: Node | null = document.contents
  for (const name of path) {
    if (!isMap(node)) break
    const pair = node.items.findLast(({key}) => isScalar(key) && String(key.value).toLowerCase() === name)
    if (pair === undefined || !isNode(pair.value)) break
    node = pair.value
  }
  return node?.range?.[0] ?? 0
}
