/**
 * Connections to one relay address, through TLS, HTTP and the DERP handshake.
 *
 * The certificate of every connection is verified before anything is sent, since two connections need not reach the same
 * machine. Errors become PathFault, whose cause depends on the step. The order of a check, and
 * what is done with an admitted client, are in probe-relay.ts.
 */
import {derpPortOf} from '../../map.ts'
import type {DerpNode} from '../../map.ts'
import {describeCertificate} from '../../cert/pin.ts'
import {RelayProtocolError} from '../../net/byte-reader.ts'
import {openTcp, openTls} from '../../net/connection.ts'
import type {Connection, Endpoint, Limits, SecureConnection} from '../../net/connection.ts'
import type {CheckContext} from '../context.ts'
import {PathFault, protocolFault, tcpFault, tlsFault} from '../../net/fault.ts'
import {hostHeader, request} from '../../net/http.ts'
import type {HttpHead} from '../../net/http.ts'
import {RelayClient} from './relay.ts'
import type {ClientIntroduction} from './relay.ts'
import type {CertificateFacts} from '../result.ts'
import {verifyCertificate, trustRule} from '../../cert/trust.ts'
import type {CertificateFinding, TrustRule} from '../../cert/trust.ts'

/** TCP connects quickly or not at all; clients wait 1.5 s. */
const CONNECT_LIMIT_MS = 5000

export class RelaySessions {
  readonly rule: TrustRule
  /** The certificate of the first connection, and why clients reject it. */
  certificate: CertificateFacts | null = null
  finding: CertificateFinding | null = null
  /** 64 hex digits, from the first connection. */
  serverKey: string | null = null
  /** Whether a later connection had another key. */
  multipleRelays = false
  readonly notes = new Set<string>()

  readonly #node: DerpNode
  readonly #endpoint: Endpoint
  readonly #context: CheckContext
  readonly #connections = new Set<Connection>()

  constructor(node: DerpNode, address: string, context: CheckContext) {
    this.rule = trustRule(node)
    this.#node = node
    this.#endpoint = {address, port: derpPortOf(node)}
    this.#context = context
  }

  /** Opens TLS; throws when clients reject the certificate. `onTcp` is called when TCP is connected. */
  async open(onTcp: () => void = () => {}): Promise<Connection> {
    let tcpIsUp = false
    try {
      const secure = await openTls(
        this.#endpoint,
        {
          serverName: this.#node.hostName,
          context: this.rule.kind === 'chain' ? this.#context.tls.trusted() : this.#context.tls.rootless(),
          onTcp: () => {
            tcpIsUp = true
            onTcp()
          },
        },
        this.#limits(),
      )
      this.#connections.add(secure.connection)
      this.#verify(secure)
      return secure.connection
    } catch (error) {
      this.#context.signal.throwIfAborted()
      if (error instanceof PathFault) throw error
      if (!tcpIsUp) throw tcpFault(error)
      const fault = tlsFault(error)
      throw fault.code === 'not-tls' ? await this.#plainFault(fault) : fault
    }
  }

  /** GET /derp, with or without an upgrade to DERP. */
  async ask(connection: Connection, upgrade: boolean): Promise<HttpHead> {
    const headers = {
      Host: hostHeader(this.#node.hostName, this.#endpoint.port, 443),
      'User-Agent': 'headscale-ts',
      ...(upgrade ? {Upgrade: 'DERP', Connection: 'Upgrade'} : {Connection: 'close'}),
    }
    try {
      return await connection.within(this.#context.timeoutMs, () => request(connection, {path: '/derp', headers}))
    } catch (error) {
      this.#context.signal.throwIfAborted()
      const isHttp = !(error instanceof RelayProtocolError && error.fault === 'malformed')
      throw isHttp
        ? protocolFault(error, upgrade ? 'upgrade' : 'HTTP')
        : new PathFault('not-derp', error.message, error)
    }
  }

  /**
   * The DERP handshake, after the upgrade.
   * @throws PathFault `restricted` when the relay sent its key and then closed the connection
   */
  async join(connection: Connection, head: HttpHead, introduction: ClientIntroduction): Promise<RelayClient> {
    let keySent = false
    const onServerKey = (key: Buffer): void => {
      keySent = true
      this.#noteServerKey(key.toString('hex'), head)
    }
    try {
      return await connection.within(this.#context.timeoutMs, () =>
        RelayClient.join(connection, introduction, onServerKey),
      )
    } catch (error) {
      this.#context.signal.throwIfAborted()
      const refused = keySent && error instanceof RelayProtocolError && error.fault === 'closed'
      throw refused
        ? new PathFault('restricted', null, error)
        : protocolFault(error, keySent ? 'admission' : 'before the server key')
    }
  }

  /** Closes one connection, or all of them. */
  close(connection?: Connection): void {
    for (const each of connection === undefined ? this.#connections : [connection]) {
      each.close()
      this.#connections.delete(each)
    }
  }

  #verify({certificate, protocol}: SecureConnection): void {
    const {leaf, certificates} = certificate
    const checked = this.rule.kind !== 'insecure'
    this.certificate ??= {...describeCertificate({leaf, certificates}), protocol, checked}
    const finding = verifyCertificate(this.rule, certificate, this.#context.now())
    if (finding === null) return
    this.finding = finding
    throw new PathFault('certificate-rejected', finding.found)
  }

  /** Bytes that are not TLS may be HTTP: derper without -certmode manual on a custom port. */
  async #plainFault(fault: PathFault): Promise<PathFault> {
    try {
      const connection = await openTcp(this.#endpoint, this.#limits())
      this.#connections.add(connection)
      const {status} = await this.ask(connection, false)
      const server = status === 426 ? 'a DERP relay' : 'a web server'
      return new PathFault('plain-http', `${server} speaks plain HTTP here, where clients expect TLS`, fault)
    } catch {
      this.#context.signal.throwIfAborted()
      return fault
    }
  }

  #noteServerKey(key: string, head: HttpHead): void {
    // The embedded relay of headscale writes nodekey: before the digits.
    const promised = head.headers.get('derp-public-key')?.replace(/^nodekey:/, '')
    if (promised !== undefined && promised !== key)
      this.notes.add('the HTTP header has another server key than the relay')
    if (this.serverKey !== null && this.serverKey !== key) this.multipleRelays = true
    this.serverKey ??= key
  }

  #limits(): Limits {
    const {timeoutMs, signal} = this.#context
    return {timeoutMs: Math.min(timeoutMs, CONNECT_LIMIT_MS), signal}
  }
}
