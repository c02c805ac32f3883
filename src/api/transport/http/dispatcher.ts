/**
 * The undici dispatcher for REST: server, trusted certificates and proxy.
 *
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY work as in Go programs such as headscale's own command line: they do not apply
 * to loopback addresses and sockets, and a proxy without a scheme is an http proxy. HTTP/1.1 only, since headscale with
 * certificate files supports nothing else.
 */
import {readFileSync} from 'node:fs'
import type {Dispatcher} from 'undici'
import {usageError} from '../../../errors.ts'
import {isLoopback} from '../../../system/addresses.ts'
import type {Trace} from '../trace.ts'
import {timerMs} from '../indeterminate-error.ts'
import {LARGEST_REPLY} from '../reply-limit.ts'

export interface DispatcherOptions {
  base: URL
  socketPath?: string
  insecure: boolean
  caFile: string | null
  timeoutMs: number
  /** Receives the choice of a proxy. */
  trace?: Trace | undefined
}

/** Connections to one server. Since 0.27 each change of a node takes 0.5 s, and parallel changes share the wait. */
const CONNECTIONS = 32

/** @throws HeadscaleError `usage` for a CA file without certificates or an invalid proxy variable */
export async function openDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const {base, socketPath, timeoutMs, trace} = options
  const tls = socketPath ? {} : await trust(options)
  const {Agent, EnvHttpProxyAgent} = await import('undici')
  const connect = {timeout: timerMs(timeoutMs), ...tls, ...(socketPath ? {socketPath} : {})}
  const common = {
    connect,
    connections: CONNECTIONS,
    maxResponseSize: LARGEST_REPLY,
    allowH2: false,
    // http-transport.ts sets one deadline per call, not one per phase.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  if (socketPath || isLoopback(base.hostname)) return new Agent(common)
  const scheme = base.protocol === 'https:' ? 'https' : 'http'
  const proxy = usableProxy(scheme)
  trace?.(proxyLine(proxy))
  if (proxy?.url.protocol === 'socks5:') silenceExperimentalWarning()
  // For undici an empty string means no proxy; for undefined it would read the environment itself. It would use HTTP_PROXY
  // for https too, which Go does not.
  const none = {httpProxy: '', httpsProxy: ''}
  const chosen = proxy === null ? {} : {[`${scheme}Proxy`]: proxy.url.href}
  return new EnvHttpProxyAgent({...common, requestTls: connect, ...none, ...chosen})
}

interface Proxy {
  /** The variable. */
  name: string
  url: URL
}

/** The proxies in the environment, used for the current address or not. */
export function proxiesOfEnvironment(): URL[] {
  return [proxyOf('http'), proxyOf('https')].map((proxy) => proxy?.url).filter((url) => url instanceof URL)
}

/** The proxy for a scheme; its URL is null if it is invalid. Lower case takes precedence, as in curl and Go. */
export function proxyOf(scheme: 'http' | 'https', env = process.env): {name: string; url: URL | null} | null {
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find((each) => env[each])
  if (name === undefined) return null
  const text = env[name]!.trim()
  const full = (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`).replace(/^socks5?h?:/i, 'socks5:')
  const url = URL.canParse(full) ? new URL(full) : null
  return {name, url: url !== null && /^(https?|socks5):$/.test(url.protocol) && url.hostname !== '' ? url : null}
}

/** @throws a usage error that does not repeat the text, which can contain a password */
function usableProxy(scheme: 'http' | 'https'): Proxy | null {
  const proxy = proxyOf(scheme)
  if (proxy === null) return null
  const {name, url} = proxy
  if (url !== null) return {name, url}
  throw usageError(`invalid proxy in ${name}: expected a URL`, 'for example http://proxy.example.com:3128')
}

/** Without user and password of the proxy. */
function proxyLine(proxy: Proxy | null): string {
  if (proxy === null) return 'proxy: none'
  const {NO_PROXY, no_proxy: lower} = process.env
  const except = NO_PROXY || lower ? ', except for the hosts in NO_PROXY' : ''
  return `proxy: ${proxy.url.protocol}//${proxy.url.host} (${proxy.name})${except}`
}

/** SOCKS works. undici warns that it is experimental, which does not help the user. */
function silenceExperimentalWarning(): void {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] !== 'ExperimentalWarning') Reflect.apply(emitWarning, process, [warning, ...rest])
  }) as typeof process.emitWarning
}

async function trust({insecure, caFile}: DispatcherOptions): Promise<object> {
  // The configuration has already applied this variable (and warned); Node would apply it again and print a warning.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  if (insecure) return {rejectUnauthorized: false}
  if (caFile === null) return {rejectUnauthorized: true}
  const tls = await import('node:tls')
  // In addition to the default authorities, since a proxy may have a public certificate. Bun lacks getCACertificates.
  const defaults = tls.getCACertificates?.('default') ?? tls.rootCertificates
  return {rejectUnauthorized: true, ca: [...defaults, readCertificates(caFile)]}
}

function readCertificates(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw usageError(
      `cannot read the CA file ${file} (${(error as NodeJS.ErrnoException).code})`,
      'name a PEM file of certificates',
    )
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw usageError(
    `the CA file ${file} contains no certificate`,
    'it must be in PEM format: -----BEGIN CERTIFICATE-----',
  )
}
