/**
 * A config.yaml for whoever runs inside the sandbox: our own program and headscale's CLI of any release.
 *
 * Ours needs `unix_socket` alone. The CLIs of 0.17 to 0.22 check the settings of the server before every command, so
 * that what these demand is here as well; nothing of it is used. Written by hand: it is fixed text but for two paths.
 */
import {join} from 'node:path'

/**
 * @param folder private folder of the sandbox; the key files named here are never made
 * @param socketPath null where the server is reached over REST
 */
export function configYaml(folder: string, socketPath: string | null): string {
  const quote = (path: string) => JSON.stringify(path)
  const lines = [
    '# A simulated headscale (headscale-ts sandbox). The command in it reads this file; no server does.',
    'server_url: http://127.0.0.1:8080',
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
