/**
 * Which server a command speaks to: flags over environment over headscale's config file over the well-known sockets.
 *
 * The first of these that names a server, by address or by socket, decides; within one an address beats a socket.
 * Key, time-out and `insecure` are looked up one by one in the same order, so a key may come from elsewhere than its
 * address. No file is opened when flags and environment suffice. Nothing is sent from here, and no message may hold
 * the key. Start-up matters: no library at the top of this file or of those it imports.
 */
import {dirname, isAbsolute, join, resolve} from 'node:path'
import {usageError} from '../errors.ts'
import {isLoopback, parseAddress} from './address.ts'
import {checkApiKey, readApiKeyFile} from './api-key.ts'
import {type ConfigFile, findConfig, readNamedConfig} from './config-file.ts'
import {readSmallFile} from './read-file.ts'
import {likeliestSocket, relativeSocket, socketPath} from './socket.ts'
import {DEFAULT_TIMEOUT_MS, parseSwitch, parseTimeout} from './values.ts'

/** The global flags about the connection, as typed. Undefined means not given; an empty text is a usage error. */
export interface ConnectionFlags {
  address?: string
  apiKeyFile?: string
  socket?: string
  config?: string
  insecure?: boolean
  caFile?: string
  timeout?: string
}

/** The server, and all that is needed to speak to it. `source` says where it was named, for messages. */
export type ServerTarget =
  | {kind: 'socket'; /** absolute */ path: string; timeoutMs: number; source: string}
  | {
      kind: 'remote'
      /** http or https; the path ends in `/` and is without `/api/v1`, so `new URL('api/v1/user', url)` keeps a prefix. */
      url: URL
      apiKey: string
      /** Do not check the server's certificate. */
      insecure: boolean
      /** Absolute path of a PEM file to trust instead of the system's; readable a moment ago. */
      caFile: string | null
      timeoutMs: number
      source: string
    }

/** What surrounds the program. Files are read through node:fs. */
export interface ConfigHost {
  env: Record<string, string | undefined>
  /** The user's home folder; null when there is none. */
  home: string | null
  cwd: string
  /** Where headscale's packages put things; tests point it elsewhere. */
  places?: Places
}

/** The fixed places of a headscale installation. */
export interface Places {
  configFolder: string
  /** The folder the server runs in: WorkingDirectory of headscale's systemd unit. */
  serverFolder: string
  /** The default of 0.22.2 and later, then the one before. */
  sockets: readonly [string, ...string[]]
}

const PLACES: Places = {
  configFolder: '/etc/headscale',
  serverFolder: '/var/lib/headscale',
  sockets: ['/var/run/headscale/headscale.sock', '/var/run/headscale.sock'],
}

/** Several times the largest bundle any system ships. */
const CA_FILE_LIMIT = 4_194_304

/** A server as one source names it. */
type Choice = {kind: 'socket'; path: string; source: string} | {kind: 'remote'; address: string; source: string}

/** Everything the lookups share. */
interface Lookup {
  flags: ConnectionFlags
  host: ConfigHost
  places: Places
  /** A variable's value; undefined when it is unset or empty, as viper has it. */
  env(name: string): string | undefined
  /** The config file; null when there is none or none was needed. */
  file: ConfigFile | null
  warnings: string[]
}

/**
 * Finds the server.
 *
 * @returns the server, and lines for stderr about what works but should be known
 * @throws a usage error (exit 2) for whatever is wrong on the command line, in the environment or in a config file
 */
export async function resolveTarget(
  flags: ConnectionFlags,
  host: ConfigHost,
): Promise<{target: ServerTarget; warnings: string[]}> {
  refuseEmptyFlags(flags)
  const env = (name: string): string | undefined => host.env[name] || undefined
  const lookup: Lookup = {flags, host, places: host.places ?? PLACES, env, file: null, warnings: []}

  const fromFlags = choose(flags.address, '--address', flags.socket, '--socket')
  const fromEnv = choose(
    env('HEADSCALE_CLI_ADDRESS'),
    'HEADSCALE_CLI_ADDRESS',
    env('HEADSCALE_UNIX_SOCKET'),
    'HEADSCALE_UNIX_SOCKET',
  )
  const named = fromFlags ?? fromEnv
  const keyNamed = flags.apiKeyFile !== undefined || env('HEADSCALE_CLI_API_KEY') !== undefined
  if (named === null || (named.kind === 'remote' && !keyNamed)) lookup.file = await readConfig(lookup)

  const choice = named ?? fromFile(lookup) ?? usualSocket(lookup)
  const target = choice.kind === 'socket' ? socketTarget(choice, lookup) : await remoteTarget(choice, lookup)
  if (choice === fromEnv && flags.config !== undefined) {
    lookup.warnings.push(`${choice.source} names the server, not --config ${flags.config}: the environment comes first`)
  }
  return {target, warnings: lookup.warnings}
}

function refuseEmptyFlags(flags: ConnectionFlags): void {
  const texts = {
    '--address': flags.address,
    '--api-key-file': flags.apiKeyFile,
    '--socket': flags.socket,
    '--config': flags.config,
    '--ca-file': flags.caFile,
    '--timeout': flags.timeout,
  }
  for (const [flag, text] of Object.entries(texts)) {
    if (text === '') throw usageError(`${flag} has an empty value`, 'give it a value, or leave it out')
  }
}

function choose(
  address: string | null | undefined,
  addressSource: string,
  path: string | null | undefined,
  pathSource: string,
): Choice | null {
  if (address != null) return {kind: 'remote', address, source: addressSource}
  return path == null ? null : {kind: 'socket', path, source: pathSource}
}

