/**
 * The sources of settings, as one list: each source has the same methods, and the first source with a value is used. A
 * new kind of source is one more entry.
 *
 *   flags → the file of --config → environment → the file of HEADSCALE_CONFIG or a default location → default sockets
 *
 * A source returns its values and does not choose a server. Nothing is read before it is needed.
 */
import {dirname, isAbsolute} from 'node:path'
import {usageError} from '../errors.ts'
import {checkApiKey, readApiKeyFile, readApiKeyFromStdin} from './api-key.ts'
import type {ConfigFile} from './config-file.ts'
import {likeliestSocket, relativeSocket, withoutUnixScheme} from './socket.ts'
import {parseBoolean, parseTimeout} from './values.ts'

/** What kind of source named something. */
export type SourceKind = 'flag' | 'environment' | 'config-file' | 'default'

/** Where a value was given. */
export interface Source {
  kind: SourceKind
  /** As in messages: `--address`, `HEADSCALE_UNIX_SOCKET`, `cli.address in /etc/headscale/config.yaml`. */
  name: string
  /** The path of the config file that has it; absent for any other kind. */
  file?: string
}

/** The server that one source names. Within one source an address takes precedence over a socket. */
export type ServerChoice =
  | {kind: 'remote'; address: string; source: Source}
  | {kind: 'socket'; path: string; source: Source}

/** A value and where it was given. */
export interface Setting<T> {
  value: T
  source: Source
}

/** One source of settings. Every method returns null for a setting that the source does not have. */
export interface SettingsSource {
  /**
   * Whether the user chose this source: a flag, a variable, or a file that one of them names. A file at a default
   * location is not chosen: for example, a file in the working directory can belong to anyone.
   */
  chosen: boolean
  server(): ServerChoice | null
  /** Whether there is a key, without reading it. */
  hasApiKey(): boolean
  /** @param warnings receives what the user should know about the file with the key */
  apiKey(warnings: string[]): Promise<Setting<string> | null>
  timeoutMs(): Setting<number> | null
  insecure(): Setting<boolean> | null
  /** As written, as in `metrics_listen_addr`. */
  metricsAddress(): Setting<string> | null
}

/** The global flags about the connection, as given. Undefined means not given. */
export interface ConnectionFlags {
  address?: string
  apiKeyFile?: string
  socket?: string
  config?: string
  insecure?: boolean
  caFile?: string
  timeout?: string
  metricsAddress?: string
}

export function flagSource(flags: ConnectionFlags, cwd: string): SettingsSource {
  const named = (name: string): Source => ({kind: 'flag', name})
  return {
    chosen: true,
    server: () => serverChoice(flags.address, named('--address'), flags.socket, named('--socket')),
    hasApiKey: () => flags.apiKeyFile !== undefined,
    async apiKey(warnings) {
      if (flags.apiKeyFile === undefined) return null
      const source = named('--api-key-file')
      if (flags.apiKeyFile === '-') return {value: await readApiKeyFromStdin(), source}
      return keyFromFile(flags.apiKeyFile, source, cwd, warnings)
    },
    timeoutMs() {
      const {timeout} = flags
      return timeout === undefined ? null : {value: parseTimeout(timeout, '--timeout'), source: named('--timeout')}
    },
    insecure: () => (flags.insecure === undefined ? null : {value: flags.insecure, source: named('--insecure')}),
    metricsAddress: () =>
      flags.metricsAddress === undefined ? null : {value: flags.metricsAddress, source: named('--metrics-address')},
  }
}

