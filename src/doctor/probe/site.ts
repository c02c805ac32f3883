/**
 * Asks an address what a client asks: DNS, TCP, TLS, the public key of the server (GET /key), and the upgrade of POST
 * /ts2021. Nothing is judged here (checks/site.ts), and no key is sent.
 *
 * The upgrade is sent without the handshake that a client adds. headscale then answers 400 before it does anything: it
 * creates nothing, and the answer shows that the header has arrived.
 */
import {lookup} from 'node:dns/promises'
import {isIP} from 'node:net'
import type {X509Certificate} from 'node:crypto'
import type {SecureContext} from 'node:tls'
import {openTcp, openTls} from '../../derp/net/connection.ts'
import type {Connection, Limits} from '../../derp/net/connection.ts'
import {RelayProtocolError} from '../../derp/net/byte-reader.ts'
import {codeOf, tlsFault} from '../../derp/net/fault.ts'
import {exchange} from './exchange.ts'
import type {Reply} from './exchange.ts'

/** Why there is no answer. */
export type SiteFault =
  | {kind: 'no-host' | 'no-dns' | 'refused' | 'silent' | 'no-route' | 'not-tls'; detail: string}
  | {kind: 'tls-failed' | 'not-http' | 'closed'; detail: string}

export interface SiteCertificate {
  leaf: X509Certificate
  certificates: number
  /** Node's error for the chain; null when it ends at a trusted root. */
  chainError: string | null
}

export interface SiteFacts {
  url: URL
  fault: SiteFault | null
  /** Null without TLS. */
  certificate: SiteCertificate | null
  /** The answer to GET /key. */
  key: Reply | null
  /** The Date header of that answer, and the time here in the middle of the exchange. */
  clock: {theirs: Date; ours: Date} | null
  /** The answer to the upgrade; a fault if the connection ended. Null if it was not sent. */
  upgrade: Reply | SiteFault | null
}

export interface ProbeOptions {
  timeoutMs: number
  signal: AbortSignal
  now(): Date
  /** The roots that clients trust; called for https alone. */
  roots(): SecureContext
  /** Whether to send the upgrade. */
  upgrade: boolean
}

/** Clients send their version, and releases since 0.23 answer only one that they support. No server has a maximum. */
const KEY_PATH = 'key?v=9999'

/** @throws the reason of the abort alone */
export async function probeSite(url: URL, options: ProbeOptions): Promise<SiteFacts> {
  const facts: SiteFacts = {url, fault: null, certificate: null, key: null, clock: null, upgrade: null}
  try {
    const address = await reachableAddress(url, options)
    const first = await open(url, address, options)
    facts.certificate = first.certificate
    const before = options.now().getTime()
    facts.key = await ask(first.connection, url, {method: 'GET', path: KEY_PATH, headers: CLOSING}, options)
    const ours = new Date((before + options.now().getTime()) / 2)
    const date = new Date(facts.key.headers.get('date') ?? Number.NaN)
    if (!Number.isNaN(date.getTime())) facts.clock = {theirs: date, ours}
    if (options.upgrade) facts.upgrade = await askUpgrade(url, address, options)
  } catch (cause) {
    options.signal.throwIfAborted()
    facts.fault = faultOf(cause)
  }
  return facts
}

const CLOSING = {'cache-control': 'no-cache', connection: 'close'}
const UPGRADE = {connection: 'upgrade', upgrade: 'tailscale-control-protocol', 'content-length': '0'}

async function askUpgrade(url: URL, address: string, options: ProbeOptions): Promise<Reply | SiteFault> {
  try {
    const {connection} = await open(url, address, options)
    return await ask(connection, url, {method: 'POST', path: 'ts2021', headers: UPGRADE}, options)
  } catch (cause) {
    options.signal.throwIfAborted()
    return faultOf(cause)
  }
}

