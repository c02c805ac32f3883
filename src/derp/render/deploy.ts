/**
 * Node → how to run its derper: the command, a `docker run`, a compose file, a systemd unit, each under a few lines that
 * say what else it needs.
 *
 * The key lies in a state folder or a volume in all of them: with a new one after every start, clients would see a new
 * relay. What derper is told is decided in derper-settings.ts, and nothing is run here.
 */
import {isIP} from 'node:net'

import {compose, docker} from './containers.ts'
import {KEY_DIR, derperFlags, planOf} from './derper-settings.ts'
import {pinOf} from '../map.ts'
import {comment} from './render.ts'
import {shellLines} from '../../deploy/shell.ts'
import type {DeployOptions, Plan} from './derper-settings.ts'
import type {DerpNode} from '../map.ts'
import type {Header} from './render.ts'

export type DeployFormat = 'derper' | 'docker' | 'compose' | 'systemd'

/**
 * Renders the deployment of one node.
 *
 * @throws a usage error for what derper or a container cannot do
 */
export function renderDeployment(
  format: DeployFormat,
  node: DerpNode,
  options: DeployOptions,
  header: Header = [],
): string {
  const plan = planOf(node, options)
  const lines = RENDERERS[format](plan)
  return `${[...comment([...header, ...notes(plan)]), ...lines].join('\n')}\n`
}

const RENDERERS: Record<DeployFormat, (plan: Plan) => string[]> = {derper, docker, compose, systemd}

/** What the reader must know beside it. */
function notes({certMode, files, options, port, stunPort, httpPort, node}: Plan): string[] {
  const open = [
    `${port}/tcp`,
    ...(stunPort === null ? [] : [`${stunPort}/udp`]),
    ...(httpPort === 80 ? ['80/tcp'] : []),
  ]
  const content = pinOf(node) === null && isIP(node.hostName) === 0 ? 'the whole chain' : 'one certificate alone'
  const certificate =
    certMode === 'letsencrypt'
      ? `Certificate: derper fetches it from Let's Encrypt, which must reach ${node.hostName} on ports 80 and 443`
      : `Certificate: ${options.certDir}/${files.certificate} (${content}) and ${files.key}; restart derper after a renewal`
  return [`Relay ${node.name} of region ${node.regionId}`, certificate, `Open ${open.join(', ')} in the firewall`]
}

function derper(plan: Plan): string[] {
  const certDir = plan.certMode === 'manual' ? plan.options.certDir : `${KEY_DIR}/certs`
  return shellLines('derper', derperFlags(plan, {certDir, keyFile: `${KEY_DIR}/derper.key`}))
}

function systemd(plan: Plan): string[] {
  const {node, options, certMode, files, port, httpPort} = plan
  const manual = certMode === 'manual'
  // %d, the credentials folder, holds copies that only this service can read, under the names derper looks for.
  const words = derperFlags(plan, {certDir: manual ? '%d' : `${KEY_DIR}/certs`, keyFile: `${KEY_DIR}/derper.key`})
  const credentials = [files.certificate, files.key].map(
    (file) => `LoadCredential=${file}:${percent(options.certDir)}/${file}`,
  )
  const low = port < 1024 || httpPort === 80
  return [
    ...(manual ? comment(['Needs systemd 250 or later, for the copies of the certificate in %d']) : []),
    '[Unit]',
    `Description=DERP relay ${percent(node.name)}`,
    `After=network-online.target${options.verifyClients ? ' tailscaled.service' : ''}`,
    'Wants=network-online.target',
    '',
    '[Service]',
    ['ExecStart=/usr/local/bin/derper', ...words.map((word) => systemdWord(word))].join(' '),
    'DynamicUser=yes',
    'StateDirectory=derper',
    ...(manual ? credentials : []),
    ...(low
      ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE', 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE']
      : ['CapabilityBoundingSet=']),
    'NoNewPrivileges=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'Restart=always',
    'RestartSec=5',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ]
}

function systemdWord(word: string): string {
  const escaped = word === '%d' ? word : percent(word)
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll(/["\\$]/g, (found) => (found === '$' ? '$$' : `\\${found}`))}"`
}

/** systemd takes a percent sign for a specifier. */
function percent(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/[\r\n]/g, ' ')
}
