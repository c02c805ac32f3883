/**
 * Text → map in one of headscale's languages: which one it is, and what headscale would see in it, findings included.
 *
 * YAML for `derp.paths`, JSON for `derp.urls`. A text that is neither ends as an empty map with one finding, never as
 * an exception. Files and URLs are read elsewhere (read.ts).
 */
import {decodeMap} from './decode.ts'
import {parseJsonTree} from '../../syntax/json.ts'
import {createMap} from '../map.ts'
import {MapPlaces} from './positions.ts'
import {isUrl} from './read.ts'
import {LimitProblem, SyntaxProblem} from '../../syntax/tree.ts'
import type {ParsedMap} from './decode.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {SourceText} from './read.ts'
import type {Behaviour} from '../releases.ts'
import type {Dialect, Document} from '../../syntax/tree.ts'

/** Reads a text as a document of one language. */
export async function parseDocument(text: string, file: string, dialect: Dialect): Promise<Document> {
  if (dialect === 'json') return parseJsonTree(text, file)
  const {parseYamlTree} = await import('../../syntax/yaml.ts')
  return parseYamlTree(text, file)
}

/**
 * What headscale makes of a text. A text that is not of the language gives an empty map and one finding.
 *
 * @param dialect `yaml` for derp.paths, `json` for derp.urls
 */
export async function parseSource(
  text: string,
  file: string,
  dialect: Dialect,
  behaviour: Behaviour,
): Promise<ParsedMap> {
  try {
    return decodeMap(await parseDocument(text, file, dialect), behaviour)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const places = new MapPlaces({...error.place, line: 1, column: 1, offset: 0, end: 0})
    return {
      map: createMap(),
      file,
      dialect,
      places,
      refused: true,
      findings: [syntaxFinding(error, dialect, behaviour)],
    }
  }
}

/** The one finding of a text that is not of its language. */
export function syntaxFinding(problem: SyntaxProblem, dialect: Dialect, behaviour: Behaviour): Finding {
  const {place, reason} = problem
  if (problem instanceof LimitProblem) {
    return {
      ...{severity: 'error', code: 'too-large', place, path: '', edit: null},
      message: reason.charAt(0).toUpperCase() + reason.slice(1),
      reason: 'No DERP map is like that, and nothing in it was read',
      fix: 'Write the regions out, without aliases',
    }
  }
  return {
    severity: 'error',
    code: 'syntax',
    place,
    path: '',
    message: `Not ${dialect === 'json' ? 'JSON' : 'YAML'}: ${reason}`,
    reason:
      behaviour.brokenSource === 'fatal'
        ? 'headscale does not start with it'
        : 'headscale logs an error and goes on without it',
    fix: 'Mend the text at this place',
    edit: null,
  }
}

/**
 * The language headscale would read a target in: JSON behind a URL, YAML in a `.yaml` file. Other files are JSON when
 * they look like it.
 */
export function dialectOf({name, text}: Pick<SourceText, 'name' | 'text'>): Dialect {
  if (isUrl(name) || /\.json$/i.test(name)) return 'json'
  if (/\.ya?ml$/i.test(name)) return 'yaml'
  return /^\s*\{\s*["}]/.test(text) ? 'json' : 'yaml'
}

/** JSON wherever it is JSON, whatever the file is called. */
export async function parseLeniently({text, name}: SourceText): Promise<Document> {
  const strict = dialectOf({text, name})
  if (strict === 'json' || !/^\s*\{/.test(text)) return parseDocument(text, name, strict)
  try {
    return parseJsonTree(text, name)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    return parseDocument(text, name, 'yaml')
  }
}
