/**
 * What an error on the way to a relay means: the one place where codes of the system, of OpenSSL and of our own reader
 * become a cause. Each step has its own reading, since the same broken connection means different things before and
 * after the relay has shown its key.
 */
import {RelayProtocolError} from '../net/byte-reader.ts'
import type {VerdictCode} from './result.ts'

/** A cause that is not yet a verdict: what STUN says may still change it. */
export class PathFault extends Error {
  readonly code: VerdictCode | 'tcp-closed'
  /** null: the sentence of the verdict will do. */
  readonly detail: string | null

  constructor(code: VerdictCode | 'tcp-closed', detail: string | null, cause?: unknown) {
    super(detail ?? code, {cause})
    this.name = 'PathFault'
    this.code = code
    this.detail = detail
  }
}

/** Codes of a machine that cannot send to an address at all. EHOSTUNREACH may come from the far end and is none. */
const NO_ROUTE = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENETDOWN'])

const CLOSED_IN_TLS = 'the connection was closed during the TLS handshake'

/** TCP did not come up. */
export function tcpFault(error: unknown): PathFault {
  const code = codeOf(error)
  if (NO_ROUTE.has(code)) return new PathFault('no-route', `this machine has no route there (${code})`, error)
  if (code === 'ENOTFOUND') return new PathFault('no-address', 'the name has no address', error)
  if (code === 'ECONNREFUSED') return new PathFault('tcp-closed', 'connection refused', error)
  if (code === 'ECONNRESET') return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  if (error instanceof RelayProtocolError) return new PathFault('tcp-closed', error.message, error)
  return new PathFault('tcp-closed', code || String(error), error)
}

/** TLS did not come up, after TCP had. */
export function tlsFault(error: unknown): PathFault {
  if (error instanceof RelayProtocolError) {
    if (error.fault === 'timeout') return new PathFault('no-answer', `TLS: ${error.message}`, error)
    return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  }
  const code = codeOf(error)
  if (code.endsWith('ALERT_INTERNAL_ERROR')) return new PathFault('name-refused', null, error)
  if (code.endsWith('ALERT_UNRECOGNIZED_NAME')) return new PathFault('name-refused', null, error)
  // what OpenSSL says to bytes that are no TLS record
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL|HTTP_REQUEST|BAD_RECORD|UNEXPECTED_RECORD/.test(
      code,
    )
  ) {
    return new PathFault('not-tls', `no TLS: ${code}`, error)
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  }
  return new PathFault('tls-failed', `TLS failed: ${code || String(error)}`, error)
}

/** HTTP or DERP went wrong, after TLS had come up. `during` names the step in the sentence. */
export function protocolFault(error: unknown, during: string): PathFault {
  if (error instanceof PathFault) return error
  if (error instanceof RelayProtocolError) {
    const code = error.fault === 'timeout' ? 'no-answer' : 'misbehaves'
    return new PathFault(code, `${during}: ${error.message}`, error)
  }
  return new PathFault('misbehaves', `${during}: ${codeOf(error) || String(error)}`, error)
}

/** The system's or OpenSSL's code, '' without one. */
export function codeOf(error: unknown): string {
  const code: unknown = (error as {code?: unknown} | null)?.code
  return typeof code === 'string' ? code : ''
}
