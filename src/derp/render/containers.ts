/**
 * One relay in a container: `docker run`, and a compose file.
 *
 * The image's environment says it all where it can, as in the guides; a relay that asks headscale about its clients
 * needs a command of its own. STUN is published as UDP, the key is kept in a volume.
 */
import {usageError} from '../../errors.ts'
import {KEY_DIR, derperFlags} from './derper-settings.ts'
import {yamlText} from './render.ts'
import {shellLines} from '../../deploy/shell.ts'
import type {Plan} from './derper-settings.ts'

const TAILSCALED_SOCKET = '/var/run/tailscale/tailscaled.sock'

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
    const words = derperFlags(inside, {certDir: '/app/certs', keyFile: `${KEY_DIR}/derper.key`})
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

/** A shell command. */
export function docker(plan: Plan): string[] {
  const {name, ports, volumes, environment, command} = container(plan)
  const words = ['-d', '--restart', 'always', '--name', name]
  for (const port of ports) words.push('-p', port)
  for (const volume of volumes) words.push('-v', volume)
  for (const [key, value] of environment) words.push('-e', `${key}=${value}`)
  words.push(plan.options.image, ...(command ?? []))
  return shellLines('docker run', words)
}

/** A compose file. */
export function compose(plan: Plan): string[] {
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

/** Ports and numbers in compose must be texts. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
