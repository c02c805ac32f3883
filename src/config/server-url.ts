/**
 * The address that clients use: `server_url` of the server's own config file. Only for what a person reads and checks;
 * this program finds its server without it (target.ts).
 */
import {dirname, isAbsolute} from 'node:path'
import {HeadscaleError} from '../errors.ts'
import {type ConfigFile, configFolders, findConfig, readNamedConfig} from './config-file.ts'
import {relativeSocket} from './socket.ts'
import {type ConfigHost, LOCATIONS} from './target.ts'

/**
 * The `server_url` of the server at this socket. A file that the user named is believed; one at a default location only if
 * its socket is the same, since a machine can have several servers.
 * @param named the file of `--config`
 * @returns without a slash at the end; null if no file that can be read has it
 */
export async function serverUrlOf(
  socketPath: string | null,
  named: string | undefined,
  host: ConfigHost,
): Promise<string | null> {
  const variable = host.env.HEADSCALE_CONFIG || undefined
  const file =
    named !== undefined
      ? await readOrNull(() => readNamedConfig(named, '--config', host.cwd))
      : variable !== undefined
        ? await readOrNull(() => readNamedConfig(variable, 'HEADSCALE_CONFIG', host.cwd))
        : await readOrNull(() => fileOf(socketPath, host))
  const url = file?.settings.serverUrl ?? null
  return url !== null && URL.canParse(url) && /^https?:/i.test(url) ? url.replace(/\/+$/, '') : null
}

async function fileOf(socketPath: string | null, host: ConfigHost): Promise<ConfigFile | null> {
  const {configFolder, serverFolder, sockets} = host.locations ?? LOCATIONS
  const file = await findConfig(configFolders(host.home, host.cwd, configFolder), [])
  if (file === null || socketPath === null) return null
  const {socket} = file.settings
  if (socket === null) return sockets.includes(socketPath) ? file : null
  const path = isAbsolute(socket) ? socket : relativeSocket(socket, host.cwd, dirname(file.path), serverFolder).path
  return path === socketPath ? file : null
}

async function readOrNull(read: () => Promise<ConfigFile | null>): Promise<ConfigFile | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof HeadscaleError) return null
    throw error
  }
}