async function ask(
  connection: Connection,
  url: URL,
  {method, path, headers}: {method: string; path: string; headers: Record<string, string>},
  {timeoutMs}: ProbeOptions,
): Promise<Reply> {
  const root = url.pathname.replace(/\/*$/, '/')
  try {
    return await connection.within(timeoutMs, () =>
      exchange(
        {reader: connection.reader, write: (text) => connection.write(text)},
        {method, path: root + path, headers: {host: url.host, 'user-agent': 'headscale-ts', ...headers}},
      ),
    )
  } finally {
    connection.close()
  }
}

interface Opened {
  connection: Connection
  certificate: SiteCertificate | null
}

async function open(url: URL, address: string, {timeoutMs, signal, roots}: ProbeOptions): Promise<Opened> {
  const limits: Limits = {timeoutMs, signal}
  const endpoint = {address, port: portOf(url)}
  if (url.protocol !== 'https:') return {connection: await openTcp(endpoint, limits), certificate: null}
  let tcpIsUp = false
  try {
    const {connection, certificate} = await openTls(
      endpoint,
      {serverName: bareHost(url), context: roots(), onTcp: () => (tcpIsUp = true)},
      limits,
    )
    return {connection, certificate}
  } catch (cause) {
    throw tcpIsUp ? new TlsProblem(cause) : cause
  }
}

/** The first address of the host that accepts a connection. @throws the error of the first one if none does */
async function reachableAddress(url: URL, {timeoutMs, signal}: ProbeOptions): Promise<string> {
  const host = bareHost(url)
  if (isIP(host) !== 0) return host
  const found = await lookUp(host, timeoutMs)
  const [only, ...others] = found.map(({address}) => address)
  if (others.length === 0) return only!
  let failure: unknown
  for (const address of [only!, ...others]) {
    try {
      const connection = await openTcp({address, port: portOf(url)}, {timeoutMs, signal})
      connection.close()
      return address
    } catch (cause) {
      signal.throwIfAborted()
      failure ??= cause
    }
  }
  throw failure
}

async function lookUp(host: string, timeoutMs: number): Promise<{address: string}[]> {
  const {promise, reject} = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(Object.assign(new Error('no answer'), {code: 'ETIMEOUT'})), timeoutMs)
  try {
    return await Promise.race([lookup(host, {all: true, order: 'ipv4first'}), promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The TLS handshake failed after the connection was there. */
class TlsProblem extends Error {
  constructor(cause: unknown) {
    super('TLS', {cause})
  }
}

function faultOf(cause: unknown): SiteFault {
  if (cause instanceof TlsProblem) {
    const {code, message} = tlsFault(cause.cause)
    return {kind: code === 'not-tls' ? 'not-tls' : code === 'timeout' ? 'silent' : 'tls-failed', detail: message}
  }
  if (cause instanceof RelayProtocolError) {
    const kind = {timeout: 'silent', malformed: 'not-http', oversized: 'not-http', flood: 'not-http'} as const
    return {
      kind: cause.fault === 'closed' || cause.fault === 'reset' ? 'closed' : kind[cause.fault],
      detail: cause.message,
    }
  }
  const code = codeOf(cause)
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return {kind: 'no-host', detail: code}
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
    case 'ETIMEOUT':
      return {kind: 'no-dns', detail: code}
    case 'ECONNREFUSED':
      return {kind: 'refused', detail: code}
    case 'ETIMEDOUT':
      return {kind: 'silent', detail: code}
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return {kind: 'no-route', detail: code}
    case 'ECONNRESET':
    case 'EPIPE':
      return {kind: 'closed', detail: code}
    default:
      return {kind: 'closed', detail: code || String(cause)}
  }
}

export function portOf({port, protocol}: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** Without the brackets of an IPv6 address. */
export function bareHost({hostname}: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** The public key of the server in its answer to GET /key; null if the answer is of something else. */
export function publicKeyOf(reply: Reply | null): string | null {
  if (reply === null || reply.status !== 200) return null
  const {body} = reply
  // 0.15 and 0.16.
  if (/^[0-9a-f]{64}$/.test(body.trim())) return `mkey:${body.trim()}`
  try {
    const {publicKey, legacyPublicKey} = JSON.parse(body) as Record<string, unknown>
    const key = [publicKey, legacyPublicKey].find(
      (each) => typeof each === 'string' && /^mkey:[0-9a-f]*[1-9a-f]/.test(each),
    )
    return typeof key === 'string' ? key : null
  } catch {
    return null
  }
}
