/**
 * The undici dispatcher behind REST: whom to connect to, whom to trust, through which proxy.
 *
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the platform hold, except for loopback addresses (as in Go programs, the
 * official command line among them) and sockets. HTTP/1.1 only: with certificate files headscale offers nothing else.
 */
import {readFileSync} from 'node:fs'
import type {Dispatcher} from 'undici'
import {usageError} from '../../../errors.ts'
import {isLoopback} from '../../../system/addresses.ts'
import {timerMs} from '../indeterminate-error.ts'
import {cleanText} from '../server-text.ts'

export interface DispatcherOptions {
  base: URL
  socketPath?: string
  insecure: boolean
  caFile: string | null
  timeoutMs: number
}

/** Connections to one server. Changes of nodes wait 0.5 s inside it (since 0.27), and share the wait. */
const CONNECTIONS = 32
/** Bytes of one reply; far above any list a server of this kind holds. */
const LARGEST_REPLY = 1024 ** 3

/** @throws HeadscaleError `usage` for a CA file that cannot be used or a proxy variable that is no URL */
export async function openDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const {base, socketPath, timeoutMs} = options
  const tls = socketPath ? {} : await trust(options)
  const {Agent, EnvHttpProxyAgent} = await import('undici')
  const connect = {timeout: timerMs(timeoutMs), ...tls, ...(socketPath ? {socketPath} : {})}
  const common = {
    connect,
    connections: CONNECTIONS,
    maxResponseSize: LARGEST_REPLY,
    allowH2: false,
    // One deadline per call counts (http.ts), not one per phase.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  if (socketPath || isLoopback(base.hostname)) return new Agent(common)
  try {
    return new EnvHttpProxyAgent({...common, requestTls: connect})
  } catch (error) {
    throw usageError(
      `HTTP_PROXY or HTTPS_PROXY cannot be used: ${cleanText((error as Error).message)}`,
      'it should look like http://proxy.example.com:3128',
    )
  }
}

/** Proxies the environment names, whether or not they are in use for the address at hand. */
export function proxiesOfEnvironment(env: NodeJS.ProcessEnv = process.env): URL[] {
  const values = [env['http_proxy'], env['HTTP_PROXY'], env['https_proxy'], env['HTTPS_PROXY']]
  return values.filter((value) => value && URL.canParse(value)).map((value) => new URL(value!))
}

async function trust({insecure, caFile}: DispatcherOptions): Promise<object> {
  if (insecure) return {rejectUnauthorized: false}
  if (caFile === null) return {}
  const tls = await import('node:tls')
  // In addition to the usual authorities: a proxy on the way may have a public certificate. Bun lacks the first.
  const usual = tls.getCACertificates?.('default') ?? tls.rootCertificates
  return {ca: [...usual, readCertificates(caFile)]}
}

function readCertificates(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw usageError(`the CA file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw usageError(`the CA file ${file} holds no certificate`, 'it must be in PEM form: -----BEGIN CERTIFICATE-----')
}
