/**
 * The systemd unit of headscale: a user of its own, and no more of the machine than it needs.
 *
 * As the guide has it, and further where headscale still starts: no devices, no kernel interfaces, no new privileges, no
 * other system calls than those of a service. A port below 1024 is the only capability.
 */
import {unitFile} from '../../deploy/systemd.ts'
import type {Answers} from './answers.ts'

export function systemdUnit(answers: Answers): string {
  const ports = [answers.listen.port, ...(answers.tls === 'acme' ? ['80'] : [])]
  const capability = ports.some((port) => Number(port) < 1024) ? 'CAP_NET_BIND_SERVICE' : ''
  return `${unitFile([
    [
      'Unit',
      [
        ['Description', 'headscale, a control server for Tailscale clients'],
        ['Wants', 'network-online.target'],
        ['After', 'network-online.target'],
      ],
    ],
    [
      'Service',
      [
        ['Type', 'simple'],
        ['User', 'headscale'],
        ['Group', 'headscale'],
        ['ExecStart', '/usr/bin/headscale serve'],
        ['Restart', 'always'],
        ['RestartSec', '5'],
        ['WorkingDirectory', '/var/lib/headscale'],
        ['ConfigurationDirectory', 'headscale'],
        ['StateDirectory', 'headscale'],
        ['StateDirectoryMode', '0750'],
        ['RuntimeDirectory', 'headscale'],
        ['RuntimeDirectoryMode', '0755'],
        ['UMask', '0027'],
        ['AmbientCapabilities', capability],
        ['CapabilityBoundingSet', capability],
        ...HARDENING,
      ],
    ],
    ['Install', [['WantedBy', 'multi-user.target']]],
  ]).join('\n')}\n`
}

const HARDENING: [string, string][] = [
  ['NoNewPrivileges', 'yes'],
  ['ProtectSystem', 'strict'],
  ['ProtectHome', 'yes'],
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectClock', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectProc', 'invisible'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK'],
  ['LockPersonality', 'yes'],
  ['MemoryDenyWriteExecute', 'yes'],
  ['RemoveIPC', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallErrorNumber', 'EPERM'],
]
