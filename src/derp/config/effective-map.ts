/**
 * The map that a server sends to its clients: the sources of a configuration, read and merged as the release does it,
 * including how it handles sources that fail.
 */
import {HeadscaleError} from '../../errors.ts'
import {readConfigSources} from './sources.ts'
import {createMap} from '../map.ts'
import {mergeSources} from '../merge.ts'
import {parseSource} from '../read/parse.ts'
import type {ConfigReadOptions} from './sources.ts'
import type {DerpConfig} from './config.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {MergeSource, Merged} from '../merge.ts'

/**
 * The effective map of a configuration.
 *
 * @returns with one warning for each source that is not in it
 * @throws HeadscaleError `invalid-input` where headscale would not start
 */
export async function effectiveMap(
  config: DerpConfig,
  options: ConfigReadOptions,
): Promise<Merged & {warnings: string[]}> {
  const {behaviour} = options
  const fatal = behaviour.brokenSource === 'fatal'
  const {texts, skipped, findings} = await readConfigSources(config, options)
  const failed = findings[0]
  if (failed !== undefined && fatal) throw fatalError(failed)

  const warnings = [...findings.map(({message}) => message), ...unfetched(skipped, options)]
  const sources: MergeSource[] = []
  const skippedKinds = new Set<string>()
  for (const {named, text} of texts) {
    if (skippedKinds.has(named.kind)) continue
    const parsed = await parseSource(text.text, text.name, named.kind === 'paths' ? 'yaml' : 'json', behaviour)
    const error = parsed.findings.find(({severity}) => severity === 'error')
    if (!parsed.rejected || error === undefined) {
      sources.push({name: named.name, map: parsed.map})
      continue
    }
    if (fatal) throw fatalError(error)
    // Releases before 0.27 skip the rest of this kind with one log line.
    skippedKinds.add(named.kind)
    warnings.push(
      `${placeOf(error)}: ${error.message}; headscale ${behaviour.release} skips the rest of derp.${named.kind}`,
    )
  }
  const embedded = config.embedded?.region ?? null
  if (embedded !== null) sources.push({name: 'embedded relay', map: createMap([embedded])})
  const merged = mergeSources(sources, behaviour)
  if (merged.map.regions.size === 0 && skipped.length === 0 && behaviour.emptyMap === 'fatal') {
    throw new HeadscaleError('invalid-input', `${config.file}: the map is empty, so headscale does not start`, {
      hint: warnings[0] ?? `run: headscale-ts derp validate --config ${config.file}`,
    })
  }
  return {...merged, warnings}
}

function unfetched(skipped: readonly string[], {fetch}: ConfigReadOptions): string[] {
  return fetch ? [] : skipped.filter((target) => /^https?:/i.test(target)).map((target) => `${target} was not fetched`)
}

function placeOf({place: {file, line, column}}: Finding): string {
  return `${file}:${line}:${column}`
}

function fatalError(finding: Finding): HeadscaleError {
  return new HeadscaleError('invalid-input', `${placeOf(finding)}: ${finding.message}; headscale does not start`, {
    hint: finding.fix,
  })
}
