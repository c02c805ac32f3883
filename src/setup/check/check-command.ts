/** `setup check` without its command: flags become findings, and the text that `--fix` would write. */
import {resolve} from 'node:path'
import {CONFIG_FOLDER, configFolders, configPaths} from '../../config/config-file.ts'
import {isUrl} from '../../derp/read/url.ts'
import {readSource} from '../../derp/read/read.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {rewriteFile} from '../../system/replace-file.ts'
import {unifiedDiff} from '../../text/line-diff.ts'
import {readBeside} from '../beside/beside.ts'
import {fileEnvironment, processEnvironment} from '../config/environment.ts'
import {configRules} from '../releases.ts'
import {checkConfig} from './check.ts'
import {isMissing, machineFiles} from './machine-files.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Renamed} from '../fix/fix-renames.ts'
import type {CheckOptions} from './check.ts'
import type {ConfigReport} from './report.ts'

export interface CheckFlags {
  /** As given; without it the file is searched where headscale searches it. */
  config?: string | undefined
  release?: string | undefined
  envFile?: string | undefined
  installed?: boolean | undefined
  with?: readonly string[] | undefined
  fix?: boolean | undefined
}

export interface CheckContext {
  cwd: string
  home: string | null
  env: Readonly<Record<string, string | undefined>>
}

/** What `--fix` would do. */
export interface Fix {
  renamed: Renamed[]
  diff: string
  /** The report after it. */
  report: ConfigReport
  write(): Promise<void>
}

export interface CheckResult {
  report: ConfigReport
  /** Null without `--fix`, or if there is nothing to fix. */
  fix: Fix | null
}

/** @throws HeadscaleError `usage`, or what reading a file throws */
export async function runCheck(flags: CheckFlags, context: CheckContext): Promise<CheckResult> {
  const rules = configRules(flags.release)
  const target = flags.config ?? findConfigFile(context)
  if (isUrl(target)) throw usageError('the config file cannot be a URL', 'download it first')
  if (flags.fix && target === '-') throw usageError('--fix cannot write to standard input', 'give a file')
  const {cwd} = context
  const {name, text} = await readSource(target, {cwd})
  const path = target === '-' ? null : resolve(cwd, target)
  const options: CheckOptions = {
    rules,
    environment: await environmentOf(flags, context),
    beside: await readBeside(flags.with ?? [], cwd),
    named: flags.envFile !== undefined,
    files: machineFiles,
    installed: flags.installed ?? isInstalled(path),
    path,
    canFix: path !== null,
    cwd,
  }
  const findings = await checkConfig(text, name, options)
  const reportOf = (list: Finding[]): ConfigReport => ({release: rules.release, file: name, findings: list})
  if (!findings.some(({code}) => code === 'renamed-key')) return {report: reportOf(findings), fix: null}
  const {fixRenames} = await import('../fix/fix-renames.ts')
  const fixed = fixRenames(text, rules)
  const marked = markFixable(findings, fixed.renamed, {offset: 0, end: text.length, text: fixed.text})
  if (!flags.fix || path === null || fixed.renamed.length === 0) return {report: reportOf(marked), fix: null}
  return {
    report: reportOf(marked),
    fix: {
      renamed: fixed.renamed,
      diff: unifiedDiff(text, fixed.text, name),
      report: reportOf(await checkConfig(fixed.text, name, options)),
      write: () => rewriteFile(name, path, fixed.text),
    },
  }
}

/** Whether a config file is that of the server on this machine. */
export function isInstalled(path: string | null): boolean {
  return path !== null && configPaths(configFolders(null, CONFIG_FOLDER)).includes(path)
}

/** The edit is the whole text: keys move between blocks. */
function markFixable(
  findings: readonly Finding[],
  renamed: readonly Renamed[],
  edit: NonNullable<Finding['edit']>,
): Finding[] {
  const names = new Set(renamed.map(({from}) => from))
  return findings.map((finding) =>
    finding.code === 'renamed-key' && names.has(finding.path) ? {...finding, edit} : finding,
  )
}

/** Where headscale itself looks for its file. @throws HeadscaleError `not-found` */
export function findConfigFile({home, cwd}: CheckContext): string {
  const paths = configPaths(configFolders(home, cwd))
  const found = paths.find((path) => !isMissing(path))
  if (found !== undefined) return found
  throw new HeadscaleError('not-found', 'no config file of headscale found', {
    hint: `give it as an argument; it was searched in ${configFolders(home, cwd).join(', ')}`,
  })
}

/** The variables of a file, or of this process. */
export async function environmentOf({envFile}: Pick<CheckFlags, 'envFile'>, {cwd, env}: CheckContext) {
  if (envFile === undefined) return processEnvironment(env)
  const {name, text} = await readSource(envFile, {cwd})
  return fileEnvironment(text, name)
}
