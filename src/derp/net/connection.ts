/**
 * One TCP or TLS connection to a relay, with a deadline on everything and an end when the check is aborted.
 *
 * TLS is opened without Node's own verdict, since clients have other rules (trust.ts); what Node thinks of the chain
 * is kept as a fact. No ALPN is offered: a server that picks h2 cannot be upgraded, and clients offer none either.
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

/** Upper limit of one wait, in milliseconds, and what ends everything early. */
export interface Limits {
  timeoutMs: number
  signal: AbortSignal
}

/** A TLS connection and what came with it. */
export interface SecureConnection {
  connection: Connection
  certificate: PresentedCertificate
  /** `TLSv1.3`. */
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

  /** Runs `work`; when it takes longer, the connection ends and so does the work. */
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

  /** Ends it at once. Calling it twice does no harm. */
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
    // names are judged by the map's rules afterwards; this leaves authorizationError to the chain
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
 * Links of the leaf's chain. derper adds a certificate of its own that signs nothing (CN `derpkey` and its key): Node
 * follows issuers and never sees it, Bun lists whatever was sent, and clients do not count it.
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

/** The roots clients trust: Node's, the system's, and more. Made once per check, since reading them takes a while. */
export function trustedContext(moreRoots: readonly string[]): SecureContext {
  return createSecureContext({ca: [...getCACertificates('default'), ...getCACertificates('system'), ...moreRoots]})
}

/** No roots: for pinned and unchecked nodes, so that an issuer from the store is not taken for one presented. */
export function rootlessContext(): SecureContext {
  return createSecureContext({ca: []})
}

/** Waits for a stream to be up; ends it on error, deadline or abort. */
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
    // an error after this one has nobody to tell
    stream.on('error', () => {})
    stream.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    stream.off('error', reject).off('close', onClose)
  }
}
