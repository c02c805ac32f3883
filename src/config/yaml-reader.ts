/**
 * Reads the config file and reports errors with line and column, using src/syntax.
 *
 * Loaded only when needed, since loading the yaml package takes several milliseconds. If the fast parser of Bun or JSON
 * fails, or finds an invalid value, the text is read again here, so that both programs reject the same files with the
 * same messages.
 *
 * The package's own messages quote the file, possibly with the key. Only its error codes are used.
 */
import {isMap, isNode, isScalar, type Node, visit} from 'yaml'
import {type HeadscaleError, usageError} from '../errors.ts'
import {readYaml, YamlError, type YamlText} from '../syntax/yaml-document.ts'
import {type FileSettings, SettingProblem, settingsOf} from './settings.ts'

/** Far more than any config file has. */
const MAX_ALIASES = 1000

const INVALID_HINT = 'fix that line, or name the server with --address or --socket'

const MESSAGES: Record<string, string> = {
  BAD_DQ_ESCAPE: 'unknown escape sequence after a backslash in double quotes',
  BAD_INDENT: 'wrong indentation, or an unclosed bracket',
  BAD_SCALAR_START: 'a value that starts with a reserved character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on the same line, or a value with a colon that must be quoted',
  MISSING_CHAR: 'missing colon, comma, quote or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key over several lines, or a missing colon',
  TAB_AS_INDENT: 'tab in the indentation; YAML allows only spaces',
  UNEXPECTED_TOKEN: 'unexpected text',
  YAML_UNKNOWN_ANCHOR: 'alias (*) without its anchor (&)',
  YAML_CYCLE: 'an anchor that contains itself',
  YAML_TOO_DEEP: 'nested too deeply',
  YAML_TOO_LARGE: 'too many values',
}

/**
 * Reads the settings from the text of a YAML or JSON file; of several documents the first, as headscale does.
 *
 * @param file the file's path, for messages
 * @throws a usage error that starts with `file:line:column`
 */
export function readSettings(file: string, text: string): FileSettings {
  const fail = (offset: number, message: string, hint: string): HeadscaleError => {
    const before = text.slice(0, offset).split('\n')
    return usageError(`${file}:${before.length}:${before.at(-1)!.length + 1}: ${message}`, hint)
  }
  let document: YamlText['document']
  try {
    // Repeated keys are the server's business: the last one counts, as with Bun's parser.
    document = readYaml(text, {merge: true}).document
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const format = file.toLowerCase().endsWith('.json') ? 'JSON' : 'YAML'
    const hint = error.code === 'YAML_UNKNOWN_ANCHOR' ? 'a value that starts with * must be quoted' : INVALID_HINT
    throw fail(error.offset, `invalid ${format}: ${MESSAGES[error.code] ?? MESSAGES['UNEXPECTED_TOKEN']}`, hint)
  }
  if (document === null) return settingsOf(null)
  const alias = tooManyAliases(document)
  if (alias !== null) throw fail(alias, `invalid YAML: more than ${MAX_ALIASES} aliases`, INVALID_HINT)
  try {
    return settingsOf(document.toJS({maxAliasCount: -1}))
  } catch (problem) {
    if (!(problem instanceof SettingProblem)) throw problem
    throw fail(offsetOf(document.contents, problem.path), problem.message, problem.hint)
  }
}

/** Where the first alias above the limit is: the package looks through all of them for each one. */
function tooManyAliases(document: NonNullable<YamlText['document']>): number | null {
  let count = 0
  let found: number | null = null
  visit(document, {
    Alias(_, node) {
      if (++count <= MAX_ALIASES) return undefined
      found = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return found
}

/** Where the value at these keys starts, or the innermost one around it that the text shows. */
function offsetOf(contents: Node | null, path: readonly string[]): number {
  let node = contents
  for (const name of path) {
    if (!isMap(node)) break
    const pair = node.items.findLast(({key}) => isScalar(key) && String(key.value).toLowerCase() === name)
    if (pair === undefined || !isNode(pair.value)) break
    node = pair.value
  }
  return node?.range?.[0] ?? 0
}
