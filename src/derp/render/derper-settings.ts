/**
 * What one relay's derper is told, before it is a command line of any kind: ports, certificate, who may use it.
 *
 * The rules of tailscale cmd/derper (v1.102) are here: any port but 443 means a certificate of one's own, since derper
 * serves plain HTTP otherwise; no Let's Encrypt for an address.
 */
import {isIP} from 'node:net'

import {usageError} from '../../errors.ts'
import {certFileNames, parseRelayHost} from '../cert/host.ts'
import {derpPortOf, stunPortOf} from '../map.ts'
import type {DerpNode} from '../map.ts'

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

export const KEY_DIR = '/var/lib/derper'

/** What one relay's derper is told, before it is a command line of any kind. */
export interface Plan {
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
 * Plans the derper of a node.
 *
 * @throws a usage error for what derper cannot do
 */
export function planOf(node: DerpNode, options: DeployOptions): Plan {
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

/** derper's flags with values; `true` for a bare one. */
export function derperFlags(plan: Plan, {certDir, keyFile}: {certDir: string; keyFile: string}): string[] {
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