/** @param env a variable's value; undefined when it is unset or empty, as in viper */
export function environmentSource(env: (name: string) => string | undefined, cwd: string): SettingsSource {
  const named = (name: string): Source => ({kind: 'environment', name})
  return {
    chosen: true,
    // Variables that are filled from a file (mounted secrets, $(cat …) with care) end in a line break.
    server: () =>
      serverChoice(
        env('HEADSCALE_CLI_ADDRESS')?.trim(),
        named('HEADSCALE_CLI_ADDRESS'),
        env('HEADSCALE_UNIX_SOCKET')?.trim(),
        named('HEADSCALE_UNIX_SOCKET'),
      ),
    hasApiKey: () => env('HEADSCALE_CLI_API_KEY') !== undefined || env('HEADSCALE_CLI_API_KEY_FILE') !== undefined,
    async apiKey(warnings) {
      const key = env('HEADSCALE_CLI_API_KEY')
      const file = env('HEADSCALE_CLI_API_KEY_FILE')?.trim()
      if (key !== undefined && file !== undefined) {
        throw usageError(
          'HEADSCALE_CLI_API_KEY and HEADSCALE_CLI_API_KEY_FILE are both set',
          'unset one of them, or pass --api-key-file',
        )
      }
      if (file !== undefined) return keyFromFile(file, named('HEADSCALE_CLI_API_KEY_FILE'), cwd, warnings)
      if (key === undefined) return null
      return {value: checkApiKey(key, 'HEADSCALE_CLI_API_KEY'), source: named('HEADSCALE_CLI_API_KEY')}
    },
    timeoutMs() {
      const text = env('HEADSCALE_CLI_TIMEOUT')
      const source = named('HEADSCALE_CLI_TIMEOUT')
      return text === undefined ? null : {value: parseTimeout(text, source.name), source}
    },
    insecure() {
      const text = env('HEADSCALE_CLI_INSECURE')
      if (text === undefined) return null
      const value = parseBoolean(text)
      if (value === null) {
        throw usageError('invalid HEADSCALE_CLI_INSECURE: expected true or false', 'set it to true or false')
      }
      return {value, source: named('HEADSCALE_CLI_INSECURE')}
    },
    metricsAddress() {
      const value = env('HEADSCALE_METRICS_LISTEN_ADDR')?.trim()
      return value === undefined ? null : {value, source: named('HEADSCALE_METRICS_LISTEN_ADDR')}
    },
  }
}

interface FileOptions {
  /** Whether the user named the file. */
  chosen: boolean
  cwd: string
  /** The working directory of the server's systemd unit. */
  serverFolder: string
  /** Receives a warning when a relative socket path is a guess. */
  warnings: string[]
}

export function fileSource(file: ConfigFile, {chosen, cwd, serverFolder, warnings}: FileOptions): SettingsSource {
  const {path, settings} = file
  const named = (key: string): Source => ({kind: 'config-file', name: `${key} in ${path}`, file: path})
  return {
    chosen,
    server() {
      const choice = serverChoice(settings.address, named('cli.address'), settings.socket, named('unix_socket'))
      if (choice?.kind !== 'socket' || isAbsolute(choice.path)) return choice
      const guess = relativeSocket(choice.path, cwd, dirname(path), serverFolder)
      if (!guess.exists) {
        const relative = `${choice.source.name} is relative to the directory where the server was started`
        warnings.push(`${relative}; trying ${guess.path}`)
      }
      return {...choice, path: guess.path}
    },
    hasApiKey: () => settings.apiKey !== null,
    async apiKey() {
      if (settings.apiKey === null) return null
      const source = named('cli.api_key')
      return {value: checkApiKey(settings.apiKey, source.name), source}
    },
    timeoutMs: () => (settings.timeoutMs === null ? null : {value: settings.timeoutMs, source: named('cli.timeout')}),
    insecure: () => (settings.insecure === null ? null : {value: settings.insecure, source: named('cli.insecure')}),
    metricsAddress: () =>
      settings.metricsAddress === null ? null : {value: settings.metricsAddress, source: named('metrics_listen_addr')},
  }
}

/** The last source: the default sockets of headscale's packages. */
export function defaultSource(sockets: readonly [string, ...string[]]): SettingsSource {
  return {
    chosen: false,
    server: () => ({
      kind: 'socket',
      path: likeliestSocket(sockets).path,
      source: {kind: 'default', name: 'the default location'},
    }),
    hasApiKey: () => false,
    apiKey: async () => null,
    timeoutMs: () => null,
    insecure: () => null,
    metricsAddress: () => null,
  }
}

function serverChoice(
  address: string | null | undefined,
  addressSource: Source,
  path: string | null | undefined,
  pathSource: Source,
): ServerChoice | null {
  if (address != null) return {kind: 'remote', address, source: addressSource}
  return path == null ? null : {kind: 'socket', path: withoutUnixScheme(path), source: pathSource}
}

function keyFromFile(path: string, source: Source, cwd: string, warnings: string[]): Setting<string> {
  const {key, warning} = readApiKeyFile(path, source.name, cwd)
  if (warning !== null) warnings.push(warning)
  return {value: key, source}
}
