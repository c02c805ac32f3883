/**
 * Reads the maps that `derp render` starts from, and refuses what `derp validate` refuses.
 *
 * A reader of maps skips what it does not know: a misspelled key, a null in a list. What a map loses on its way into
 * another one has to be visible, so the findings about the source come with it.
 */
import {HeadscaleError} from '../../errors.ts'
import {isConfig} from '../config/config.ts'
import {validateTexts} from '../lint/validate.ts'
import {parseLeniently} from '../read/parse.ts'
import {readSource} from '../read/read.ts'
import {parseMap} from '../read/source.ts'
import {isSpec} from '../read/spec.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpMap} from '../map.ts'
import type {SourceText} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'

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
export async function loadSource(target: string, cwd: string, behaviour: Behaviour): Promise<LoadedSource> {
  const text = await readSource(target, {cwd})
  const findings = (await isMap(text)) ? (await validateTexts([text], {behaviour, as: null})).findings : []
  const error = findings.find(({severity}) => severity === 'error')
  if (error !== undefined) {
    const {file, line, column} = error.place
    throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${error.message}`, {
      hint: error.fix,
      details: {reason: error.reason},
    })
  }
  const {map, warnings} = await parseMap(text, {cwd, behaviour})
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

/** A spec is strict by itself, and a configuration has its own reader; a text that is neither is taken for a map. */
async function isMap(text: SourceText): Promise<boolean> {
  try {
    const document = await parseLeniently(text)
    return !isConfig(document) && !isSpec(document)
  } catch {
    return true
  }
}

/** The start of a sentence as the middle of one. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
