/**
 * The little HTTP/1.1 a check speaks, by hand: after an upgrade the same bytes go on as DERP frames, often in one
 * packet with the head, and every head of a stranger has a limit. Of a body only the start is read, for its words.
 */
import {isIP} from 'node:net'
import {RelayProtocolError} from './byte-reader.ts'
import type {Connection} from './connection.ts'

const MAX_HEAD = 16_384
const MAX_EXCERPT = 256

/** The head of an answer. */
export interface HttpHead {
  status: number
  /** Names in lower case; the last of several wins. */
  headers: ReadonlyMap<string, string>
  /** The start of a body of known length; '' for an upgrade and without a length. */
  excerpt: string
}

/** Sends a request without a body and reads the head of the answer; what follows it stays unread. */
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

/** The Host header for a host and port; `usual` is the port that is left out. */
export function hostHeader(host: string, port: number, usual: number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host
  return port === usual ? name : `${name}:${port}`
}
