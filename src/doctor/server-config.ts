/**
 * The config file of the server, if this machine has it: where clients and this machine reach the server, and the settings
 * that other checks need. The environment of the server is not known; variables of this process count, as for headscale.
 */
import {dirname, isAbsolute} from 'node:path'
import {configFolders, findConfig, readNamedConfig} from '../config/config-file.ts'
import type {ConfigFile} from '../config/config-file.ts'
import {relativeSocket} from '../config/socket.ts'
import {LOCATIONS} from '../config/target.ts'
import type {ConfigHost, ConnectionFlags} from '../config/target.ts'
import {processEnvironment} from '../setup/config/environment.ts'
import {Settings} from '../setup/config/settings.ts'
import {isWildcard, parseListen} from '../setup/config/values.ts'
import {configRules} from '../setup/releases.ts'
import {readSmallFile} from '../system/files.ts'

export interface ServerConfig {
  path: string
  /** The flag or the variable that names the file; null for a default location. */
  namedBy: '--config' | 'HEADSCALE_CONFIG' | null
  /** Whether `sandbox run` wrote the file: nothing but the socket and an address of the sandbox in it is true. */
  simulated: boolean
  /** Whether this user may trust its addresses with a key: a file in the working folder can belong to anyone. */
  trusted: boolean
  settings: Settings
  /** `server_url`; null if it is missing or no URL. */
  serverUrl: URL | null
  /** The listener of the server as seen from its own machine; null if there is none. */
  listener: URL | null
  /** Absolute; null if the file has none. */
  socket: string | null
}

export interface FoundConfig {
  config: ServerConfig | null
  /** Paths that could not be opened for lack of permission. */
  closed: string[]
  /** Where it was looked for. */
  folders: string[]
}

/** The first line of src/sandbox/config-file.ts. */
const OF_SANDBOX = /^# A simulated headscale \(headscale-ts sandbox\)/

/** headscale's own limit is the memory; no config file is larger. */
const LIMIT = 1_048_576

/** @throws HeadscaleError for a file that is named and cannot be read, and for an invalid one */
export async function findServerConfig(flags: ConnectionFlags, host: ConfigHost): Promise<FoundConfig> {
  const {configFolder} = host.locations ?? LOCATIONS
  const folders = configFolders(host.home, host.cwd, configFolder)
  const closed: string[] = []
  const variable = host.env.HEADSCALE_CONFIG || undefined
  const file =
    flags.config !== undefined
      ? await readNamedConfig(flags.config, '--config', host.cwd)
      : variable !== undefined
        ? await readNamedConfig(variable, 'HEADSCALE_CONFIG', host.cwd)
        : await findConfig(folders, closed)
  const namedBy = flags.config !== undefined ? '--config' : variable !== undefined ? 'HEADSCALE_CONFIG' : null
  return {config: file === null ? null : await readServerConfig(file, namedBy, host), closed, folders}
}

async function readServerConfig(
  file: ConfigFile,
  namedBy: ServerConfig['namedBy'],
  host: ConfigHost,
): Promise<ServerConfig | null> {
  const read = readSmallFile(file.path, LIMIT, host.cwd)
  if (read.kind !== 'text') return null
  const {parseYamlTree} = await import('../syntax/yaml.ts')
  const settings = new Settings(parseYamlTree(read.text, file.path).root, processEnvironment(host.env), configRules())
  const {socket} = file.settings
  const {serverFolder} = host.locations ?? LOCATIONS
  const url = settings.text('server_url')
  return {
    path: file.path,
    namedBy,
    simulated: OF_SANDBOX.test(read.text),
    trusted: namedBy !== null || dirname(file.path) !== host.cwd,
    settings,
    serverUrl: URL.canParse(url) && /^https?:/i.test(url) ? new URL(url) : null,
    listener: listenerOf(settings),
    socket:
      socket === null || isAbsolute(socket)
        ? socket
        : relativeSocket(socket, host.cwd, dirname(file.path), serverFolder).path,
  }
}

function listenerOf(settings: Settings): URL | null {
  const listen = parseListen(settings.text('listen_addr'))
  if (listen === null || listen.port === '' || !/^[0-9]+$/.test(listen.port)) return null
  const withTls = settings.text('tls_cert_path') !== '' || settings.text('tls_letsencrypt_hostname') !== ''
  const host = isWildcard(listen.host) ? '127.0.0.1' : listen.host
  return new URL(`${withTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listen.port}/`)
}
