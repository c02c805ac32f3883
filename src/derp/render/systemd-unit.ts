/**
 * A systemd unit for derper: a user of its own, the key in a state folder, the certificate as credentials.
 */
import {execLine, literal, unitFile} from '../../deploy/systemd.ts'
import {partWords} from '../../deploy/shell.ts'
import {usageError} from '../../errors.ts'
import {derperFlags} from './derper-command.ts'
import {checkListen, checkStunAddress} from './relay-settings.ts'
import type {Settings} from '../../deploy/systemd.ts'
import type {RelaySettings} from './relay-settings.ts'

/** Whether the unit hands over files as credentials, which older releases of systemd cannot put into `%d`. */
export function usesCredentials({certMode, options, stunAlone}: RelaySettings): boolean {
  return !stunAlone && (certMode === 'manual' || options.mesh !== null)
}

/**
 * The lines of the unit.
 *
 * @throws a usage error for what derper cannot do
 */
export function systemdUnit(settings: RelaySettings): string[] {
  const {node, options, certMode, files, listen, httpPort, stunPort, stunAlone} = settings
  checkListen(settings)
  checkStunAddress(settings)
  const state = options.serve === 'stun' ? 'derper-stun' : 'derper'
  const {admission, mesh} = options
  // %d, the credentials folder, holds copies that only this service can read, under the names derper looks for.
  const credentials: [string, string][] = []
  if (certMode === 'manual' && !stunAlone) {
    const dir = absolute('--cert-dir', options.certDir)
    for (const file of [files.certificate, files.key]) credentials.push([file, `${dir}/${file}`])
  }
  if (mesh !== null && !stunAlone) credentials.push(['mesh.key', absolute('--mesh-key-file', mesh.keyFile)])
  const flags = derperFlags(settings, {
    certDir: certMode === 'manual' ? '%d' : `/var/lib/${state}/certs`,
    keyFile: `/var/lib/${state}/derper.key`,
    meshKeyFile: '%d/mesh.key',
    socket: admission.kind === 'tailscaled' ? admission.socket : null,
    listen,
    stunPort,
  })
  const isLow = [listen.port, httpPort, stunPort ?? -1].some((port) => port > 0 && port < 1024)
  const service: Settings = [
    ['ExecStart', execLine(['/usr/local/bin/derper', ...flags.flatMap(partWords)], /^%d(?:\/mesh\.key)?$/)],
    ['DynamicUser', 'yes'],
    ['StateDirectory', state],
    ...credentials.map(([name, path]) => ['LoadCredential', `${name}:${literal(path)}`] as const),
    ...(isLow
      ? ([
          ['AmbientCapabilities', 'CAP_NET_BIND_SERVICE'],
          ['CapabilityBoundingSet', 'CAP_NET_BIND_SERVICE'],
        ] as const)
      : ([['CapabilityBoundingSet', '']] as const)),
    ['NoNewPrivileges', 'yes'],
    ['PrivateTmp', 'yes'],
    ['PrivateDevices', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['Restart', 'always'],
    ['RestartSec', '5'],
  ]
  const after = `network-online.target${admission.kind === 'tailscaled' && !stunAlone ? ' tailscaled.service' : ''}`
  return unitFile([
    [
      'Unit',
      [
        ['Description', `${stunAlone ? 'STUN' : 'DERP'} relay ${literal(node.name)}`],
        ['After', after],
        ['Wants', 'network-online.target'],
      ],
    ],
    ['Service', service],
    ['Install', [['WantedBy', 'multi-user.target']]],
  ])
}

function absolute(flag: string, path: string): string {
  if (path.startsWith('/')) return path
  throw usageError(`invalid ${flag} "${path}"`, 'a systemd unit needs an absolute path')
}
