/**
 * One TCP or TLS connection to a relay, with a deadline for every step, closed when the check is aborted.
 *
 * Node does not reject certificates here, because clients have other rules (cert/trust.ts); its result for the chain
 * is kept. No ALPN is offered: a server that picks h2 cannot be upgraded, and clients do not offer it either.
 */
import {X509Certificate} from 'node:crypto'
import {connect as connectTcp, isIP} from 'node:net'
import type {Duplex} from 'node:stream'
import {connect as connectTls, createSecureContext, getCACertificates} from 'node:tls'
import type {DetailedPeerCertificate, SecureContext, TLSSocket} from 'node:tls'
import {ByteReader, RelayProtocolError} from './byte-reader.ts'
import type {PresentedCertificate} from '../cert/trust.ts'

/** Where to connect: a literal address, never a name. */
export interface Endpoint {
  address: string
  port: number
}

/** Timeout of one step in milliseconds, and a signal that ends everything early. */
export interface Limits {
  timeoutMs: number
  signal: AbortSignal
}

/** A TLS connection and its certificate. */
export interface SecureConnection {
  connection: Connection
  certificate: PresentedCertificate
  /** For example `TLSv1.3`. */
  protocol: string
}

export class Connection {
  readonly reader: ByteReader
  readonly #stream: Duplex
  readonly #signal: AbortSignal
  readonly #onAbort: () => void

  constructor(stream: Duplex, signal: AbortSignal) {
    this.#stream = stream
    this.#signal = signal
    this.reader = new ByteReader(stream)
    this.#onAbort = () => stream.destroy(signal.reason)
    signal.addEventListener('abort', this.#onAbort, {once: true})
    if (signal.aborted) this.#onAbort()
  }

  /** Queues bytes. A broken connection shows at the next read. */
  write(bytes: Uint8Array | string): void {
    if (!this.#stream.destroyed) this.#stream.write(bytes)
  }

  /** Runs `work`; closes the connection when it takes longer, which ends the work. */
  async within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#stream.destroy(new RelayProtocolError('timeout', `no answer within ${Math.round(timeoutMs)} ms`))
    }, timeoutMs)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
    }
  }

  /** Closes it at once. May be called twice. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#stream.destroy()
  }
}

/**
 * Opens a TCP connection.
 * @throws the system's error (`ECONNREFUSED`, …), RelayProtocolError `timeout`, or the abort's reason
 */
export async function openTcp({address, port}: Endpoint, limits: Limits): Promise<Connection> {
  return new Connection(await settle(connectTcp({host: address, port}), 'connect', limits), limits.signal)
}

/** Opens TCP and then TLS. `serverName` is a HostName of the map: an IP literal is not sent, as clients do. */
export async function openTls(
  endpoint: Endpoint,
  {serverName, context, onTcp}: {serverName: string; context: SecureContext; onTcp?: () => void},
  limits: Limits,
): Promise<SecureConnection> {
  const tcp = await settle(connectTcp({host: endpoint.address, port: endpoint.port}), 'connect', limits)
  onTcp?.()
  const socket = connectTls({
    socket: tcp,
    servername: isIP(serverName) === 0 ? serverName.replace(/\.$/, '') : '',
    secureContext: context,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false,
    // Names are verified afterwards, by the rules of the map; authorizationError is then about the chain only.
    checkServerIdentity: () => undefined,
  })
  try {
    await settle(socket, 'secureConnect', limits)
    const certificate = presentedBy(socket)
    return {connection: new Connection(socket, limits.signal), certificate, protocol: socket.getProtocol() ?? ''}
  } catch (error) {
    socket.on('error', () => {})
    tcp.destroy()
    throw error
  }
}

function presentedBy(socket: TLSSocket): PresentedCertificate {
  const peer = socket.getPeerCertificate(true)
  const error = socket.authorizationError as Error | string | null | undefined
  return {
    leaf: new X509Certificate(peer.raw),
    certificates: chainLength(peer),
    chainError:
      error == null
        ? null
        : typeof error === 'string'
          ? error
          : ((error as NodeJS.ErrnoException).code ?? error.message),
  }
}

/**
 * Length of the leaf's chain. derper adds a certificate that is not an issuer (CN `derpkey` and its key): Node follows
 * issuers and does not see it, Bun lists all that were sent, and clients do not count it.
 */
function chainLength(leaf: DetailedPeerCertificate): number {
  let length = 0
  const seen = new Set<string>()
  for (let at: DetailedPeerCertificate | undefined = leaf; at && length < 10; at = at.issuerCertificate) {
    if (seen.has(at.fingerprint256)) break
    seen.add(at.fingerprint256)
    if (!String(at.subject?.CN).startsWith('derpkey')) length += 1
  }
  return length
}

/** The roots that clients trust: Node's, the system's, and more. Created once per check: reading them is slow. */
export function trustedContext(moreRoots: readonly string[]): SecureContext {
  return createSecureContext({ca: [...getCACertificates('default'), ...getCACertificates('system'), ...moreRoots]})
}

/** No roots: for pinned and unchecked nodes, so that an issuer in the store does not count as presented. */
export function rootlessContext(): SecureContext {
  return createSecureContext({ca: []})
}

/** Waits until a stream is connected; destroys it on error, timeout or abort. */
async function settle<T extends Duplex>(
  stream: T,
  event: 'connect' | 'secureConnect',
  {timeoutMs, signal}: Limits,
): Promise<T> {
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  const onAbort = (): void => reject(signal.reason)
  const onClose = (): void => reject(new RelayProtocolError('closed', 'the connection was closed'))
  const timer = setTimeout(
    () => reject(new RelayProtocolError('timeout', `no answer within ${Math.round(timeoutMs)} ms`)),
    timeoutMs,
  )
  signal.addEventListener('abort', onAbort, {once: true})
  stream.once(event, resolve).once('error', reject).once('close', onClose)
  try {
    signal.throwIfAborted()
    await promise
    return stream
  } catch (error) {
    // Later errors of the stream do not matter.
    stream.on('error', () => {})
    stream.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    stream.off('error', reject).off('close', onClose)
  }
}
