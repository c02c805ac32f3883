/**
 * A map from any target a user gives: a map file, a URL, `-`, a spec file, headscale's config.yaml, a tailnet policy.
 *
 * For commands that use a map and do not check it: they throw the first error of reading. Validation is in
 * lint/validate.ts, formats are in parse.ts.
 */
import {HeadscaleError} from '../../errors.ts'
import {workingFolder} from '../../system/working-folder.ts'
import {decodeConfig, isConfig} from '../config/config.ts'
import {decodeMap} from './decode.ts'
import {effectiveMap} from '../config/effective-map.ts'
import {findMap} from './parse.ts'
import {readSource} from './read.ts'
import {behaviourOf} from '../releases.ts'
import {decodeSpec, isSpec} from './spec.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Merged} from '../merge.ts'
import type {ReadLimits, SourceText} from './read.ts'
import type {Behaviour} from '../releases.ts'

export interface LoadOptions {
  limits?: ReadLimits
  /** The release whose rules apply; default: the newest stable one. */
  behaviour?: Behaviour
  /** Where relative paths of a configuration start; default: the working directory. */
  cwd?: string
  /** Whether to fetch the URLs of a configuration; default: yes. */
  fetch?: boolean
}

/** A map and where its regions came from. */
export interface LoadedMap extends Merged {
  /** Sources of a configuration that were not read, and keys that enclose a map. */
  warnings: string[]
  /** Warnings about the text of a map file: unknown keys and what else headscale ignores or reads differently. */
  findings: Finding[]
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

/** As `loadMap`, for a text that was read before. */
export async function parseMap(source: SourceText, options: LoadOptions = {}): Promise<LoadedMap> {
  const {behaviour = behaviourOf(), cwd = workingFolder(), fetch = true, limits = {}} = options
  const {document, wrapper} = await findMap(source)
  if (isConfig(document)) {
    const merged = await effectiveMap(decodeConfig(document, behaviour), {behaviour, cwd, fetch, limits})
    return {...merged, findings: []}
  }
  const spec = isSpec(document)
  const parsed = spec ? decodeSpec(document) : decodeMap(document, behaviour)
  const error = parsed.findings.find(({severity}) => severity === 'error')
  if (error !== undefined && parsed.rejected) throw errorOf(error)
  if (![...parsed.map.regions.values()].some((region) => region !== null)) {
    throw new HeadscaleError('invalid-input', `${source.name} has no DERP region that headscale would find`, {
      hint: `run: headscale-ts derp validate ${source.name}`,
    })
  }
  const origins = new Map([...parsed.map.regions.keys()].map((key) => [key, source.name]))
  const where = wrapper === null || wrapper.path === '' ? '' : `, and the map in ${wrapper.path} is used`
  const warnings = wrapper === null ? [] : [`${source.name}: ${lowerFirst(wrapper.message)}${where}`]
  return {map: parsed.map, origins, warnings, findings: parsed.findings}
}

function errorOf({place: {file, line, column}, message, reason, fix}: Finding): HeadscaleError {
  return new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${message}`, {hint: fix, details: {reason}})
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
