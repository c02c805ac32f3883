/**
 * One relay in a container.
 *
 * The default image is configured through its environment, as the guides show, as long as its variables can say
 * everything. Other images read other variables or none, and what they do not read would be lost: there the program
 * and its flags are written out.
 */
import {dirname, posix} from 'node:path'

import {usageError} from '../../errors.ts'
import {isLoopback} from '../../system/addresses.ts'
import {derperFlags, formatListen} from './derper-command.ts'
import {checkListen, checkStunAddress} from './relay-settings.ts'
import type {Container} from '../../deploy/container.ts'
import type {DerperView} from './derper-command.ts'
import type {RelaySettings} from './relay-settings.ts'

export interface ContainerOptions {
  image: string
  /** Share the network of the host: STUN sees the addresses of clients as they are. */
  hostNetwork: boolean
  /** `UID` or `UID:GID`; null: the user of the image. */
  user: string | null
}

/** Configured by DERP_DOMAIN, DERP_CERT_MODE, DERP_ADDR, DERP_HTTP_PORT, DERP_STUN and DERP_VERIFY_CLIENTS. */
const DEFAULT_REPOSITORY = 'ghcr.io/yangchuansheng/derper'
export const DEFAULT_IMAGE = `${DEFAULT_REPOSITORY}:latest`

/** Images of this publisher hold derper here; in others it is found by its name. */
const PUBLISHER = 'ghcr.io/yangchuansheng/'
const PUBLISHER_DERPER = '/app/derper'

const CERT_DIR = '/app/certs'
const KEY_DIR = '/var/lib/derper'
const MESH_KEY = '/app/mesh.key'
const SOCKET_DIR = '/var/run/tailscale'
const SOCKET_NAME = 'tailscaled.sock'

/** The default socket of tailscaled, for messages. */
export const TAILSCALED_SOCKET = `${SOCKET_DIR}/${SOCKET_NAME}`

/**
 * The container of a relay.
 *
 * @throws a usage error for what derper or a container cannot do
 */
export function relayContainer(settings: RelaySettings, {image, hostNetwork, user}: ContainerOptions): Container {
  const {options, listen, httpPort, stunPort, stunAlone, certMode} = settings
  if (hostNetwork) {
    checkListen(settings)
    checkStunAddress(settings)
  }
  const {admission} = options
  if (!hostNetwork && admission.kind === 'headscale' && isLoopback(new URL(admission.url).hostname)) {
    throw usageError(
      `${admission.url} leads to the container itself, and the relay would admit nobody`,
      'use an address of headscale that the container reaches, or --host-network',
    )
  }
  const volumes = [...certVolumes(settings), keyVolume(settings)]
  let socket: string | null = null
  if (admission.kind === 'tailscaled' && !stunAlone) {
    const mount = socketMount(admission.socket)
    volumes.push(mount.volume)
    socket = mount.socket
  }
  if (options.mesh !== null && !stunAlone)
    volumes.push(`${absolute('--mesh-key-file', options.mesh.keyFile)}:${MESH_KEY}:ro`)

  // With a network of its own, the ports inside are free to choose: 443 is where derper serves TLS in letsencrypt mode.
  const inside = hostNetwork
    ? listen
    : {address: null, port: !stunAlone && certMode === 'letsencrypt' ? 443 : listen.port}
  const stunInside = stunPort === null || hostNetwork ? stunPort : 3478
  const host =
    listen.address === null ? '' : `${listen.address.includes(':') ? `[${listen.address}]` : listen.address}:`
  const ports = [`${host}${listen.port}:${inside.port}`, ...(httpPort === 80 ? [`${host}80:80`] : [])]
  // STUN must be reachable from everywhere, even if the relay is behind a proxy on the same machine.
  if (stunPort !== null) ports.push(`${stunPort}:3478/udp`)
  if (stunAlone && !settings.node.canPort80) ports.shift()

  const name = `derper-${settings.node.name.replaceAll(/[^A-Za-z0-9_.-]/g, '-')}${options.serve === 'stun' ? '-stun' : ''}`
  const view = {certDir: CERT_DIR, keyFile: `${KEY_DIR}/derper.key`, meshKeyFile: MESH_KEY, socket}
  const common = {name, image, hostNetwork, ports: hostNetwork ? [] : ports, volumes, user}
  const full: DerperView = {...view, listen: inside, stunPort: stunInside}
  const environment = user === null ? environmentFor(settings, full, image) : null
  if (environment !== null) return {...common, environment, entrypoint: null, command: []}
  return {...common, environment: [], entrypoint: derperIn(image), command: derperFlags(settings, full)}
}

