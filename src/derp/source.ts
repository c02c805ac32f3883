/**
 * Text → map: decides which language a text is in, and reads it.
 *
 * The strict way (`parseSource`) is told the language and answers what headscale would see, findings included. The
 * ready-made way (`loadMap`) takes a file, a URL or `-` in any of our formats and answers a map, or throws the first
 * error; it is for commands that want to work with the map and not to judge it.
 */
import {HeadscaleError} from '../errors.ts'
import {decodeMap} from './decode.ts'
import {parseJsonTree} from './json-tree.ts'
import {createMap} from './map.ts'
import {MapPlaces} from './places.ts'
import {isUrl, readSource} from './read.ts'
import {behaviourOf} from './releases.ts'
import {decodeSpec, isSpec} from './spec.ts'
import {SyntaxProblem} from './tree.ts'
import {parseYamlTree} from './yaml-tree.ts'
import type {ParsedMap} from './decode.ts'
import type {Finding} from './finding.ts'
import type {ReadLimits, SourceText} from './read.ts'
import type {Behaviour} from './releases.ts'
import type {Dialect, Document} from './tree.ts'

/** Reads a text as a document of one language. */
export async function parseDocument(text: string, file: string, dialect: Dialect): Promise<Document> {
  return dialect === 'json' ? parseJsonTree(text, file) : parseYamlTree(text, file)
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
export function syntaxFinding({place, reason}: SyntaxProblem, dialect: Dialect, behaviour: Behaviour): Finding {
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

/**
 * A map from a file, a URL or `-`: headscale's YAML, JSON, or a spec of ours (spec.ts).
 *
 * @throws HeadscaleError `invalid-input` with the first place that is wrong, or the reading's own errors
 */
export async function loadMap(target: string, limits: ReadLimits = {}): Promise<ParsedMap> {
  const source = await readSource(target, limits)
  return parseMap(source)
}

/** As `loadMap`, for a text in hand. */
export async function parseMap(source: SourceText): Promise<ParsedMap> {
  const document = await parseLeniently(source)
  if (isSpec(document)) return decodeSpec(document)
  const parsed = decodeMap(document, behaviourOf())
  const first = parsed.findings.find((finding) => finding.severity === 'error')
  if (parsed.refused && first !== undefined) {
    const {file, line, column} = first.place
    throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${first.message}`, {hint: first.fix})
  }
  if (parsed.map.regions.size === 0) {
    throw new HeadscaleError('invalid-input', `${source.name} has no DERP region that headscale would see`, {
      hint: 'headscale-ts derp validate says why',
    })
  }
  return parsed
}

/** JSON wherever it is JSON, whatever the file is called. */
async function parseLeniently({text, name}: SourceText): Promise<Document> {
  const strict = dialectOf({text, name})
  if (strict === 'json' || !/^\s*\{/.test(text)) return parseDocument(text, name, strict)
  try {
    return parseJsonTree(text, name)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    return parseYamlTree(text, name)
  }
}
