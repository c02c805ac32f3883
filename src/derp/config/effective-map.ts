/**
 * The map a server would hand to its clients: a configuration's sources, read, merged and completed as its release
 * does it, with its way of dealing with sources that fail.
 */
import {HeadscaleError} from '../../errors.ts'
import {embeddedSource, readConfigSources} from './sources.ts'
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
  if (failed !== undefined && fatal) throw refusal(failed)

  const warnings = [...findings.map(({message}) => message), ...unfetched(skipped, options)]
  const sources: MergeSource[] = []
  const givenUp = new Set<string>()
  for (const {named, text} of texts) {
    if (givenUp.has(named.kind)) continue
    const parsed = await parseSource(text.text, text.name, named.kind === 'paths' ? 'yaml' : 'json', behaviour)
    const error = parsed.findings.find(({severity}) => severity === 'error')
    if (!parsed.refused || error === undefined) {
      sources.push({name: named.target, map: parsed.map})
      continue
    }
    if (fatal) throw refusal(error)
    // Releases before 0.27 give up the rest of this kind with one log line.
    givenUp.add(named.kind)
    warnings.push(
      `${placeOf(error)}: ${error.message}; headscale ${behaviour.release} reads no further derp.${named.kind}`,
    )
  }
  if (config.embedded !== null) {
    sources.push({name: 'embedded relay', map: embeddedSource(config, config.embedded).map})
  }
  const merged = mergeSources(sources, behaviour)
  if (merged.map.regions.size === 0 && skipped.length === 0 && behaviour.emptyMap === 'fatal') {
    throw new HeadscaleError(
      'invalid-input',
      `${config.file}: the map is empty, and headscale does not start with it`,
      {
        hint: warnings[0] ?? `headscale-ts derp validate --config ${config.file} says why`,
      },
    )
  }
  return {...merged, warnings}
}

function unfetched(skipped: readonly string[], {fetch}: ConfigReadOptions): string[] {
  return fetch ? [] : skipped.filter((target) => /^https?:/i.test(target)).map((target) => `${target} was not fetched`)
}

function placeOf({place: {file, line, column}}: Finding): string {
  return `${file}:${line}:${column}`
}

function refusal(finding: Finding): HeadscaleError {
  return new HeadscaleError(
    'invalid-input',
    `${placeOf(finding)}: ${finding.message}; headscale does not start with it`,
    {
      hint: finding.fix,
    },
  )
}