/** The variables of the default image; null where they cannot express the settings, or the image is another. */
function environmentFor(settings: RelaySettings, view: DerperView, image: string): [string, string][] | null {
  const {options, host, certMode, httpPort, stunAlone, acmeIpCerts} = settings
  const {admission, homePage, mesh, extraFlags} = options
  if (repositoryOf(image) !== DEFAULT_REPOSITORY || stunAlone || acmeIpCerts) return null
  if (admission.kind === 'headscale' || homePage !== null || mesh !== null || extraFlags.length > 0) return null
  if (view.socket !== null || (view.stunPort !== null && view.stunPort !== 3478)) return null
  const environment: [string, string][] = [
    ['DERP_DOMAIN', host],
    ['DERP_CERT_MODE', certMode],
    ['DERP_ADDR', formatListen(view.listen)],
    ['DERP_HTTP_PORT', String(httpPort)],
  ]
  if (view.stunPort === null) environment.push(['DERP_STUN', 'false'])
  if (admission.kind === 'tailscaled') environment.push(['DERP_VERIFY_CLIENTS', 'true'])
  return environment
}

/** `REPOSITORY[:TAG][@DIGEST]` without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
}

function derperIn(image: string): string {
  return image.startsWith(PUBLISHER) ? PUBLISHER_DERPER : 'derper'
}

function certVolumes({certMode, options, stunAlone}: RelaySettings): string[] {
  if (stunAlone) return []
  if (certMode === 'letsencrypt') return [`derper-certs:${CERT_DIR}`]
  return [`${absolute('--cert-dir', options.certDir)}:${CERT_DIR}:ro`]
}

function keyVolume({options}: RelaySettings): string {
  return `derper${options.serve === 'stun' ? '-stun' : ''}-key:${KEY_DIR}`
}

/** Folders that are never mounted for the sake of one socket. */
const SHARED_FOLDERS = new Set(['/', '/run', '/var/run', '/var', '/tmp', '/etc', '/home', '/root'])

/**
 * tailscaled creates a new socket at every start, and a mounted file would stay the old one: so the folder is mounted.
 * `socket` is null where derper finds it by itself.
 */
function socketMount(path: string | null): {volume: string; socket: string | null} {
  if (path === null) {
    throw usageError(
      'a relay in a container that verifies clients needs the socket of a tailscaled, or it rejects everybody',
      `add --tailscaled-socket ${TAILSCALED_SOCKET}, or use --verify-client-url https://HEADSCALE/verify`,
    )
  }
  const folder = dirname(posix.normalize(absolute('--tailscaled-socket', path)))
  if (SHARED_FOLDERS.has(folder)) {
    throw usageError(
      `the folder of the socket is mounted, and ${folder} holds much more than the socket`,
      'give tailscaled a folder of its own: tailscaled --socket /run/tailscale/tailscaled.sock',
    )
  }
  const name = posix.basename(path)
  return {volume: `${folder}:${SOCKET_DIR}:ro`, socket: name === SOCKET_NAME ? null : `${SOCKET_DIR}/${name}`}
}

/** A path of the host in a volume: without the leading slash it would be the name of a volume, which is empty. */
function absolute(flag: string, path: string): string {
  if (path.startsWith('/') && !path.includes(':')) return path
  throw usageError(`invalid ${flag} "${path}"`, 'a container mounts an absolute path without a colon')
}
