/**
 * `derp validate` without its command: flags and files become findings, and files are fixed in place.
 */
import {resolve} from 'node:path'

import {usageError} from '../../errors.ts'
import {isConfig} from '../config/config.ts'
import {fixText} from './fix.ts'
import {regionEntries} from '../map.ts'
import {formatOf, parseLeniently} from '../read/parse.ts'
import {readSource} from '../read/read.ts'
import {behaviourOf} from '../releases.ts'
import {isSpec} from '../read/spec.ts'
import {SyntaxProblem, lookUp} from '../../syntax/tree.ts'
import {rewriteFile} from '../../system/replace-file.ts'
import {validateConfig, validateTexts} from './validate.ts'
import type {SourceText, Trace} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'
import type {ValidationReport} from './report.ts'
import type {Validation} from './validate.ts'

/** The flags of the command. */
export interface ValidateFlags {
  files: readonly string[]
  config?: string | undefined
  for?: string | undefined
  as?: string | undefined
  fetch?: boolean | undefined
  fix?: boolean | undefined
}

/**
 * Validates what was given.
 *
 * @param trace receives a line for each request
 * @throws HeadscaleError `usage`, or what reading a given file throws
 */
export async function runValidate(flags: ValidateFlags, cwd: string, trace?: Trace): Promise<ValidationReport> {
  const behaviour = behaviourOf(flags.for)
  const as = flags.as === 'paths' || flags.as === 'urls' ? flags.as : null
  const {files, config} = flags
  if (config === undefined && flags.fetch)
    throw usageError('--fetch needs --config', 'a map URL can be given in place of a file')
  if (config === undefined) {
    if (files.length === 0)
      throw usageError('nothing to validate', "give map files, or headscale's config file with --config")
    const texts: SourceText[] = []
    const notes: string[] = []
    for (const file of files) {
      const text = await readSource(file, {cwd, trace})
      const kind = await kindOf(text)
      if (kind === 'config') {
        throw usageError(`${text.name} is headscale's config file, not a map`, `use --config ${text.name}`)
      }
      if (kind === 'spec') {
        throw usageError(
          `${text.name} is a spec file for derp render, which headscale cannot read`,
          `run: headscale-ts derp render --from ${text.name}`,
        )
      }
      texts.push(flags.fix ? await fixFile(text, as, behaviour, notes, cwd) : text)
    }
    return report(
      behaviour,
      texts.map(({name}) => name),
      await validateTexts(texts, {behaviour, as}),
      notes,
    )
  }
  if (files.length > 0)
    throw usageError('files cannot be given with --config', 'the config file names them; leave out one of the two')
  if (flags.fix || as !== null)
    throw usageError(`--${flags.fix ? 'fix' : 'as'} cannot be used with --config`, 'give the map files instead')
  const text = await readSource(config, {cwd, trace})
  if ((await kindOf(text)) === 'map') {
    throw usageError(
      `${text.name} is a map, not headscale's config file`,
      `run: headscale-ts derp validate ${text.name}`,
    )
  }
  const validation = await validateConfig(text, {
    behaviour,
    as,
    fetch: flags.fetch === true,
    cwd,
    limits: {trace},
  })
  const notes = validation.skipped
    .filter((target) => /^https?:\/\/[^\s/]/i.test(target) && !flags.fetch)
    .map((target) => `${target} was not fetched (use --fetch)`)
  return report(behaviour, [text.name], validation, notes)
}

/** What kind of file a text is; null if it cannot be parsed, or is none of the three. */
async function kindOf(text: SourceText): Promise<'config' | 'spec' | 'map' | null> {
  try {
    const document = await parseLeniently(text)
    if (isConfig(document)) return 'config'
    if (isSpec(document)) return 'spec'
    return ['regions', 'Regions'].some((key) => lookUp(document.root, key) !== null) ? 'map' : null
  } catch (error) {
    if (error instanceof SyntaxProblem) return null
    throw error
  }
}

function report(
  {release}: Behaviour,
  files: readonly string[],
  {findings, sources}: Validation,
  notes: string[],
): ValidationReport {
  // A later source replaces a region as a whole.
  const regions = new Map(sources.flatMap(({map}) => regionEntries(map)))
  const nodes = [...regions.values()].reduce((sum, region) => sum + region.nodes.length, 0)
  return {release, files: [...files], findings, regions: regions.size, nodes, notes}
}

async function fixFile(
  source: SourceText,
  as: 'paths' | 'urls' | null,
  behaviour: Behaviour,
  notes: string[],
  cwd: string,
): Promise<SourceText> {
  const {name, text, status} = source
  if (status !== null || name === '<stdin>') throw usageError(`--fix cannot write to ${name}`, 'give a file')
  const format = as === null ? formatOf(source) : as === 'paths' ? 'yaml' : 'json'
  const fixed = await fixText(text, name, format, behaviour)
  if (fixed.text === text) return source
  await rewriteFile(name, resolve(cwd, name), fixed.text)
  for (const {place, code, message, fix} of fixed.fixes) {
    notes.push(
      `${name}:${place.line}:${place.column}: fixed ${code}: ${message}; ${fix.charAt(0).toLowerCase()}${fix.slice(1)}`,
    )
  }
  return {...source, text: fixed.text}
}
