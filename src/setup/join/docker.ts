/**
 * Lines that start a container of Tailscale. The key is in a file, since variables of a container are shown by `docker
 * inspect`. Its start-up program sets what it has variables for at every start, but `TS_EXTRA_ARGS` only when the node
 * logs in: so routes are in `TS_ROUTES`.
 */
import {type CommandPart, shellCommand, shellWord} from '../../deploy/shell.ts'
import {advertisedRoutes, isRouter, type JoinOptions} from './options.ts'
import {acceptRoutesWords} from './up.ts'
import {FORWARDING} from './unix.ts'

/** Docker 23 and later take a path that starts with a dot. */
const KEY_FILE = './tailscale.key'
const KEY_IN_CONTAINER = '/run/secrets/tailscale.key'
const STATE = '/var/lib/tailscale'

export function dockerLines(options: JoinOptions): string[] {
  const {authKey, hostname, acceptDns, minimumClient} = options
  const name = hostname ?? 'tailscale'
  const extra = [`--login-server=${options.serverUrl}`, ...acceptRoutesWords(options.acceptRoutes, true)]
  const variables = {
    TS_STATE_DIR: STATE,
    TS_USERSPACE: 'false',
    TS_AUTH_ONCE: 'true',
    ...(authKey !== null && {TS_AUTHKEY: `file:${KEY_IN_CONTAINER}`}),
    ...(hostname !== null && {TS_HOSTNAME: hostname}),
    ...(acceptDns !== null && {TS_ACCEPT_DNS: String(acceptDns)}),
    ...(isRouter(options) && {TS_ROUTES: advertisedRoutes(options).join(',')}),
    TS_EXTRA_ARGS: extra.join(' '),
  }
  const parts: CommandPart[] = [
    ['--name', name],
    ['--restart', 'unless-stopped'],
    ['--cap-add', 'NET_ADMIN'],
    ['--cap-add', 'NET_RAW'],
    ['--device', '/dev/net/tun'],
    ...(isRouter(options) ? FORWARDING.map((key): CommandPart => ['--sysctl', `${key}=1`]) : []),
    ['--volume', `${name}:${STATE}`],
    ...(authKey === null ? [] : [['--volume', `${KEY_FILE}:${KEY_IN_CONTAINER}:ro`] as const]),
    ...Object.entries(variables).map(([key, value]): CommandPart => ['--env', `${key}=${value}`]),
    'docker.io/tailscale/tailscale:stable',
  ]
  const oldest = minimumClient === null ? '' : `; the server accepts ${minimumClient} and later`
  return [
    `# As a user of Docker, in a folder of its own${oldest}:`,
    ...(authKey === null ? [] : [`(umask 077; printf '%s\\n' ${shellWord(authKey)} > ${KEY_FILE})`]),
    ...shellCommand('docker run --detach', parts),
    ...(authKey === null ? [`docker logs --follow ${shellWord(name)}`] : []),
  ]
}