async function readConfig({flags, host, places, env, warnings}: Lookup): Promise<ConfigFile | null> {
  if (flags.config !== undefined) return readNamedConfig(flags.config, '--config', host.cwd)
  const named = env('HEADSCALE_CONFIG')
  if (named !== undefined) return readNamedConfig(named, 'HEADSCALE_CONFIG', host.cwd)

  const folders = [places.configFolder, ...(host.home ? [join(host.home, '.headscale')] : [])]
  const closed: string[] = []
  const file = await findConfig(folders, host.cwd, closed)
  warnings.push(...closed.map((path) => `no permission to read the config file ${path}; going on without it`))
  return file
}

/** The server the config file names. */
function fromFile({file, host, places, warnings}: Lookup): Choice | null {
  if (file === null) return null
  const {address, socket} = file.settings
  const choice = choose(address, `cli.address in ${file.path}`, socket, `unix_socket in ${file.path}`)
  if (choice?.kind !== 'socket' || isAbsolute(choice.path)) return choice

  const {path, seen} = relativeSocket(choice.path, host.cwd, dirname(file.path), places.serverFolder)
  if (!seen) warnings.push(`${choice.source} is relative to the folder the server was started in; trying ${path}`)
  return {...choice, path}
}

function usualSocket({places}: Lookup): Choice {
  return {kind: 'socket', path: likeliestSocket(places.sockets).path, source: 'the usual place'}
}

function socketTarget(choice: Choice & {kind: 'socket'}, lookup: Lookup): ServerTarget {
  const path = socketPath(lookup.host.cwd, choice.path, choice.source)
  if (lookup.flags.apiKeyFile !== undefined) {
    const hint = 'add --address URL, or leave out --api-key-file: a socket takes no key'
    throw usageError(`--api-key-file is of no use on the socket ${path} (${choice.source})`, hint)
  }
  return {kind: 'socket', path, timeoutMs: timeoutOf(lookup), source: choice.source}
}

async function remoteTarget({address, source}: Choice & {kind: 'remote'}, lookup: Lookup): Promise<ServerTarget> {
  const {flags, host, file, warnings} = lookup
  const url = parseAddress(address, source)
  const timeoutMs = timeoutOf(lookup)
  const insecure = insecureSource(lookup)
  const caFile = flags.caFile === undefined ? null : readableFile(resolve(host.cwd, flags.caFile), '--ca-file')
  const key = await apiKey(lookup)
  if (key === null) {
    const closed = warnings.length > 0 ? ` (${warnings.join('; ')})` : ''
    throw usageError(
      `no API key for ${url.host}, the address from ${source}${closed}`,
      'give one with --api-key-file FILE, HEADSCALE_CLI_API_KEY or cli.api_key in the config file',
    )
  }

  if (file?.stray && source === `cli.address in ${file.path}` && key.source !== file.path) {
    warnings.push(
      `the API key from ${key.source} goes to ${url.host}, an address from the working directory (${file.path})`,
    )
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    warnings.push(
      `the API key goes to ${url.host} over plain http, readable on the way: use https if the server has it`,
    )
  }
  if (url.protocol === 'https:' && insecure !== null) {
    warnings.push(`TLS certificate of ${url.host} not verified (${insecure}): the API key may go to somebody else`)
  }
  return {kind: 'remote', url, apiKey: key.text, insecure: insecure !== null, caFile, timeoutMs, source}
}

async function apiKey({flags, host, env, file, warnings}: Lookup): Promise<{text: string; source: string} | null> {
  if (flags.apiKeyFile !== undefined) {
    const {key, warning} = await readApiKeyFile(flags.apiKeyFile, host.cwd)
    if (warning !== null) warnings.push(warning)
    return {text: key, source: '--api-key-file'}
  }
  const fromEnv = env('HEADSCALE_CLI_API_KEY')
  if (fromEnv !== undefined) {
    return {text: checkApiKey(fromEnv, 'HEADSCALE_CLI_API_KEY'), source: 'HEADSCALE_CLI_API_KEY'}
  }
  if (!file?.settings.apiKey) return null
  return {text: checkApiKey(file.settings.apiKey, `cli.api_key in ${file.path}`), source: file.path}
}

function timeoutOf({flags, env, file}: Lookup): number {
  if (flags.timeout !== undefined) return parseTimeout(flags.timeout, '--timeout')
  const fromEnv = env('HEADSCALE_CLI_TIMEOUT')
  if (fromEnv !== undefined) return parseTimeout(fromEnv, 'HEADSCALE_CLI_TIMEOUT')
  return file?.settings.timeoutMs ?? DEFAULT_TIMEOUT_MS
}

/** Who says that the certificate is not to be checked; null when it is. */
function insecureSource({flags, env, file}: Lookup): string | null {
  if (flags.insecure !== undefined) return flags.insecure ? '--insecure' : null
  const text = env('HEADSCALE_CLI_INSECURE')
  if (text !== undefined) {
    const on = parseSwitch(text)
    if (on === null) throw usageError('HEADSCALE_CLI_INSECURE is neither true nor false', 'set it to true or false')
    return on ? 'HEADSCALE_CLI_INSECURE' : null
  }
  return file?.settings.insecure ? `cli.insecure in ${file.path}` : null
}

/** Read once here, so that a wrong path is a usage error and not a riddle about TLS. */
function readableFile(path: string, flag: string): string {
  const read = readSmallFile(path, CA_FILE_LIMIT)
  if (read.kind === 'text') return path
  throw usageError(`cannot read ${path} (${flag}): ${read.words}`, 'name a PEM file of certificates')
}
