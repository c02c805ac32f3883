/**
 * Reads the maps that `derp render` starts from, and rejects what `derp validate` rejects.
 *
 * Reading a map skips what is unknown: a misspelled key, a null in a list. The user must see what a map loses when it
 * becomes part of another one, so the findings about the source are returned with it.
 */
import {HeadscaleError} from '../../errors.ts'
import {isConfig} from '../config/config.ts'
import {validateTexts} from '../lint/validate.ts'
import {formatOf, parseLeniently} from '../read/parse.ts'
import {readSource} from '../read/read.ts'
import {parseMap} from '../read/source.ts'
import {isSpec} from '../read/spec.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpMap} from '../map.ts'
import type {SourceText, Trace} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'
import type {Format} from '../../syntax/tree.ts'

export interface LoadedSource {
  map: DerpMap
  /** Warnings about a map file. */
  findings: Finding[]
  /** What could not be read of a configuration, a line each. */
  warnings: string[]
}

/**
 * Loads a map, spec or configuration.
 *
 * @throws HeadscaleError `invalid-input` with the first error and its position
 */
export async function loadSource(
  target: string,
  {cwd, behaviour, trace}: {cwd: string; behaviour: Behaviour; trace: Trace | undefined},
): Promise<LoadedSource> {
  const text = await readSource(target, {cwd, trace})
  const findings = await findingsOf(text, behaviour)
  const error = findings.find(({severity}) => severity === 'error')
  if (error !== undefined) {
    const {file, line, column} = error.place
    throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${error.message}`, {
      hint: error.fix,
      details: {reason: error.reason},
    })
  }
  const {map, warnings} = await parseMap(text, {cwd, behaviour, limits: {trace}})
  return {map, findings, warnings}
}

/** Validates a map as the file that it becomes. */
export async function validateMap(yaml: string, behaviour: Behaviour): Promise<Finding[]> {
  const {findings} = await validateTexts([{name: 'the map', text: yaml, status: null}], {behaviour, as: 'paths'})
  const error = findings.find(({severity}) => severity === 'error')
  if (error === undefined) return findings
  throw new HeadscaleError('invalid-input', `${error.path}: ${lower(error.message)}`, {
    hint: lower(error.fix),
    details: {reason: error.reason},
  })
}

/** Those of a map, which may be inside something else. A spec is strict by itself, and a configuration has its own reader. */
async function findingsOf(text: SourceText, behaviour: Behaviour): Promise<Finding[]> {
  const format = await formatOfMap(text)
  if (format === null) return []
  const {findings} = await validateTexts([text], {behaviour, as: format === 'json' ? 'urls' : 'paths'})
  return findings.filter(({code}) => code !== 'wrapped-map')
}

/** The format of a map, independent of the file name; null for a spec and a configuration. */
async function formatOfMap(text: SourceText): Promise<Format | null> {
  try {
    const document = await parseLeniently(text)
    return isConfig(document) || isSpec(document) ? null : document.format
  } catch {
    return formatOf(text)
  }
}

/** A text with its first letter in lower case, to continue a sentence. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
