/**
 * `derp validate` without its command: targets in, findings out.
 *
 * Files given together are taken for the sources of one server. A configuration brings its own sources, its embedded
 * relay and its release's reading order. Only what is named is read; map URLs of a configuration are fetched when
 * asked for, since validation is meant to work offline.
 */
import {checkSource} from './check-source.ts'
import {checkTogether} from './check-together.ts'
import {decodeConfig, pathCandidates} from './config.ts'
import {Findings, sortFindings} from './finding.ts'
import {createMap} from './map.ts'
import {readingOrder} from './merge.ts'
import {MapPlaces} from './places.ts'
import {readSource} from './read.ts'
import {dialectOf, parseDocument, parseSource, syntaxFinding} from './source.ts'
import {HeadscaleError} from '../errors.ts'
import {SyntaxProblem} from './tree.ts'
import type {DerpConfig, NamedSource} from './config.ts'
import type {ParsedMap} from './decode.ts'
import type {Finding} from './finding.ts'
import type {ReadLimits, SourceText} from './read.ts'
import type {Behaviour} from './releases.ts'
import type {Dialect} from './tree.ts'

export interface ValidateOptions {
  behaviour: Behaviour
  /** How to read the files: `paths` as YAML, `urls` as JSON, null by their names and looks. */
  as: 'paths' | 'urls' | null
}

/** Sources with their findings, in the order headscale reads them. */
export interface Validation {
  findings: Finding[]
  sources: ParsedMap[]
  /** Sources of the configuration that were not read. */
  skipped: string[]
}

/** Checks texts as the sources of one server. */
export async function validateTexts(
  texts: readonly SourceText[],
  {behaviour, as}: ValidateOptions,
): Promise<Validation> {
  const kinds = texts.map((text) => {
    const dialect: Dialect = as === 'paths' ? 'yaml' : as === 'urls' ? 'json' : dialectOf(text)
    return {text, dialect, kind: dialect === 'yaml' ? ('paths' as const) : ('urls' as const)}
  })
  const sources: ParsedMap[] = []
  for (const {text, dialect} of readingOrder(kinds, behaviour)) sources.push(await checked(text, dialect, behaviour))
  const together = checkTogether(sources, behaviour, true)
  return {sources, findings: sortFindings([...sources.flatMap(({findings}) => findings), ...together]), skipped: []}
}

export interface ConfigOptions extends ValidateOptions {
  /** Fetch derp.urls too. */
  fetch: boolean
  /** Where relative paths begin. */
  cwd: string
  limits?: ReadLimits
}

/** Checks a configuration's derp block and every source it names. */
export async function validateConfig(
  text: SourceText,
  options: ConfigOptions,
): Promise<Validation & {config: DerpConfig | null}> {
  const {behaviour} = options
  let config: DerpConfig
  try {
    config = decodeConfig(await parseDocument(text.text, text.name, 'yaml'), behaviour)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    return {config: null, sources: [], skipped: [], findings: [syntaxFinding(error, 'yaml', behaviour)]}
  }
  const findings = new Findings()
  const sources: ParsedMap[] = []
  const skipped: string[] = []
  for (const named of readingOrder(config.sources, behaviour)) {
    const source = await readNamed(named, config, options, findings)
    if (source === null) skipped.push(named.target)
    else sources.push(await checked(source, named.kind === 'paths' ? 'yaml' : 'json', behaviour))
  }
  const complete = skipped.length === 0
  const mapped = config.embedded === null ? sources : [...sources, embeddedSource(config)]
  const together =
    config.sources.length === 0 && config.embedded === null ? [] : checkTogether(mapped, behaviour, complete)
  checkEmbeddedClash(sources, config, findings)
  if (complete) checkSingleRegion(mapped, findings)
  const all = [...config.findings, ...findings.list, ...sources.flatMap((source) => source.findings), ...together]
  return {
    config,
    sources: mapped,
    skipped,
    findings: sortFindings(all.filter(({code, place}) => code !== 'region-twice' || place.file !== config.file)),
  }
}

