/**
 * Text → map in one of headscale's formats, as headscale reads it, findings included.
 *
 * YAML for `derp.paths`, JSON for `derp.urls`. A text that is neither gives an empty map with one finding, never an
 * exception. A map with something around it (unwrap.ts) is taken out, with one finding. Files and URLs are read
 * elsewhere (read.ts).
 */
import {isConfig} from '../config/config.ts'
import {decodeMap} from './decode.ts'
import {parseHuJsonMembers, parseHuJsonTree, parseJsonTree} from '../../syntax/json.ts'
import {createMap} from '../map.ts'
import {MapPlaces} from './positions.ts'
import {LimitProblem, SyntaxProblem} from '../../syntax/tree.ts'
import {unwrap} from './unwrap.ts'
import {isUrl} from './url.ts'
import type {ParsedMap} from './decode.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {SourceText} from './read.ts'
import type {Behaviour} from '../releases.ts'
import type {Document, Format} from '../../syntax/tree.ts'
import type {ReadInner, Unwrapped, Wrapper} from './unwrap.ts'

/** Reads a text as a document of one format. */
export async function parseDocument(text: string, file: string, format: Format): Promise<Document> {
  if (format === 'json') return parseJsonTree(text, file)
  const {parseYamlTree} = await import('../../syntax/yaml.ts')
  return parseYamlTree(text, file)
}

/**
 * What headscale reads in a text. A text that is not of the format gives an empty map and one finding.
 *
 * @param format `yaml` for derp.paths, `json` for derp.urls
 */
export async function parseSource(
  text: string,
  file: string,
  format: Format,
  behaviour: Behaviour,
): Promise<ParsedMap> {
  try {
    const wrapped = wrappedInHuJson(text, file)
    if (wrapped !== null) return decodeWrapped(wrapped, behaviour)
    const document = await parseDocument(text, file, format)
    const unwrapped = isConfig(document) ? null : unwrap(document, await innerReader(text, file, format))
    return unwrapped === null ? decodeMap(document, behaviour) : decodeWrapped(unwrapped, behaviour)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const places = new MapPlaces({...error.place, line: 1, column: 1, offset: 0, end: 0})
    const findings = [syntaxFinding(error, format, behaviour)]
    return {map: createMap(), file, format, places, rejected: true, findings}
  }
}

function decodeWrapped({document, wrapper}: Unwrapped, behaviour: Behaviour): ParsedMap {
  const {message, fix, place, path, isPolicy, isRejected} = wrapper
  const isFatal = !isRejected && behaviour.emptyMap === 'fatal'
  const reason = isFatal ? `${wrapper.reason}, and does not start unless another source adds one` : wrapper.reason
  const parsed = decodeMap(document, behaviour)
  const finding: Finding = {severity: 'error', code: 'wrapped-map', place, path, message, reason, fix, edit: null}
  // In a policy, clients do get OmitDefaultRegions.
  if (isPolicy) parsed.places.remove(parsed.map, 'omitDefaultRegions')
  return {...parsed, findings: [finding, ...parsed.findings], rejected: parsed.rejected || isRejected}
}

/** A map inside of HuJSON: a policy, a part cut out of one, or another document. Null for anything else. */
function wrappedInHuJson(text: string, file: string): Unwrapped | null {
  const document = huJson(text, file)
  return document === null || isConfig(document) ? null : unwrap(document)
}

function huJson(text: string, file: string): Document | null {
  const first = /^(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*([{["])/.exec(text.slice(0, 20_000))?.[1]
  if (first === undefined) return null
  try {
    return first === '"' ? parseHuJsonMembers(text, file) : parseHuJsonTree(text, file)
  } catch (error) {
    if (error instanceof SyntaxProblem) return null
    throw error
  }
}

/** Reads the YAML in a block of text (`|`) where it is; all around it is replaced by blanks. */
async function innerReader(text: string, file: string, format: Format): Promise<ReadInner> {
  if (format !== 'yaml') return () => null
  const {parseYamlTree} = await import('../../syntax/yaml.ts')
  return ({place}) => {
    const block = /^\|[-+0-9]*[^\n]*\n/.exec(text.slice(place.offset, place.end))
    if (block === null) return null
    const start = place.offset + block[0].length
    const blank = (part: string) => part.replaceAll(/[^\n]/g, ' ')
    try {
      return parseYamlTree(blank(text.slice(0, start)) + text.slice(start, place.end), file).root
    } catch (error) {
      if (error instanceof SyntaxProblem) return null
      throw error
    }
  }
}

/** The one finding of a text that is not of its format. */
export function syntaxFinding(problem: SyntaxProblem, format: Format, behaviour: Behaviour): Finding {
  const {place, reason} = problem
  if (problem instanceof LimitProblem) {
    return {
      ...{severity: 'error', code: 'too-large', place, path: '', edit: null},
      message: reason.charAt(0).toUpperCase() + reason.slice(1),
      reason: 'No DERP map is that large, and nothing in it was read',
      fix: 'Write the regions out, without aliases',
    }
  }
  return {
    severity: 'error',
    code: 'syntax',
    place,
    path: '',
    message: `Not ${format === 'json' ? 'JSON' : 'YAML'}: ${reason}`,
    reason:
      behaviour.brokenSource === 'fatal'
        ? 'headscale does not start with it'
        : 'headscale logs an error and continues without it',
    fix: fixOf(reason, format),
    edit: null,
  }
}

/** What to do about the commonest errors. */
function fixOf(reason: string, format: Format): string {
  if (/\btabs?\b/i.test(reason)) return 'Use spaces in place of the tab'
  if (/comments? (?:is|are) not allowed/.test(reason)) return 'Delete the comment, or write the map in YAML'
  if (reason.startsWith('unexpected comma')) return 'Delete the comma'
  if (reason.startsWith('unexpected byte order mark')) return 'Save the file without a byte order mark'
  return `Fix the ${format === 'json' ? 'JSON' : 'YAML'} at this position`
}

/** The format in which headscale reads a target: JSON behind a URL, YAML in a `.yaml` file, others by their content. */
export function formatOf({name, text}: Pick<SourceText, 'name' | 'text'>): Format {
  if (isUrl(name) || /\.json$/i.test(name)) return 'json'
  if (/\.ya?ml$/i.test(name)) return 'yaml'
  return /^\s*\{\s*["}]/.test(text) ? 'json' : 'yaml'
}

/** A document in any format, and what is around the map in it. */
export interface FoundMap {
  document: Document
  wrapper: Wrapper | null
}

/**
 * A document in any format, HuJSON included; the name of the file does not matter. A map inside something else is taken out.
 *
 * @throws SyntaxProblem as the format that headscale would expect has it
 */
export async function findMap({text, name}: SourceText): Promise<FoundMap> {
  const json = huJson(text, name)
  if (json !== null) return takeOut(json)
  const format = formatOf({text, name})
  const document = await parseDocument(text, name, format)
  return takeOut(document, await innerReader(text, name, format))
}

/** The document of `findMap` alone. */
export async function parseLeniently(source: SourceText): Promise<Document> {
  return (await findMap(source)).document
}

function takeOut(document: Document, readInner?: ReadInner): FoundMap {
  return (isConfig(document) ? null : unwrap(document, readInner)) ?? {document, wrapper: null}
}
