/**
 * Lines of `--debug` about one call: what was sent where, how it ended, how long it took, how large it was. Never a
 * body, a header, or the value of a field that can be a key.
 */

/** Receives one line of text, which can contain text from the server. */
export type Trace = (line: string) => void

interface TracedCall {
  /** `GET /api/v1/node`, `gRPC /headscale.v1.HeadscaleService/ListNodes` */
  what: string
  /** Why the call is made, if not for the command itself. */
  purpose?: string | undefined
  /** Time of the start, as `performance.now()`. */
  begun: number
  /** A status code, or the reason why there is none. */
  status: string
  /** Bytes of the body or message, without headers. */
  sent: number
  received: number
}

/** `GET /version (detection): 200, 3 ms, sent 0 B, received 20 B` */
export function callLine({what, purpose, begun, status, sent, received}: TracedCall): string {
  const ms = Math.round(performance.now() - begun)
  return `${what}${purpose ? ` (${purpose})` : ''}: ${status}, ${ms} ms, sent ${sent} B, received ${received} B`
}

/** A path with its query, without the registration key that some calls have in it. */
export function shownPath(path: string): string {
  return path.replace(/([?&](?:key|authId)=)[^&]*/g, '$1[secret]')
}
