/**
 * A map from whatever a user names: a map file, a URL, `-`, a spec of ours, or headscale's config.yaml.
 *
 * For commands that want to work with a map and not to judge it: the first error is thrown. Judging is validate.ts,
 * the languages are parse.ts.
 */
import {HeadscaleError} from '../../errors.ts'
import {decodeConfig, isConfig} from '../config/config.ts'
import {decodeMap} from './decode.ts'
import {effectiveMap} from '../config/effective-map.ts'
import {parseLeniently} from './parse.ts'
import {readSource} from './read.ts'
import {behaviourOf} from '../releases.ts'
import {decodeSpec, isSpec} from './spec.ts'
import type {Merged} from '../merge.ts'
import type {ReadLimits, SourceText} from './read.ts'
import type {Behaviour} from '../releases.ts'

export interface LoadOptions {
  limits?: ReadLimits
  /** The release whose rules count; default: the newest stable one. */
  behaviour?: Behaviour
  /** Where relative paths of a configuration begin; default: the working directory. */
  cwd?: string
  /** Whether to fetch the URLs of a configuration; default: yes. */
  fetch?: boolean
}

/** A map, where its regions came from, and what could not be read on the way. */
export interface LoadedMap extends Merged {
  warnings: string[]
}

/**
 * Loads a map.
 *
 * @throws HeadscaleError `invalid-input` with the first place that is wrong, or the reading's own errors
 */
export async function loadMap(target: string, options: LoadOptions = {}): Promise<LoadedMap> {
  return parseMap(
    await readSource(target, {...options.limits, ...(options.cwd !== undefined && {cwd: options.cwd})}),
    options,
  )
}

/** As `loadMap`, for a text in hand. */
export async function parseMap(source: SourceText, options: LoadOptions = {}): Promise<LoadedMap> {
  const {behaviour = behaviourOf(), cwd = process.cwd(), fetch = true, limits = {}} = options
  const document = await parseLeniently(source)
  if (isConfig(document)) return effectiveMap(decodeConfig(document, behaviour), {behaviour, cwd, fetch, limits})
  const parsed = isSpec(document) ? decodeSpec(document) : decodeMap(document, behaviour)
  const first = parsed.findings.find((finding) => finding.severity === 'error')
  if (parsed.refused && first !== undefined) {
    const {file, line, column} = first.place
    throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${first.message}`, {hint: first.fix})
  }
  if (parsed.map.regions.size === 0) {
    throw new HeadscaleError('invalid-input', `${source.name} has no DERP region that headscale would see`, {
      hint: `headscale-ts derp validate ${source.name} says why`,
    })
  }
  const origins = new Map([...parsed.map.regions.keys()].map((key) => [key, source.name]))
  return {map: parsed.map, origins, warnings: []}
}
