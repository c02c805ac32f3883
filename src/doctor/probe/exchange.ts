/**
 * One HTTP/1.1 request on a connection of its own, byte by byte: HTTP libraries do not send an upgrade with POST and read
 * the answer when it is refused. The start of the body is read, whatever its framing.
 */
import {RelayProtocolError} from '../../derp/net/byte-reader.ts'
import type {Connection} from '../../derp/net/connection.ts'

export interface Reply {
  status: number
  /** Names in lower case; the last of several wins. */
  headers: ReadonlyMap<string, string>
  /** The first 16 KiB. */
  body: string
}

const MAX_HEAD = 32_768
const MAX_BODY = 16_384

/** @throws RelayProtocolError if the answer is not HTTP/1.1, or the connection ends before it */
export async function exchange(
  {reader, write}: Pick<Connection, 'reader'> & {write(text: string): void},
  {method, path, headers}: {method: string; path: string; headers: Record<string, string>},
): Promise<Reply> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const start = await reader.read(5)
  if (start.toString('latin1') !== 'HTTP/') throw new RelayProtocolError('malformed', 'the answer is not HTTP')
  const head = (await reader.readUntil('\r\n\r\n', MAX_HEAD)).toString('latin1').split('\r\n')
  const status = /^1\.[01] ([1-5]\d\d)(?: |$)/.exec(head[0] ?? '')?.[1]
  if (status === undefined) throw new RelayProtocolError('malformed', 'the answer is not HTTP/1.1')
  const found = new Map<string, string>()
  for (const line of head.slice(1)) {
    const colon = line.indexOf(':')
    if (colon > 0) found.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return {status: Number(status), headers: found, body: status === '101' ? '' : await readBody(reader, found)}
}

async function readBody(reader: Connection['reader'], headers: ReadonlyMap<string, string>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const keep = (bytes: Buffer): void => {
    chunks.push(bytes)
    size += bytes.length
  }
  try {
    if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) {
      while (size < MAX_BODY) {
        const length = Number.parseInt((await reader.readUntil('\r\n', 64)).toString('latin1'), 16)
        if (!(length > 0)) break
        keep(await reader.read(Math.min(length, MAX_BODY)))
        if (length > MAX_BODY) break
        await reader.read(2)
      }
    } else {
      const length = Number(headers.get('content-length') ?? Infinity)
      while (size < Math.min(length, MAX_BODY)) {
        const {length: ready} = await reader.peek(MAX_BODY)
        if (ready === 0) break
        keep(await reader.read(Math.min(ready, length - size)))
      }
    }
  } catch (cause) {
    // A body that is cut off still shows what answers.
    if (!(cause instanceof RelayProtocolError) || cause.fault === 'timeout') throw cause
  }
  return Buffer.concat(chunks).toString('utf8')
}
