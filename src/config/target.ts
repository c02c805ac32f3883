/**
 * Finds the server of a command, and the key, timeout and TLS settings for it.
 *
 * Each setting is looked up separately in the list of sources (sources.ts), so a key and its address can come from
 * different sources. This is safe only for an address that the user chose: a key from another source is never sent to
 * an address in a file that the user did not name. No file is opened if flags and environment are enough. Nothing is
 * sent from here, and no message contains the key. Start-up time matters: no static imports of libraries here.
 */
import {usageError} from '../errors.ts'
import {isLoopback} from '../system/addresses.ts'
import {readSmallFile} from '../system/files.ts'
import {parseAddress} from './address.ts'
import {CONFIG_FOLDER, type ConfigFile, configFolders, findConfig, readNamedConfig} from './config-file.ts'
import {fileError, readableByOthers} from './named-file.ts'
import {type DebugListener, debugListenerAt} from './debug-listener.ts'
import {socketPath} from './socket.ts'
import {
  type ConnectionFlags,
  defaultSource,
  environmentSource,
  fileSource,
  flagSource,
  type ServerChoice,
  type Setting,
  type SettingsSource,
  type Source,
} from './sources.ts'
import {DEFAULT_TIMEOUT_MS} from './values.ts'

export type {ConnectionFlags, Source} from './sources.ts'

/** The server, and everything needed to connect to it. `source` is where it was configured. */
export type ServerTarget =
  | {
      kind: 'socket'
      /** absolute */
      path: string
      timeoutMs: number
      /** Where the server's debug pages are; null if no setting that was read says so. */
      debugListener: DebugListener | null
      source: Source
    }
  | {
      kind: 'remote'
      /** http or https; the path ends in `/` and is without `/api/v1`, so `new URL('api/v1/user', url)` keeps a prefix. */
      url: URL
      apiKey: string
      /** Where the key was given. */
      apiKeySource: Source
      /** Do not verify the server's certificate. */
      insecure: boolean
      /** Absolute path of a PEM file of authorities to trust in addition to the system's; readable a moment ago. */
      caFile: string | null
      timeoutMs: number
      debugListener: DebugListener | null
      source: Source
    }

/** The process around the program. Files are read through node:fs. */
export interface ConfigHost {
  env: Record<string, string | undefined>
  /** The user's home folder; null when there is none. */
  home: string | null
  cwd: string
  /** Receives a line for each setting: its value (not that of the key) and where it comes from. */
  trace?: ((line: string) => void) | undefined
  /** Where headscale's packages put things; tests use other places. */
  locations?: Locations
}

/** The default locations of a headscale installation. */
export interface Locations {
  configFolder: string
  /** The folder the server runs in: WorkingDirectory of headscale's systemd unit. */
  serverFolder: string
  /** The default since 0.22.2, then the one before. */
  sockets: readonly [string, ...string[]]
}

export const LOCATIONS: Locations = {
  configFolder: CONFIG_FOLDER,
  serverFolder: '/var/lib/headscale',
  sockets: ['/var/run/headscale/headscale.sock', '/var/run/headscale.sock'],
}

/** Several times the size of the largest system bundle. */
const CA_FILE_LIMIT = 4_194_304

/** The state of the search. */
interface Search {
  flags: ConnectionFlags
  host: ConfigHost
  locations: Locations
  env(name: string): string | undefined
  /** In the order they are asked; the file is added when it is needed. */
  sources: SettingsSource[]
  warnings: string[]
}

/** The server in messages: `the socket PATH`, or its address. */
export function describeTarget(target: ServerTarget): string {
  return target.kind === 'socket' ? `the socket ${target.path}` : target.url.href.replace(/\/$/, '')
}

/**
 * Finds the server.
 *
 * @returns the server, and warnings for standard error
 * @throws a usage error (exit code 2) for anything wrong on the command line, in the environment or in a config file
 */
export async function resolveTarget(
  flags: ConnectionFlags,
  host: ConfigHost,
): Promise<{target: ServerTarget; warnings: string[]}> {
  rejectEmptyFlags(flags)
  const env = (name: string): string | undefined => host.env[name] || undefined
  const search: Search = {flags, host, locations: host.locations ?? LOCATIONS, env, sources: [], warnings: []}
  const {choice, chosen} = await chooseServer(search)
  const target = choice.kind === 'socket' ? socketTarget(choice, search) : await remoteTarget(choice, chosen, search)
  report(target, search)
  return {target, warnings: search.warnings}
}

