/**
 * Validation: texts in, findings out.
 *
 * Files given together are the sources of one server. A configuration has its own sources, its embedded relay and the
 * reading order of its release. Map URLs of a configuration are fetched on request only, since validation works
 * offline.
 */
import {checkSource} from './region-rules.ts'
import {checkTogether} from './cross-source-rules.ts'
import {embeddedSource, readConfigSources} from '../config/sources.ts'
import {decodeConfig} from '../config/config.ts'
import {Findings, sortFindings} from '../../diagnostics/finding.ts'
import {readingOrder} from '../merge.ts'
import {formatOf, parseDocument, parseSource, syntaxFinding} from '../read/parse.ts'
import {SyntaxProblem} from '../../syntax/tree.ts'
import type {ConfigReadOptions} from '../config/sources.ts'
import type {DerpConfig} from '../config/config.ts'
import type {ParsedMap} from '../read/decode.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {SourceText} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'
import type {Format} from '../../syntax/tree.ts'

export interface ValidateOptions {
  behaviour: Behaviour
  /** How to read the files: `paths` as YAML, `urls` as JSON, null by their names and content. */
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
    const format: Format = as === 'paths' ? 'yaml' : as === 'urls' ? 'json' : formatOf(text)
    return {text, format, kind: format === 'yaml' ? ('paths' as const) : ('urls' as const)}
  })
  const sources: ParsedMap[] = []
  for (const {text, format} of readingOrder(kinds, behaviour)) sources.push(await checked(text, format, behaviour))
  const together = checkTogether(sources, behaviour, true)
  return {sources, findings: sortFindings([...sources.flatMap(({findings}) => findings), ...together]), skipped: []}
}

export type ConfigOptions = ValidateOptions & ConfigReadOptions

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
  const read = await readConfigSources(config, options)
  const findings = new Findings()
  findings.list.push(...read.findings)
  const sources: ParsedMap[] = []
  for (const {text: source, named} of read.texts) {
    sources.push(await checked(source, named.kind === 'paths' ? 'yaml' : 'json', behaviour))
  }
  const {skipped} = read
  const complete = skipped.length === 0
  const {embedded} = config
  const region = embedded?.region ?? null
  const mapped = embedded === null || region === null ? sources : [...sources, embeddedSource(config, embedded, region)]
  const together = config.sources.length === 0 && embedded === null ? [] : checkTogether(mapped, behaviour, complete)
  checkEmbeddedClash(sources, config, findings)
  if (complete) checkSingleRegion(mapped, findings)
  const all = [...config.findings, ...findings.list, ...sources.flatMap((source) => source.findings), ...together]
  return {
    config,
    sources: mapped,
    skipped,
    findings: sortFindings(all.filter(({code, place}) => code !== 'duplicate-region' || place.file !== config.file)),
  }
}

async function checked(text: SourceText, format: Format, behaviour: Behaviour): Promise<ParsedMap> {
  const parsed = await parseSource(text.text, text.name, format, behaviour)
  if (parsed.rejected && parsed.map.regions.size === 0)
    return {...parsed, findings: [...parsed.findings, ...httpFindings(text, parsed)]}
  return {...parsed, findings: [...parsed.findings, ...checkSource(parsed, behaviour), ...httpFindings(text, parsed)]}
}

/** headscale ignores the status; it would read the error page of a web server as a map. */
function httpFindings({status, name}: SourceText, {places, rejected}: ParsedMap): Finding[] {
  if (status === null || (status >= 200 && status < 300)) return []
  const findings = new Findings()
  findings.warning('http-status', places.file, '', {
    message: `${name} returns status ${status}`,
    reason: rejected
      ? 'headscale ignores the status, and the text is not a map'
      : 'headscale ignores the status and uses the map',
    fix: 'Check the web server behind the URL',
  })
  return findings.list
}

function checkEmbeddedClash(sources: readonly ParsedMap[], {embedded, file}: DerpConfig, findings: Findings): void {
  const id = embedded?.region?.regionId
  if (id === undefined) return
  for (const source of sources) {
    const region = source.map.regions.get(id)
    if (region === undefined || region === null) continue
    findings.error('embedded-conflict', source.places.of(region), `regions.${id}`, {
      message: `The embedded relay of ${file} is also region ${id}`,
      reason: 'headscale silently replaces this region with the embedded one',
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
    message: `Region ${[...ids][0]} is the only region of this server`,
    reason: 'While its relay is down, clients that cannot connect directly cannot connect at all',
    fix: 'Add a second region',
  })
}
