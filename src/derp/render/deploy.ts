/**
 * Nodes → how to run their derpers: a command, a `docker run`, a compose file or a systemd unit, each under a few
 * comment lines that say what else it needs.
 *
 * The key of the relay is in a state folder or a volume in all of them: with a new key after every start, clients
 * would see a new relay.
 */
import {isIP} from 'node:net'

import {derperFlags, formatListen} from './derper-command.ts'
import {relayContainer} from './containers.ts'
import {checkListen, checkStunAddress, relaySettings} from './relay-settings.ts'
import {systemdUnit, usesCredentials} from './systemd-unit.ts'
import {composeFile} from '../../deploy/compose.ts'
import {dockerRun} from '../../deploy/docker.ts'
import {shellCommand} from '../../deploy/shell.ts'
import {comment} from '../../deploy/yaml.ts'
import {isLoopback} from '../../system/addresses.ts'
import {derpPortOf, pinOf} from '../map.ts'
import type {ContainerOptions} from './containers.ts'
import type {RelayOptions, RelaySettings} from './relay-settings.ts'
import type {DerpNode} from '../map.ts'

export const DEPLOY_FORMATS = ['derper', 'docker', 'compose', 'systemd'] as const
export type DeployFormat = (typeof DEPLOY_FORMATS)[number]

export interface Deployment {
  text: string
  /** What is missing before it works, for stderr. */
  warnings: string[]
}

/**
 * Renders the deployment of one node.
 *
 * @param header lines for the top, without `#`
 * @throws a usage error for what derper or a container cannot do
 */
export function renderDeployment(
  format: DeployFormat,
  node: DerpNode,
  options: RelayOptions,
  container: ContainerOptions,
  header: readonly string[] = [],
): Deployment {
  const settings = relaySettings(node, options)
  const lines = RENDERERS[format](settings, container)
  const notes = [
    ...relayNotes(settings),
    ...(format === 'docker' || format === 'compose' ? containerNotes(settings, container) : []),
    ...(format === 'systemd' && usesCredentials(settings)
      ? ['Requires systemd 250 or later, for LoadCredential and %d']
      : []),
  ]
  return {text: `${[...comment([...header, ...notes]), ...lines].join('\n')}\n`, warnings: warningsOf(settings)}
}

const RENDERERS: Record<DeployFormat, (settings: RelaySettings, container: ContainerOptions) => string[]> = {
  derper,
  docker: (settings, container) => dockerRun(relayContainer(settings, container)),
  compose: (settings, container) => composeFile([relayContainer(settings, container)]),
  systemd: systemdUnit,
}

function derper(settings: RelaySettings): string[] {
  checkListen(settings)
  checkStunAddress(settings)
  const {options, certMode, listen, stunPort} = settings
  const state = options.serve === 'stun' ? '/var/lib/derper-stun' : '/var/lib/derper'
  return shellCommand(
    'derper',
    derperFlags(settings, {
      certDir: certMode === 'manual' ? options.certDir : `${state}/certs`,
      keyFile: `${state}/derper.key`,
      meshKeyFile: options.mesh?.keyFile ?? '',
      socket: options.admission.kind === 'tailscaled' ? options.admission.socket : null,
      listen,
      stunPort,
    }),
  )
}

/** What the relay needs in addition to the command. */
function relayNotes(settings: RelaySettings): string[] {
  const {node, stunAlone, listen, stunPort, httpPort} = settings
  const publicPort = derpPortOf(node)
  const open = [
    ...(stunAlone ? (node.canPort80 ? ['80/tcp'] : []) : [`${publicPort}/tcp`]),
    ...(stunPort === null ? [] : [`${stunPort}/udp`]),
    ...(httpPort === 80 ? ['80/tcp'] : []),
  ]
  const kind = stunAlone ? 'STUN server' : 'Relay'
  const notes = [`${kind} ${node.name} of region ${node.regionId}`]
  if (!stunAlone) notes.push(certificateNote(settings))
  notes.push(`Open ${open.join(', ')} in the firewall`)
  if (stunAlone) {
    if (!node.canPort80)
      notes.push(`derper also serves HTTP on ${formatListen(listen)}: keep that port closed in the firewall`)
    return notes
  }
  if (listen.port !== publicPort || (listen.address !== null && isLoopback(listen.address))) {
    notes.push(
      `Clients connect to port ${publicPort}: forward it to ${formatListen(listen)} as TCP, without terminating TLS`,
    )
  }
  if (stunPort === null && node.stunPort >= 0)
    notes.push('STUN is off here, and the map promises it: another derper has to serve it')
  return [...notes, ...admissionNotes(settings), ...meshNotes(settings)]
}

