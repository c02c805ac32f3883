/**
 * Node → how to run its derper: the command, a `docker run`, a compose file, a systemd unit.
 *
 * What these must get right (tailscale cmd/derper, v1.102): any port but 443 means a certificate of one's own, since
 * derper serves plain HTTP otherwise; STUN is UDP; the key lives in a volume or state folder, or clients see a new
 * relay after every start; in a container a check of clients needs the daemon's socket or headscale's URL. Files are
 * named by derp/cert, and nothing is run here.
 */
import {isIP} from 'node:net'

import {usageError} from '../errors.ts'
import {certFileNames, parseRelayHost} from './cert/host.ts'
import {derpPortOf, pinOf, stunPortOf} from './map.ts'
import {comment, yamlText} from './render.ts'
import type {DerpNode} from './map.ts'
import type {Header} from './render.ts'

export type DeployFormat = 'derper' | 'docker' | 'compose' | 'systemd'

export interface DeployOptions {
  /** null: manual, unless port 443 and a name allow Let's Encrypt. */
  certMode: 'manual' | 'letsencrypt' | null
  /** Where certificate and key lie on the relay. */
  certDir: string
  /** Ask the local tailscaled whether a client may use the relay. */
  verifyClients: boolean
  /** The socket of that tailscaled; null: its default place. */
  socket: string | null
  /** Ask headscale (0.24 and later) instead: `https://HEADSCALE/verify`. */
  verifyUrl: string | null
  image: string
}

/** An image whose environment the guides use: DERP_DOMAIN, DERP_ADDR and so on, derper in /app. */
export const DEFAULT_IMAGE = 'ghcr.io/yangchuansheng/derper:latest'
export const DEFAULT_CERT_DIR = '/etc/derper/certs'

const TAILSCALED_SOCKET = '/var/run/tailscale/tailscaled.sock'
const KEY_DIR = '/var/lib/derper'

/** What one relay's derper is told, before it is a command line of any kind. */
interface Plan {
  node: DerpNode
  options: DeployOptions
  certMode: 'manual' | 'letsencrypt'
  port: number
  /** null: off. */
  stunPort: number | null
  httpPort: 80 | -1
  files: {certificate: string; key: string}
}

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
  const lines =
    format === 'derper'
      ? derper(plan)
      : format === 'docker'
        ? docker(plan)
        : format === 'compose'
          ? compose(plan)
          : systemd(plan)
  return `${[...comment([...header, ...notes(plan)]), ...lines].join('\n')}\n`
}

function planOf(node: DerpNode, options: DeployOptions): Plan {
  const host = parseRelayHost(node.hostName)
  const port = derpPortOf(node)
  const byName = isIP(node.hostName) === 0 && node.certName === '' && !node.insecureForTests
  const certMode = options.certMode ?? (port === 443 && byName ? 'letsencrypt' : 'manual')
  if (certMode === 'letsencrypt' && port !== 443) {
    throw usageError(
      `derper serves plain HTTP on port ${port} in letsencrypt mode, and no client can use it`,
      'use --cert-mode manual, or port 443',
    )
  }
  if (certMode === 'letsencrypt' && host.kind === 'ip') {
    throw usageError(
      `derper has no letsencrypt mode for the address ${node.hostName}`,
      'use --cert-mode manual with a certificate of derp cert',
    )
  }
  if (options.verifyClients && options.verifyUrl !== null) {
    throw usageError('--verify-clients and --verify-client-url both decide who may use the relay', 'choose one of them')
  }
  const httpPort = certMode === 'letsencrypt' || node.canPort80 ? 80 : -1
  return {node, options, certMode, port, stunPort: stunPortOf(node), httpPort, files: certFileNames(host)}
}

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

/** derper's flags with values; `true` for a bare one. */
function flags(plan: Plan, {certDir, keyFile}: {certDir: string; keyFile: string}): string[] {
  const {node, options, stunPort} = plan
  const words = ['-hostname', node.hostName, '-a', `:${plan.port}`, '-certmode', plan.certMode, '-certdir', certDir]
  words.push('-c', keyFile, '-http-port', String(plan.httpPort))
  if (stunPort === null) words.push('-stun=false')
  else words.push('-stun-port', String(stunPort))
  if (node.stunOnly) words.push('-derp=false')
  if (options.verifyClients) words.push('-verify-clients')
  if (options.verifyClients && options.socket !== null) words.push('-socket', options.socket)
  if (options.verifyUrl !== null) words.push('-verify-client-url', options.verifyUrl)
  return words
}

function derper(plan: Plan): string[] {
  const certDir = plan.certMode === 'manual' ? plan.options.certDir : `${KEY_DIR}/certs`
  return shellLines('derper', flags(plan, {certDir, keyFile: `${KEY_DIR}/derper.key`}))
}

