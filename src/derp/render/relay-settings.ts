/**
 * The settings of one relay's derper, independent of how it is started: ports, certificate, admission.
 *
 * The rules are those of tailscale cmd/derper (v1.102). derper serves TLS on port 443 or with a certificate of its own
 * (`-certmode manual`), and plain HTTP otherwise. It binds STUN and port 80 to the address of `-a`.
 */
import {isIP} from 'node:net'

import {usageError} from '../../errors.ts'
import {isLoopback} from '../../system/addresses.ts'
import {certFileNames, parseRelayHost} from '../cert/host.ts'
import {derpPortOf, pinOf, stunPortOf} from '../map.ts'
import type {DerpNode} from '../map.ts'

/** Who may use the relay. */
export type Admission =
  | {kind: 'anybody'}
  /** Clients that the tailscaled on the same machine knows. `socket` null: its default socket. */
  | {kind: 'tailscaled'; socket: string | null}
  /** Clients that headscale (0.24 or later) knows. `failOpen`: everybody while headscale cannot be reached. */
  | {kind: 'headscale'; url: string; failOpen: boolean}

export interface RelayOptions {
  /** null: letsencrypt for a name on port 443, otherwise manual. */
  certMode: 'manual' | 'letsencrypt' | null
  /** The folder of certificate and key on the relay. */
  certDir: string
  /** Where derper listens, when that is not the port of the map on every address. */
  listen: {address: string | null; port: number} | null
  /** Which part of the node this derper is: both, the relay without STUN, or STUN alone. */
  serve: 'both' | 'relay' | 'stun'
  admission: Admission
  /** derper's -home: `blank`, or a URL to redirect to; null: its own page. */
  homePage: string | null
  /** The mesh key on the relay, and the other relays (`host` or `host:port`) to mesh with. */
  mesh: {keyFile: string; with: string[]} | null
  /** More flags of derper, each with its value. */
  extraFlags: [flag: string, value: string][]
}

/** The settings of one derper. */
export interface RelaySettings {
  node: DerpNode
  options: RelayOptions
  /** derper's -hostname. */
  host: string
  /** STUN and nothing else: no relay, and no certificate. */
  stunAlone: boolean
  certMode: 'manual' | 'letsencrypt'
  /** Let's Encrypt for an IP address (derper 1.102 or later). */
  acmeIpCerts: boolean
  listen: {address: string | null; port: number}
  /** null: off. */
  stunPort: number | null
  httpPort: 80 | -1
  files: {certificate: string; key: string}
}

export const DEFAULT_CERT_DIR = '/etc/derper/certs'
/** Where derper without a relay listens for HTTP, which it always does. */
const STUN_ALONE_PORT = 3340

/**
 * Derives the settings from a node and what was asked for.
 *
 * @throws a usage error for what derper cannot do
 */
export function relaySettings(node: DerpNode, options: RelayOptions): RelaySettings {
  const stunAlone = node.stunOnly || options.serve === 'stun'
  const stunPort = options.serve === 'relay' ? null : stunPortOf(node)
  if (stunAlone && stunPort === null) {
    throw usageError(`node ${node.name} has no STUN to serve`, 'set its stunport, or use --serve relay for a relay')
  }
  // Clients that dial a node without a hostname send no name, which derper accepts when its own name is an address.
  const named = node.hostName === '' ? [node.ipv4, node.ipv6].find((text) => isIP(text) !== 0) : node.hostName
  const host = parseRelayHost(named ?? node.hostName)
  const shared = {node, options, host: host.name, stunAlone, stunPort, files: certFileNames(host)}
  if (stunAlone) {
    const port = options.listen?.port ?? (node.canPort80 ? 80 : STUN_ALONE_PORT)
    if (port === 443)
      throw usageError('a derper for STUN alone cannot listen on 443', 'choose another port in --listen')
    const listen = {address: options.listen?.address ?? null, port}
    return {...shared, listen, certMode: 'letsencrypt', acmeIpCerts: false, httpPort: -1}
  }
  const certMode = certModeOf(node, options, host.kind === 'ip')
  const acmeIpCerts = certMode === 'letsencrypt' && host.kind === 'ip'
  const publicPort = derpPortOf(node)
  // Let's Encrypt asks on public port 80, or on public port 443 where that leads to derper.
  const port80 = certMode === 'letsencrypt' && (options.listen === null || publicPort !== 443 || acmeIpCerts)
  return {
    ...shared,
    certMode,
    acmeIpCerts,
    listen: options.listen ?? {address: null, port: publicPort},
    httpPort: port80 || node.canPort80 ? 80 : -1,
  }
}

function certModeOf(node: DerpNode, {certMode, listen}: RelayOptions, byAddress: boolean): 'manual' | 'letsencrypt' {
  const trustedName = !byAddress && node.certName === '' && !node.insecureForTests
  const mode = certMode ?? (derpPortOf(node) === 443 && listen === null && trustedName ? 'letsencrypt' : 'manual')
  if (mode === 'manual') return mode
  if (pinOf(node) !== null) {
    throw usageError(
      `node ${node.name} has a pin, and Let's Encrypt issues a new certificate every few weeks`,
      'remove the pin from the map, or use --cert-mode manual',
    )
  }
  if (node.certName !== '' && node.certName !== node.hostName) {
    throw usageError(
      `clients expect a certificate for ${node.certName}, and derper requests one for ${node.hostName}`,
      'use --cert-mode manual with a certificate that names both, or remove certname from the map',
    )
  }
  return mode
}

/** Where derper itself listens, which in a container need not be the port of the machine. */
export function checkListen({certMode, stunAlone, listen}: RelaySettings): void {
  if (stunAlone || certMode === 'manual' || listen.port === 443) return
  throw usageError(
    `derper serves plain HTTP on port ${listen.port} in letsencrypt mode, and no client can use it`,
    'use --cert-mode manual, or listen on 443 (--listen :443 behind a port forwarding)',
  )
}

/** The STUN socket has the address of --listen; on a loopback address no client reaches it. */
export function checkStunAddress({listen, stunPort, stunAlone}: RelaySettings): void {
  if (stunPort === null || listen.address === null || !isLoopback(listen.address)) return
  throw usageError(
    `derper serves STUN on the address of --listen, and clients cannot reach ${listen.address}`,
    stunAlone
      ? 'listen on an address that clients reach'
      : 'add --serve relay, and start a second derper for STUN: the same command with --serve stun and without --listen',
  )
}