async function checked(text: SourceText, dialect: Dialect, behaviour: Behaviour): Promise<ParsedMap> {
  const parsed = await parseSource(text.text, text.name, dialect, behaviour)
  if (parsed.refused && parsed.map.regions.size === 0)
    return {...parsed, findings: [...parsed.findings, ...httpFindings(text, parsed)]}
  return {...parsed, findings: [...parsed.findings, ...checkSource(parsed, behaviour), ...httpFindings(text, parsed)]}
}

/** headscale does not look at the status; a web server's error page is then read as a map. */
function httpFindings({status, name}: SourceText, {places, refused}: ParsedMap): Finding[] {
  if (status === null || (status >= 200 && status < 300)) return []
  const findings = new Findings()
  findings.warning('http-status', places.file, '', {
    message: `${name} answers ${status}`,
    reason: refused
      ? 'headscale does not look at the status, only at the text, which is no map'
      : 'headscale does not look at the status and takes the map all the same',
    fix: 'Look at the web server behind the URL',
  })
  return findings.list
}

/** Null for a source that is not to be read or cannot be. */
async function readNamed(
  named: NamedSource,
  config: DerpConfig,
  options: ConfigOptions,
  findings: Findings,
): Promise<SourceText | null> {
  const {target} = named
  if (named.kind === 'urls') {
    if (!options.fetch || !/^https?:\/\/[^\s/]/i.test(target)) return null
    try {
      return await readSource(target, options.limits)
    } catch (error) {
      reportUnreadable(error, named, options.behaviour, findings)
      return null
    }
  }
  const candidates = pathCandidates(config.file, target, options.cwd)
  for (const [index, path] of candidates.entries()) {
    try {
      return {...(await readSource(path, options.limits)), name: target}
    } catch (error) {
      const missing = error instanceof HeadscaleError && error.code === 'not-found'
      if (missing && index < candidates.length - 1) continue
      const looked = missing ? `${target} (looked for in ${candidates.join(' and ')})` : target
      reportUnreadable(error, {...named, target: looked}, options.behaviour, findings)
      return null
    }
  }
  return null
}

function reportUnreadable(
  error: unknown,
  {kind, target, place}: NamedSource,
  behaviour: Behaviour,
  findings: Findings,
): void {
  if (!(error instanceof HeadscaleError)) throw error
  const missing = error.code === 'not-found'
  findings.error('unreadable-source', place, `derp.${kind}`, {
    message: missing ? `${target}: no such file` : error.message,
    reason:
      behaviour.brokenSource === 'fatal'
        ? 'headscale does not start with it'
        : `headscale logs an error and reads no further source of derp.${kind}`,
    fix: error.hint ?? 'Correct the entry',
  })
}

/** The embedded region as a source of its own, so that names and codes are compared with it. */
function embeddedSource({embedded, findings: _, ...config}: DerpConfig): ParsedMap {
  const place = embedded?.place ?? {file: config.file, line: 1, column: 1, offset: 0, end: 0}
  const places = new MapPlaces(place)
  const map = createMap(embedded === null ? [] : [embedded.region])
  return {map, file: config.file, dialect: 'yaml', findings: [], places, refused: false}
}

function checkEmbeddedClash(sources: readonly ParsedMap[], {embedded, file}: DerpConfig, findings: Findings): void {
  if (embedded === null) return
  const id = embedded.region.regionId
  for (const source of sources) {
    const region = source.map.regions.get(id)
    if (region === undefined || region === null) continue
    findings.error('embedded-clash', source.places.of(region), `regions.${id}`, {
      message: `The embedded relay of ${file} is region ${id} too`,
      reason: 'headscale replaces this region with the embedded one without a word',
      fix: 'Use another id here, or another derp.server.region_id',
    })
  }
}

function checkSingleRegion(sources: readonly ParsedMap[], findings: Findings): void {
  const ids = new Set(
    sources.flatMap(({map}) => [...map.regions].filter(([, region]) => region !== null).map(([key]) => key)),
  )
  const source = sources.find(({map}) => [...map.regions.values()].some((region) => region !== null))
  if (ids.size !== 1 || source === undefined) return
  findings.warning('single-region', source.places.file, '', {
    message: `Region ${[...ids][0]} is the only one of this server`,
    reason: 'When its relay is down, clients that cannot reach each other directly are cut off',
    fix: 'Add a second region',
  })
}
