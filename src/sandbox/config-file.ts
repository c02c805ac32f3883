/**
 * The config.yaml for a command in the sandbox: our own program and headscale's CLI of any release.
 *
 * Ours needs only `unix_socket`. The CLIs of 0.17 to 0.22 check the settings of the server before every command, so
 * their required settings are here as well; nothing uses them. Written by hand: only the paths and the address in it vary.
 */
import {join} from 'node:path'

/**
 * @param folder private folder of the sandbox; the key files named here are never created
 * @param socketPath null where the server is reached over REST
 * @param url of the REST API; null where the server has a socket only
 */
export function configYaml(folder: string, socketPath: string | null, url: string | null = null): string {
  const quote = (path: string) => JSON.stringify(path)
  const lines = [
    // doctor knows the file by this line (src/doctor/server-config.ts).
    '# A simulated headscale (headscale-ts sandbox). Only the command in the sandbox reads this file.',
    `server_url: ${url ?? 'http://127.0.0.1:8080'}`,
    ...(socketPath === null ? [] : [`unix_socket: ${quote(socketPath)}`]),
    `private_key_path: ${quote(join(folder, 'private.key'))}`,
    'noise:',
    `  private_key_path: ${quote(join(folder, 'noise_private.key'))}`,
    'db_type: sqlite3',
    'database:',
    '  type: sqlite',
    'ip_prefixes:',
    '  - 100.64.0.0/10',
    'prefixes:',
    '  v4: 100.64.0.0/10',
    'dns:',
    '  magic_dns: false',
    '  override_local_dns: false',
    'disable_check_updates: true',
  ]
  return `${lines.join('\n')}\n`
}