/** Reports the settings, without the key. */
function report(target: ServerTarget, search: Search): void {
  const {trace} = search.host
  if (!trace) return
  const {value: timeoutMs, source: timeoutSource} = timeoutOf(search)
  trace(`server: ${describeTarget(target)} (${target.source.name})`)
  if (target.kind === 'remote') {
    trace(`API key: from ${target.apiKeySource.name}`)
    const {insecure, caFile} = target
    const verified = insecure ? `not verified (${insecureSetting(search).source.name})` : 'verified'
    if (target.url.protocol === 'https:') {
      trace(`TLS certificate: ${verified}`)
      const extra = search.env('NODE_EXTRA_CA_CERTS')
      if (extra !== undefined) trace(`CA certificates: also ${extra} (NODE_EXTRA_CA_CERTS)`)
      if (caFile !== null) trace(`CA certificates: also ${caFile} (--ca-file)`)
    }
  }
  trace(`timeout: ${timeoutMs / 1000} s (${timeoutSource.name})`)
}

function rejectEmptyFlags(flags: ConnectionFlags): void {
  const texts = {
    '--address': flags.address,
    '--api-key-file': flags.apiKeyFile,
    '--socket': flags.socket,
    '--config': flags.config,
    '--ca-file': flags.caFile,
    '--timeout': flags.timeout,
  }
  for (const [flag, text] of Object.entries(texts)) {
    if (text === '') throw usageError(`${flag} has an empty value`, 'pass a value, or omit the flag')
  }
}

/**
 * Fills the list of sources as far as needed, and finds the server in it.
 *
 * @returns the server, and whether the user chose the source that names it
 */
async function chooseServer(search: Search): Promise<{choice: ServerChoice; chosen: boolean}> {
  const {flags, host, locations, env, sources, warnings} = search
  sources.push(flagSource(flags, host.cwd))
  let named: ConfigFile | null = null
  if (flags.config !== undefined) {
    named = await readNamedConfig(flags.config, '--config', host.cwd)
    addFile(named, true, search)
  }
  sources.push(environmentSource(env, host.cwd))

  const given = firstServer(sources)
  if (named !== null && given?.choice.source.kind === 'environment') {
    warnings.push(`${named.path} names no server (cli.address or unix_socket); using ${given.choice.source.name}`)
  }
  const hasKey = sources.some((source) => source.hasApiKey())
  const known = sources.length
  if (named === null) {
    if (given === null || (given.choice.kind === 'remote' && !hasKey)) await addDefaultFile(search)
    else host.trace?.('config file: not read, since flags or variables name the server')
  }
  sources.push(defaultSource(locations.sockets))
  return given ?? firstServer(sources.slice(known))!
}

function firstServer(sources: readonly SettingsSource[]): {choice: ServerChoice; chosen: boolean} | null {
  for (const source of sources) {
    const choice = source.server()
    if (choice !== null) return {choice, chosen: source.chosen}
  }
  return null
}

/** The file of HEADSCALE_CONFIG, otherwise the first file at the default locations. */
async function addDefaultFile(search: Search): Promise<void> {
  const {host, locations, env, warnings} = search
  const path = env('HEADSCALE_CONFIG')
  if (path !== undefined) return addFile(await readNamedConfig(path, 'HEADSCALE_CONFIG', host.cwd), true, search)
  const closed: string[] = []
  const file = await findConfig(configFolders(host.home, host.cwd, locations.configFolder), closed)
  warnings.push(...closed.map((each) => `no permission to read the config file ${each}; continuing without it`))
  if (file === null) host.trace?.('config file: none found')
  else addFile(file, false, search)
}

function addFile(file: ConfigFile, chosen: boolean, {host, locations, sources, warnings}: Search): void {
  const warning = file.settings.apiKey === null ? null : readableByOthers('config file', file)
  if (warning !== null) warnings.push(warning)
  host.trace?.(`config file: ${file.path}`)
  sources.push(fileSource(file, {chosen, cwd: host.cwd, serverFolder: locations.serverFolder, warnings}))
}

