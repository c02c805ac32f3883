/** What every rule of `setup check` gets: the settings, the release, the files of this machine, and the report. */
import {dirname, isAbsolute, join} from 'node:path'
import {Findings} from '../../diagnostics/finding.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Settings} from '../config/settings.ts'
import type {ConfigRules} from '../releases.ts'
import type {Place} from '../../syntax/tree.ts'
import {isMissing} from './machine-files.ts'
import type {MachineFiles} from './machine-files.ts'

/** The text of a finding: the problem, what follows, what to do; one clause each, without a full stop. */
export type Words = [message: string, reason: string, fix: string]

export class Context {
  readonly rules: ConfigRules
  readonly settings: Settings
  readonly files: MachineFiles
  /** Whether the server runs on this machine, so that a missing file is a problem. */
  readonly installed: boolean
  /** The absolute path of the config file; null for standard input. */
  readonly configPath: string | null
  /** Whether the command can rename keys itself, with --fix. */
  readonly canFix: boolean
  readonly #findings = new Findings()

  constructor(init: {
    rules: ConfigRules
    settings: Settings
    files: MachineFiles
    installed: boolean
    configPath: string | null
    canFix: boolean
  }) {
    this.rules = init.rules
    this.settings = init.settings
    this.files = init.files
    this.installed = init.installed
    this.configPath = init.configPath
    this.canFix = init.canFix
  }

  get findings(): Finding[] {
    return this.#findings.list
  }

  /** The server does not start, or a setting does not do what it says. */
  error(code: string, key: string, [message, reason, fix]: Words, place?: Place): void {
    this.#findings.error(code, place ?? this.settings.place(key), key, {message, reason, fix})
  }

  /** The server works, probably not as intended. */
  warning(code: string, key: string, [message, reason, fix]: Words, place?: Place): void {
    this.#findings.warning(code, place ?? this.settings.place(key), key, {message, reason, fix})
  }

  /** Findings of another check. */
  add(findings: readonly Finding[]): void {
    this.#findings.list.push(...findings)
  }

  /** The path as headscale resolves it: from the folder of the config file. Null where that folder is not known. */
  path(text: string): string | null {
    if (text === '' || isAbsolute(text)) return text === '' ? null : text
    return this.configPath === null ? null : join(dirname(this.configPath), text)
  }

  /**
   * Whether a file that must exist is missing: on the server's own machine, and elsewhere if at least its folder is here.
   * A file of another machine says nothing.
   */
  misses(text: string): boolean {
    const path = this.path(text)
    return path !== null && isMissing(path) && (this.installed || !isMissing(dirname(path)))
  }
}