function certificateNote({certMode, acmeIpCerts, host, options, files, node, httpPort}: RelaySettings): string {
  if (acmeIpCerts) {
    return `Certificate: from Let's Encrypt, which must reach ${host} on port 80; requires derper 1.102 or later`
  }
  if (certMode === 'letsencrypt') {
    const ports = httpPort === 80 ? 'ports 80 and 443' : 'port 443'
    return `Certificate: from Let's Encrypt, which must reach ${host} on ${ports}`
  }
  const names = otherCertName(node) === null ? '' : `, for both ${host} and ${node.certName}`
  const content = pinOf(node) === null && isIP(host) === 0 ? `the full chain${names}` : `a single certificate${names}`
  return `Certificate: ${options.certDir}/${files.certificate} (${content}) and ${files.key}; restart derper after a renewal`
}

/** A certificate name in the map that is not the host name. */
function otherCertName({certName, hostName}: DerpNode): string | null {
  return certName === '' || certName === hostName || certName.startsWith('sha256-raw:') ? null : certName
}

function admissionNotes({options: {admission}, listen}: RelaySettings): string[] {
  if (admission.kind === 'anybody') {
    return ['Admission: anybody may use this relay; --verify-client-url or --verify-clients restricts it']
  }
  if (admission.kind === 'tailscaled') {
    return ['Admission: clients that tailscaled on this machine knows, and nobody while it is stopped']
  }
  const down = admission.failOpen ? 'everybody' : 'no new client'
  const plain = admission.url.startsWith('http:') && !isLoopback(new URL(admission.url).hostname)
  return [
    `Admission: nodes of headscale; ${down} while its /verify cannot be reached`,
    ...(plain
      ? [
          `The /verify answers are not encrypted: an attacker on the path can decide who may use ${formatListen(listen)}`,
        ]
      : []),
  ]
}

function meshNotes({options: {mesh, admission}}: RelaySettings): string[] {
  if (mesh === null) return []
  return [
    'Mesh: every relay of the region needs the same key (64 hex digits) and the others in -mesh-with',
    ...(mesh.with.length === 0
      ? []
      : ['Mesh: derper trusts certificates of public authorities only; for a self-signed one set SSL_CERT_FILE']),
    ...(admission.kind === 'anybody'
      ? []
      : ['Mesh: every client with the key is admitted, even one that the admission above excludes']),
  ]
}

/** tailscaled.service removes its folder when it stops, and a mounted folder that was removed stays empty. */
const PRESERVE =
  'Once on the host, or the relay admits nobody after a restart of tailscaled: systemctl edit tailscaled, and add [Service] RuntimeDirectoryPreserve=yes'

function containerNotes(
  {options, stunAlone, stunPort, listen}: RelaySettings,
  {hostNetwork, user}: ContainerOptions,
): string[] {
  const notes: string[] = []
  if (options.admission.kind === 'tailscaled' && !stunAlone) notes.push(PRESERVE)
  if (stunPort !== null && !hostNetwork) {
    notes.push('If STUN reports an address of Docker to clients (derp check tells), use --host-network')
  }
  if (user !== null) {
    notes.push(`Before the first start, make the volumes writable for ${user}, and the certificate key readable`)
    if (hostNetwork && listen.port < 1024)
      notes.push(`On the host network ${user} needs the right to bind port ${listen.port}`)
  }
  return notes
}

function warningsOf({node, host, certMode, stunAlone, options, files}: RelaySettings): string[] {
  const other = otherCertName(node)
  if (other === null || stunAlone || certMode !== 'manual') return []
  return [
    `node ${node.name}: clients ask for ${host} and expect a certificate for ${other}; derper starts only if ${options.certDir}/${files.certificate} names both`,
  ]
}
