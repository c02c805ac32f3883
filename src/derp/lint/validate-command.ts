/**
 * `derp validate` without its command: the words of the command line become findings, and files are repaired.
 */
import {chown, realpath, rename, rm, stat, writeFile} from 'node:fs/promises'
import {randomBytes} from 'node:crypto'
import {resolve} from 'node:path'

import {HeadscaleError, usageError} from '../../errors.ts'
import {isConfig} from '../config/config.ts'
import {fixText} from './fix.ts'
import {regionEntries} from '../map.ts'
import {dialectOf, parseLeniently} from '../read/parse.ts'
import {readSource} from '../read/read.ts'
import {behaviourOf} from '../releases.ts'
import {isSpec} from '../read/spec.ts'
import {SyntaxProblem, lookUp} from '../../syntax/tree.ts'
import {validateConfig, validateTexts} from './validate.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {SourceText} from '../read/read.ts'
import type {Behaviour} from '../releases.ts'
import type {Document} from '../../syntax/tree.ts'
import type {Validation} from './validate.ts'

/** Flags as typed. */
export interface ValidateWords {
  files: readonly string[]
  config?: string | undefined
  for?: string | undefined
  as?: string | undefined
  fetch?: boolean | undefined
  fix?: boolean | undefined
}

export interface Report {
  release: string
  /** As named on the command line. */
  files: string[]
  findings: Finding[]
  regions: number
  nodes: number
  /** What was repaired or left out, for stderr. */
  notes: string[]
}

/**
 * Validates what was named.
 *
 * @throws HeadscaleError `usage`, or what reading a file named on the command line throws
 */
export async function validatePlan(words: ValidateWords, cwd: string): Promise<Report> {
  const behaviour = behaviourOf(words.for)
  const as = words.as === 'paths' || words.as === 'urls' ? words.as : null
  const {files, config} = words
  if (config === undefined && words.fetch)
    throw usageError('--fetch is for --config', 'a map URL can be named like a file')
  if (config === undefined) {
    if (files.length === 0)
      throw usageError('nothing to validate', "name map files, or headscale's config file with --config")
    const texts: SourceText[] = []
    const notes: string[] = []
    for (const file of files) {
      const text = await readSource(file, {cwd})
      if (await holds(text, isConfig)) {
        throw usageError(`${file} is headscale's config file, not a map`, `headscale-ts derp validate --config ${file}`)
      }
      if (await holds(text, isSpec)) {
        throw usageError(
          `${file} is a spec for derp render, which headscale cannot read`,
          `headscale-ts derp render --from ${file}`,
        )
      }
      texts.push(words.fix ? await repair(text, as, behaviour, notes, cwd) : text)
    }
    return report(behaviour, files, await validateTexts(texts, {behaviour, as}), notes)
  }
  if (files.length > 0) throw usageError('--config names the files itself', 'leave either of them out')
  if (words.fix || as !== null)
    throw usageError(`--${words.fix ? 'fix' : 'as'} is for map files`, 'name the files instead of --config')
  const text = await readSource(config, {cwd})
  if (await holds(text, (document) => lookUp(document.root, 'regions') !== null && !isConfig(document))) {
    throw usageError(`${config} is a map, not headscale's config file`, `headscale-ts derp validate ${config}`)
  }
  const validation = await validateConfig(text, {
    behaviour,
    as,
    fetch: words.fetch === true,
    cwd,
  })
  const notes = validation.skipped
    .filter((target) => /^https?:\/\/[^\s/]/i.test(target) && !words.fetch)
    .map((target) => `${target} was not fetched (--fetch does it)`)
  return report(behaviour, [config], validation, notes)
}

/** Whether a text is a document of this kind; one that cannot be parsed is none. */
async function holds(text: SourceText, test: (document: Document) => boolean): Promise<boolean> {
  try {
    return test(await parseLeniently(text))
  } catch (error) {
    if (error instanceof SyntaxProblem) return false
    throw error
  }
}

function report(
  {release}: Behaviour,
  files: readonly string[],
  {findings, sources}: Validation,
  notes: string[],
): Report {
  // A later source replaces a region as a whole.
  const regions = new Map(sources.flatMap(({map}) => regionEntries(map)))
  const nodes = [...regions.values()].reduce((sum, region) => sum + region.nodes.length, 0)
  return {release, files: [...files], findings, regions: regions.size, nodes, notes}
}

async function repair(
  source: SourceText,
  as: 'paths' | 'urls' | null,
  behaviour: Behaviour,
  notes: string[],
  cwd: string,
): Promise<SourceText> {
  const {name, text, status} = source
  if (status !== null || name === '<stdin>') throw usageError(`--fix cannot write to ${name}`, 'name a file')
  const dialect = as === null ? dialectOf(source) : as === 'paths' ? 'yaml' : 'json'
  const fixed = await fixText(text, name, dialect, behaviour)
  if (fixed.text === text) return source
  await replaceFile(name, resolve(cwd, name), fixed.text)
  for (const {place, code, message, fix} of fixed.repaired) {
    notes.push(
      `${name}:${place.line}:${place.column}: repaired ${code}: ${message}; ${fix.charAt(0).toLowerCase()}${fix.slice(1)}`,
    )
  }
  return {...source, text: fixed.text}
}

/** Written beside the file and renamed, so that headscale never reads half of it; owner and mode stay. */
async function replaceFile(name: string, path: string, text: string): Promise<void> {
  let temporary: string | null = null
  try {
    const target = await realpath(path)
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
    const {mode, uid, gid} = await stat(target)
    await writeFile(temporary, text, {mode: mode & 0o777, flag: 'wx'})
    await chown(temporary, uid, gid)
    await rename(temporary, target)
  } catch (cause) {
    if (temporary !== null) await rm(temporary, {force: true}).catch(() => {})
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new HeadscaleError('permission-denied', `${name} cannot be written: ${reason}`, {
      hint: "run as the file's owner or as root",
      cause,
    })
  }
}