function socketTarget(choice: ServerChoice & {kind: 'socket'}, search: Search): ServerTarget {
  const {source} = choice
  const path = socketPath(search.host.cwd, choice.path, source.name)
  if (search.flags.apiKeyFile !== undefined) {
    const hint = 'add --address URL, or omit --api-key-file: a socket needs no key'
    throw usageError(`--api-key-file cannot be used with the socket ${path} (${source.name})`, hint)
  }
  return {kind: 'socket', path, timeoutMs: timeoutOf(search).value, debugListener: debugListenerOf(search), source}
}

async function remoteTarget(
  choice: ServerChoice & {kind: 'remote'},
  chosen: boolean,
  search: Search,
): Promise<ServerTarget> {
  const {address, source} = choice
  const {warnings} = search
  const url = parseAddress(address, source.name)
  const timeoutMs = timeoutOf(search).value
  const insecure = insecureSetting(search)
  const caFile = readableCaFile(search)
  const {value: apiKey, source: apiKeySource} = await apiKeyFor(url, {source, chosen}, search)

  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warnings.push(
      `the API key is sent to ${url.host} over unencrypted http and can be intercepted: use https if possible`,
    )
  }
  if (url.protocol === 'https:' && insecure.value) {
    warnings.push(
      `the TLS certificate of ${url.host} is not verified (${insecure.source.name}): the API key can be intercepted`,
    )
  }
  const debugListener = debugListenerOf(search)
  return {kind: 'remote', url, apiKey, apiKeySource, insecure: insecure.value, caFile, timeoutMs, debugListener, source}
}

/** The key for an address. Rejects a key that would be sent to an address that the user did not choose. */
async function apiKeyFor(
  url: URL,
  address: {source: Source; chosen: boolean},
  {sources, warnings}: Search,
): Promise<Setting<string>> {
  const owner = sources.find((source) => source.hasApiKey())
  const key = await owner?.apiKey(warnings)
  if (owner === undefined || !key?.value) {
    const closed = warnings.length > 0 ? ` (${warnings.join('; ')})` : ''
    throw usageError(
      `no API key for ${url.host}, the address from ${address.source.name}${closed}`,
      'pass --api-key-file FILE, or set HEADSCALE_CLI_API_KEY or cli.api_key in the config file',
    )
  }
  // An address that was not chosen comes from a file, which can contain its own key.
  if (!address.chosen && owner.chosen) {
    const {name, file = name} = address.source
    throw usageError(
      `the API key from ${key.source.name} is not sent to ${url.host}: that address comes from ${file}, a file that was not named`,
      `name the server with --address, or the file with -c ${file}`,
    )
  }
  return key
}

/** An address of another form is the server's business: only that of the flag must be one. */
function debugListenerOf({sources}: Search): DebugListener | null {
  const setting = firstAnswer(sources, (source) => source.metricsAddress())
  return setting && debugListenerAt(setting)
}

function timeoutOf({sources}: Search): Setting<number> {
  const byDefault: Setting<number> = {value: DEFAULT_TIMEOUT_MS, source: {kind: 'default', name: 'default'}}
  return firstAnswer(sources, (source) => source.timeoutMs()) ?? byDefault
}

/** Whether the certificate is not verified, and which setting says so. Node's own variable has the lowest priority. */
function insecureSetting({sources, env}: Search): Setting<boolean> {
  const name = 'NODE_TLS_REJECT_UNAUTHORIZED'
  return (
    firstAnswer(sources, (source) => source.insecure()) ?? {
      value: env(name) === '0',
      source: {kind: 'environment', name: `${name}=0`},
    }
  )
}

/** Read once here, so that a wrong path is a usage error and not a TLS error. */
function readableCaFile({flags, host}: Search): string | null {
  if (flags.caFile === undefined) return null
  const read = readSmallFile(flags.caFile, CA_FILE_LIMIT, host.cwd)
  if (read.kind === 'text') return read.path
  const hint = 'name a PEM file of certificates'
  throw fileError({what: 'CA file', path: flags.caFile, source: '--ca-file', read, hint})
}

function firstAnswer<T>(sources: readonly SettingsSource[], ask: (source: SettingsSource) => T | null): T | null {
  for (const source of sources) {
    const answer = ask(source)
    if (answer !== null) return answer
  }
  return null
}
