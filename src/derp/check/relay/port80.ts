/**
 * Port 80 of a node with CanPort80: clients detect captive portals there, and accept only an answer that repeats their
 * challenge (tailscale net/captivedetection; derper's /generate_204).
 */
import {openTcp} from '../../net/connection.ts'
import type {CheckContext} from '../context.ts'
import {codeOf} from '../../net/fault.ts'
import {hostHeader, request} from '../../net/http.ts'

const CONNECT_LIMIT_MS = 5000

/** null when it answers as clients expect, otherwise what it did. Throws only when the check is aborted. */
export async function askPort80(
  address: string,
  hostName: string,
  context: CheckContext,
  port = 80,
): Promise<string | null> {
  const challenge = `ts_${hostName}`
  const timeoutMs = Math.min(context.timeoutMs, CONNECT_LIMIT_MS)
  try {
    const connection = await openTcp({address, port}, {timeoutMs, signal: context.signal})
    try {
      const headers = {Host: hostHeader(address, port, 80), 'X-Tailscale-Challenge': challenge, Connection: 'close'}
      const head = await connection.within(timeoutMs, () => request(connection, {path: '/generate_204', headers}))
      if (head.status !== 204) return `/generate_204 answers ${head.status}`
      if (head.headers.get('x-tailscale-response') === `response ${challenge}`) return null
      return '/generate_204 answers 204 without the response to the challenge: this is not derper'
    } finally {
      connection.close()
    }
  } catch (error) {
    context.signal.throwIfAborted()
    return codeOf(error) || (error instanceof Error ? error.message : String(error))
  }
}
