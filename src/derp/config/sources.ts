/**
 * Reads the sources a configuration names, in the order its release reads them.
 *
 * Shared by validation (which needs a finding for each that cannot be read) and by the effective map (which needs to
 * know what headscale does then). Map URLs are fetched only when asked for.
 */
import {HeadscaleError} from '../../errors.ts'
import {pathCandidates} from './config.ts'
import {Findings} from '../../diagnostics/finding.ts'
import {createMap} from '../map.ts'
import {readingOrder} from '../merge.ts'
import {MapPlaces} from '../read/positions.ts'
import {readSource} from '../read/read.ts'
import type {DerpConfig, NamedSource} from './config.ts'
import type {ParsedMap} from '../read/decode.ts'
import type {EmbeddedRelay} from './embedded-relay.ts'
import type {DerpRegion} from '../map.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {ReadLimits, SourceText} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'

export interface ConfigReadOptions {
  behaviour: Behaviour
  /** Fetch derp.urls too. */
  fetch: boolean
  /** Where relative paths begin. */
  cwd: string
  limits?: ReadLimits
}

export interface ConfigTexts {
  texts: {named: NamedSource; text: SourceText}[]
  /** Names of sources that were not read: URLs that were not to be fetched, and what failed. */
  skipped: string[]
  /** One error for each source that failed. */
  findings: Finding[]
}

/** Reads the sources; one that cannot be read gives a finding, not an exception. */
export async function readConfigSources(config: DerpConfig, options: ConfigReadOptions): Promise<ConfigTexts> {
  const findings = new Findings()
  const texts: ConfigTexts['texts'] = []
  const skipped: string[] = []
  for (const named of readingOrder(config.sources, options.behaviour)) {
    const text = await readNamed(named, config, options, findings)
    if (text === null) skipped.push(named.name)
    else texts.push({named, text})
  }
  return {texts, skipped, findings: findings.list}
}

async function readNamed(
  named: NamedSource,
  config: DerpConfig,
  options: ConfigReadOptions,
  findings: Findings,
): Promise<SourceText | null> {
  const {target, kind} = named
  if (kind === 'urls' && (!options.fetch || !/^https?:\/\/[^\s/]/i.test(target))) return null
  const candidates = kind === 'urls' ? [target] : pathCandidates(config.file, target, options.cwd)
  for (const [index, candidate] of candidates.entries()) {
    try {
      return {...(await readSource(candidate, options.limits)), name: named.name}
    } catch (error) {
      const missing = error instanceof HeadscaleError && error.code === 'not-found'
      if (missing && index < candidates.length - 1) continue
      const places = candidates.length > 1 ? ` (tried ${candidates.join(' and ')})` : ''
      reportUnreadable(
        error,
        missing ? `cannot read ${target}: no such file${places}` : null,
        named,
        options.behaviour,
        findings,
      )
      return null
    }
  }
  return null
}

function reportUnreadable(
  error: unknown,
  message: string | null,
  {kind, place}: NamedSource,
  behaviour: Behaviour,
  findings: Findings,
): void {
  if (!(error instanceof HeadscaleError)) throw error
  findings.error('unreadable-source', place, `derp.${kind}`, {
    message: message ?? error.message,
    reason:
      behaviour.brokenSource === 'fatal'
        ? 'headscale does not start with it'
        : `headscale logs an error and reads no further source of derp.${kind}`,
    fix: 'Correct the entry, or the file or URL that it names',
  })
}

/** The region of the embedded relay as a source of its own, so that it is merged and compared like any other. */
export function embeddedSource({file}: DerpConfig, {place}: EmbeddedRelay, region: DerpRegion): ParsedMap {
  const places = new MapPlaces(place)
  return {map: createMap([region]), file, format: 'yaml', findings: [], places, rejected: false}
}
