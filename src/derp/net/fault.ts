/**
 * What a connection error means: the one place where codes of the system, of OpenSSL and of our own reader
 * become a cause. Each step has its own function, because the same broken connection means different things before and
 * after the relay has sent its key.
 */
import {RelayProtocolError} from './byte-reader.ts'

/** Causes. `derp check` has a verdict for each, `tcp-closed` apart, which STUN may still explain. */
export type FaultCode =
  | 'tcp-closed'
  | 'no-address'
  | 'no-route'
  | 'plain-http'
  | 'not-tls'
  | 'tls-failed'
  | 'name-rejected'
  | 'certificate-rejected'
  | 'proxy'
  | 'not-derp'
  | 'relay-disabled'
  | 'protocol-error'
  | 'timeout'
  | 'restricted'
  | 'key-rejected'
  | 'no-forwarding'
  | 'multiple-relays'

/** Why a step failed. */
export class PathFault extends Error {
  readonly code: FaultCode
  /** null: the message of the verdict says it all. */
  readonly detail: string | null

  constructor(code: FaultCode, detail: string | null, cause?: unknown) {
    super(detail ?? code, {cause})
    this.name = 'PathFault'
    this.code = code
    this.detail = detail
  }
}

/** Codes of a machine that cannot send to an address at all. EHOSTUNREACH may come from the far end, so it is not here. */
const NO_ROUTE = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENETDOWN'])

const CLOSED_IN_TLS = 'the connection was closed during the TLS handshake'

/** The TCP connection failed. */
export function tcpFault(error: unknown): PathFault {
  const code = codeOf(error)
  if (NO_ROUTE.has(code)) return new PathFault('no-route', `this machine has no route there (${code})`, error)
  if (code === 'ENOTFOUND') return new PathFault('no-address', 'the name has no address', error)
  if (code === 'ECONNREFUSED') return new PathFault('tcp-closed', 'connection refused', error)
  if (code === 'ECONNRESET') return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  if (error instanceof RelayProtocolError) return new PathFault('tcp-closed', error.message, error)
  return new PathFault('tcp-closed', code || String(error), error)
}

/** The TLS handshake failed. */
export function tlsFault(error: unknown): PathFault {
  if (error instanceof RelayProtocolError) {
    if (error.fault === 'timeout') return new PathFault('timeout', `TLS: ${error.message}`, error)
    return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  }
  const code = codeOf(error)
  if (code.endsWith('ALERT_INTERNAL_ERROR')) return new PathFault('name-rejected', null, error)
  if (code.endsWith('ALERT_UNRECOGNIZED_NAME')) return new PathFault('name-rejected', null, error)
  // OpenSSL's codes for bytes that are not a TLS record
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL|HTTP_REQUEST|BAD_RECORD|UNEXPECTED_RECORD/.test(
      code,
    )
  ) {
    return new PathFault('not-tls', `not TLS: ${code}`, error)
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new PathFault('tls-failed', CLOSED_IN_TLS, error)
  }
  return new PathFault('tls-failed', `TLS failed: ${code || String(error)}`, error)
}

/** HTTP or DERP failed, after the TLS handshake. `during` names the step in the message. */
export function protocolFault(error: unknown, during: string): PathFault {
  if (error instanceof PathFault) return error
  if (error instanceof RelayProtocolError) {
    const code = error.fault === 'timeout' ? 'timeout' : 'protocol-error'
    return new PathFault(code, `${during}: ${error.message}`, error)
  }
  return new PathFault('protocol-error', `${during}: ${codeOf(error) || String(error)}`, error)
}

/** The code of the system or of OpenSSL; '' without one. */
export function codeOf(error: unknown): string {
  const code: unknown = (error as {code?: unknown} | null)?.code
  return typeof code === 'string' ? code : ''
}
