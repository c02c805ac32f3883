/**
 * The settings of headscale's config file for the command line: `cli:`, `unix_socket`, `server_url` and
 * `metrics_listen_addr`, nothing else.
 *
 * The rest of the file is for the server and is ignored. The case of keys does not matter, as in viper; of two keys
 * that differ only in case the last one is used, and an empty value means not set. This file uses parsed values and not
 * text, so that it works with every parser; the parser adds the position of a problem.
 */
import {HeadscaleError} from '../errors.ts'
import {parseBoolean, parseTimeout} from './values.ts'

/** The settings of one file; null for a setting that it does not have. */
export interface FileSettings {
  address: string | null
  apiKey: string | null
  insecure: boolean | null
  timeoutMs: number | null
  /** As written: possibly relative. */
  socket: string | null
  /** As written. It is the server's business, so an invalid value is null. */
  serverUrl: string | null
  /** As written, with the same rule. */
  metricsAddress: string | null
}

/** An invalid value. The message does not quote the value, which could be the API key. */
export class SettingProblem extends Error {
  /** The path of keys to the value, in lower case; empty for the file itself. */
  readonly path: readonly string[]
  readonly hint: string

  constructor(path: readonly string[], message: string, hint: string) {
    super(message)
    this.path = path
    this.hint = hint
  }
}

/**
 * Extracts the settings from a parsed file.
 *
 * @param content null or undefined for an empty file
 * @throws SettingProblem
 */
export function settingsOf(content: unknown): FileSettings {
  const top = mapping(content, [])
  const cli = mapping(pick(top, 'cli'), ['cli'])
  const text = (name: string): string | null => {
    const value = pick(top, name)
    return typeof value === 'string' ? value : null
  }
  return {
    address: textSetting(pick(cli, 'address'), ['cli', 'address']),
    apiKey: textSetting(pick(cli, 'api_key'), ['cli', 'api_key']),
    insecure: booleanSetting(pick(cli, 'insecure'), ['cli', 'insecure']),
    timeoutMs: timeoutSetting(pick(cli, 'timeout'), ['cli', 'timeout']),
    socket: textSetting(pick(top, 'unix_socket'), ['unix_socket']),
    serverUrl: text('server_url'),
    metricsAddress: text('metrics_listen_addr') || null,
  }
}

function pick(values: Record<string, unknown>, name: string): unknown {
  return Object.entries(values).findLast(([key]) => key.toLowerCase() === name)?.[1]
}

function mapping(value: unknown, path: string[]): Record<string, unknown> {
  if (value === null || value === undefined || value === '') return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  if (path.length === 0) {
    throw new SettingProblem(path, 'expected a mapping of keys to values', "name headscale's own config file")
  }
  const hint = 'write its keys on separate, indented lines'
  throw new SettingProblem(path, `invalid ${path.join('.')}: expected a mapping of keys to values`, hint)
}

function textSetting(value: unknown, path: string[]): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return value
  throw new SettingProblem(path, `invalid ${path.join('.')}: expected a string`, 'put the value in double quotes')
}

/** `yes` and `on` too: the YAML library of headscale up to 0.22 reads them as true. */
function booleanSetting(value: unknown, path: string[]): boolean | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return value
  const word = String(value)
  const found = parseBoolean(word) ?? {yes: true, on: true, no: false, off: false}[word.toLowerCase()]
  if (found !== undefined && typeof value !== 'object') return found
  throw new SettingProblem(path, `invalid ${path.join('.')}: expected true or false`, 'write true or false')
}

function timeoutSetting(value: unknown, path: string[]): number | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new SettingProblem(path, `invalid ${path.join('.')}: expected a duration`, 'for example 30s or 1m30s')
  }
  try {
    return parseTimeout(String(value), null)
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    throw new SettingProblem(path, `invalid ${path.join('.')}: ${error.message}`, error.hint ?? '')
  }
}
