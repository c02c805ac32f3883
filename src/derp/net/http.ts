/**
 * The part of HTTP/1.1 that a check needs: after an upgrade the connection continues with DERP frames, often in the same
 * packet as the header, and the size of a header is limited. Of a body only the start is read, for error texts.
 */
import {isIP} from 'node:net'
import {RelayProtocolError} from './byte-reader.ts'
import type {Connection} from './connection.ts'

const MAX_HEAD = 16_384
const MAX_EXCERPT = 256

/** Status and header of an answer. */
export interface HttpHead {
  status: number
  /** Names in lower case; the last of several wins. */
  headers: ReadonlyMap<string, string>
  /** The start of a body of known length; '' for an upgrade and without a length. */
  excerpt: string
}

/** Sends a request without a body and reads the header of the answer; what follows stays unread. */
export async function request(
  connection: Connection,
  {method = 'GET', path, headers}: {method?: string; path: string; headers: Record<string, string>},
): Promise<HttpHead> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  connection.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return readHead(connection, method)
}

async function readHead({reader}: Connection, method: string): Promise<HttpHead> {
  const start = await reader.read(5)
  if (start.toString('latin1') !== 'HTTP/') throw new RelayProtocolError('malformed', 'the answer is not HTTP')
  const [statusLine = '', ...lines] = (await reader.readUntil('\r\n\r\n', MAX_HEAD)).toString('latin1').split('\r\n')
  const status = /^1\.[01] ([1-5]\d\d)(?: |$)/.exec(statusLine)?.[1]
  if (status === undefined) throw new RelayProtocolError('malformed', 'the answer is not HTTP/1.1')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  const length = Number(headers.get('content-length') ?? 0)
  const excerpt =
    method !== 'HEAD' && status !== '101' && length > 0
      ? await reader.read(Math.min(length, MAX_EXCERPT))
      : Buffer.alloc(0)
  return {status: Number(status), headers, excerpt: excerpt.toString('latin1')}
}

/** The Host header for a host and port; `defaultPort` is left out. */
export function hostHeader(host: string, port: number, defaultPort: number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host
  return port === defaultPort ? name : `${name}:${port}`
}