/** What a container needs from outside, and what runs in it. */
interface Container {
  name: string
  ports: string[]
  volumes: string[]
  environment: [string, string][]
  /** Words of a command instead of the image's own; null where its environment can say it all. */
  command: string[] | null
}

function container(plan: Plan): Container {
  const {node, options, stunPort, port, httpPort, certMode} = plan
  if (options.verifyClients && options.socket === null) {
    throw usageError(
      'a relay in a container that verifies clients needs the socket of a tailscaled, or it refuses everybody',
      `add --socket ${TAILSCALED_SOCKET}, or use --verify-client-url https://HEADSCALE/verify`,
    )
  }
  const ports = [`${port}:${port}`, ...(httpPort === 80 ? ['80:80'] : [])]
  // Inside, STUN stays on its default port: the image has no word for another.
  if (stunPort !== null) ports.push(`${stunPort}:3478/udp`)
  const certs = certMode === 'manual' ? `${options.certDir}:/app/certs:ro` : 'derper-certs:/app/certs'
  const volumes = [certs, `derper-key:${KEY_DIR}`]
  if (options.socket !== null && options.verifyClients) volumes.push(`${options.socket}:${TAILSCALED_SOCKET}`)
  const name = `derper-${node.name.replaceAll(/[^A-Za-z0-9_.-]/g, '-')}`
  if (options.verifyUrl !== null || node.stunOnly) {
    const inside: Plan = {...plan, stunPort: stunPort === null ? null : 3478}
    const words = flags(inside, {certDir: '/app/certs', keyFile: `${KEY_DIR}/derper.key`})
    return {name, ports, volumes, environment: [], command: ['/app/derper', ...words]}
  }
  const environment: [string, string][] = [
    ['DERP_DOMAIN', node.hostName],
    ['DERP_CERT_MODE', certMode],
    ['DERP_ADDR', `:${port}`],
    ['DERP_HTTP_PORT', String(httpPort)],
  ]
  if (stunPort === null) environment.push(['DERP_STUN', 'false'])
  if (options.verifyClients) environment.push(['DERP_VERIFY_CLIENTS', 'true'])
  return {name, ports, volumes, environment, command: null}
}

function docker(plan: Plan): string[] {
  const {name, ports, volumes, environment, command} = container(plan)
  const words = ['-d', '--restart', 'always', '--name', name]
  for (const port of ports) words.push('-p', port)
  for (const volume of volumes) words.push('-v', volume)
  for (const [key, value] of environment) words.push('-e', `${key}=${value}`)
  words.push(plan.options.image, ...(command ?? []))
  return shellLines('docker run', words)
}

function compose(plan: Plan): string[] {
  const {name, ports, volumes, environment, command} = container(plan)
  const list = (key: string, items: readonly string[]) => [
    `    ${key}:`,
    ...items.map((item) => `      - ${quoted(item)}`),
  ]
  const named = volumes
    .filter((volume) => !volume.startsWith('/'))
    .map((volume) => volume.slice(0, volume.indexOf(':')))
  return [
    'services:',
    `  ${name.replaceAll('.', '-')}:`,
    `    image: ${yamlText(plan.options.image)}`,
    '    restart: always',
    ...list('ports', ports),
    ...list('volumes', volumes),
    ...(environment.length === 0
      ? []
      : ['    environment:', ...environment.map(([key, value]) => `      ${key}: ${quoted(value)}`)]),
    ...(command === null ? [] : list('command', command)),
    'volumes:',
    ...named.map((volume) => `  ${volume}: {}`),
  ]
}

function systemd(plan: Plan): string[] {
  const {node, options, certMode, files, port, httpPort} = plan
  const manual = certMode === 'manual'
  // %d, the credentials folder, holds copies that only this service can read, under the names derper looks for.
  const words = flags(plan, {certDir: manual ? '%d' : `${KEY_DIR}/certs`, keyFile: `${KEY_DIR}/derper.key`})
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

/** A command over several lines, a flag and its value on each. */
function shellLines(command: string, words: readonly string[]): string[] {
  const lines = [command]
  for (const [index, word] of words.entries()) {
    const value = index > 0 && (words[index - 1] ?? '').startsWith('-') && !(words[index - 1] ?? '').includes('=')
    if (value && !word.startsWith('-')) lines[lines.length - 1] += ` ${shellWord(word)}`
    else if (value && /^-[0-9]+$/.test(word)) lines[lines.length - 1] += ` ${word}`
    else lines.push(`  ${shellWord(word)}`)
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
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

/** Ports and numbers in compose must be texts. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
