/**
 * Explains why an HTTP request got no reply: host name, route, refused connection, certificate, proxy, deadline.
 * Converts errors of undici, Node's sockets and OpenSSL (with their whole chain of causes) to a HeadscaleError.
 * os-errors.ts handles errors of a unix socket.
 */
import {HeadscaleError} from '../../errors.ts'
import {proxiesOfEnvironment} from './http/dispatcher.ts'
import {IndeterminateError, timedOut} from './indeterminate-error.ts'
import {socketError} from './os-errors.ts'
import {replyTooLarge} from './reply-limit.ts'
import {cleanText} from './server-text.ts'

/** The server of the request. */
export interface NetworkPeer {
  describe: string
  base: URL
  apiKey: string | null
  socketPath?: string
  timeoutMs: number
  /** Whether a file of authorities was given (--ca-file). */
  caFile?: string | null
}

interface SystemError extends Error {
  code?: string
  hostname?: string
  port?: number
}

/** @param deadlinePassed whether our own deadline ended the request */
export function networkError(error: unknown, peer: NetworkPeer, deadlinePassed: boolean): HeadscaleError {
  if (error instanceof HeadscaleError) return error
  if (deadlinePassed) return timedOut(peer.describe, peer.timeoutMs, error)
  const chain = causes(error)
  const cause = chain.find(({code}) => code && !code.startsWith('UND_')) ?? chain.at(-1)!
  const code = cause.code ?? ''
  if (peer.socketPath && /^(ENOENT|EACCES|EPERM|ECONNREFUSED|ENOTSOCK|ENOTDIR|EINVAL)$/.test(code)) {
    return socketError(peer.socketPath, cause)
  }
  return (
    proxyError(chain, peer) ??
    certificateError(cause, peer) ??
    connectError(code, cause, peer) ??
    brokenError(chain, peer)
  )
}

function causes(error: unknown): SystemError[] {
  const chain: SystemError[] = []
  const queue: unknown[] = [error]
  while (queue.length > 0 && chain.length < 20) {
    const next = queue.shift()
    if (!(next instanceof Error) || chain.includes(next)) continue
    chain.push(next)
    queue.push(next.cause, ...((next as AggregateError).errors ?? []))
  }
  return chain.length > 0 ? chain : [new Error(String(error))]
}

function connectError(
  code: string,
  cause: SystemError,
  {describe, base, timeoutMs}: NetworkPeer,
): HeadscaleError | null {
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return unreachable(`host ${base.hostname} not found`, 'check the host name in the address', cause)
    case 'EAI_AGAIN':
      return unreachable(`cannot look up the host ${base.hostname}`, 'check the network and its DNS server', cause)
    case 'ECONNREFUSED':
      return unreachable(
        `connection refused: ${describe}`,
        'check that headscale is running there and that the port is right',
        cause,
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return unreachable(`no route to ${describe} (${code})`, 'check the network and the address', cause)
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new HeadscaleError('timeout', `no connection to ${describe} within ${timeoutMs / 1000} s`, {
        hint: 'check whether a firewall drops the port, or try a longer --timeout',
        cause,
      })
    default:
      return null
  }
}

/** OpenSSL's reasons, as Node names them, with the text and the kind of fix for each. */
const CERTIFICATE_REASONS: readonly [RegExp, string, 'authority' | 'name' | 'time'][] = [
  [/SELF_SIGNED/, 'it is self-signed', 'authority'],
  [/^CERT_HAS_EXPIRED$/, 'it has expired', 'time'],
  [/^CERT_NOT_YET_VALID$/, 'it is not valid yet', 'time'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'it is not valid for', 'name'],
  [/^UNABLE_TO_|^CERT_UNTRUSTED|^INVALID_CA/, 'it is signed by an unknown authority', 'authority'],
  [/^CERT_|ERR_TLS_CERT/, 'it is invalid', 'authority'],
]

function certificateHint(problem: 'authority' | 'name' | 'time', peer: NetworkPeer): string {
  const skip = 'or skip verification with --insecure'
  switch (problem) {
    case 'name':
      return `use a host name of the certificate in the address, ${skip}`
    case 'time':
      return `renew the certificate and check the clock of this machine, ${skip}`
    case 'authority':
      return peer.caFile
        ? `the file of --ca-file does not contain its authority: add it, ${skip}`
        : `pass the certificate of its authority with --ca-file, ${skip}`
  }
}

function certificateError(cause: SystemError, peer: NetworkPeer): HeadscaleError | null {
  const {describe, base} = peer
  const code = cause.code ?? ''
  const found = CERTIFICATE_REASONS.find(([pattern]) => pattern.test(code))
  if (found) {
    const [, reason, problem] = found
    const subject = problem === 'name' ? `${reason} ${base.hostname}${namesOf(cause)}` : reason
    return new HeadscaleError('permission-denied', `the certificate of ${describe} is not trusted: ${subject}`, {
      hint: certificateHint(problem, peer),
      details: {tls: code},
      cause,
    })
  }
  if (!/^ERR_SSL_|^EPROTO$/.test(code)) return null
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length too long/i.test(
      `${code} ${cause.message}`,
    )
  ) {
    return unreachable(`${describe} does not speak https`, 'use http:// in the address if that is intended', cause)
  }
  if (/NO_APPLICATION_PROTOCOL|no application protocol/i.test(`${code} ${cause.message}`)) {
    return unreachable(
      `${describe} does not speak HTTP/1.1`,
      'enable HTTP/1.1 on the proxy in front of headscale',
      cause,
    )
  }
  const wantsCertificate = /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|certificate required|bad certificate/i.test(
    `${code} ${cause.message}`,
  )
  return new HeadscaleError('permission-denied', `TLS handshake with ${describe} failed (${code})`, {
    hint: wantsCertificate
      ? 'the server requires a client certificate: set tls_client_auth_mode: disabled (headscale 0.15 and 0.16)'
      : 'check the TLS settings of the server, and its log',
    details: {tls: code},
    cause,
  })
}

/** Errors of the proxy itself: it does not answer, or rejects the tunnel. */
function proxyError(chain: SystemError[], {base, apiKey}: NetworkPeer): HeadscaleError | null {
  const hint = 'check HTTP_PROXY and HTTPS_PROXY, or add the server to NO_PROXY'
  // undici has no error code for these two.
  const refused = chain.find(({message}) => /^Proxy (response|Authentication Required) \(\d+\)/.test(message))
  if (refused) {
    const status = /\d+/.exec(refused.message)![0]
    if (status !== '407') {
      return unreachable(
        `the proxy of the environment rejected the connection to ${base.host} (HTTP ${status})`,
        hint,
        refused,
      )
    }
    return unreachable(
      'the proxy of the environment requires a user and a password (HTTP 407)',
      'put them into HTTP_PROXY or HTTPS_PROXY, or add the server to NO_PROXY',
      refused,
    )
  }
  const port = Number(base.port || (base.protocol === 'https:' ? 443 : 80))
  for (const proxy of proxiesOfEnvironment()) {
    const itsPort = Number(proxy.port || DEFAULT_PORTS[proxy.protocol] || 80)
    const failed = chain.find((one) => {
      if (one.hostname !== undefined) return one.hostname === proxy.hostname && proxy.hostname !== base.hostname
      return one.port !== undefined && one.port === itsPort && itsPort !== port
    })
    if (failed) {
      return unreachable(
        `the proxy ${cleanText(proxy.host, apiKey)} of the environment does not answer (${failed.code})`,
        hint,
        failed,
      )
    }
  }
  return null
}

const DEFAULT_PORTS: Record<string, number> = {'http:': 80, 'https:': 443, 'socks5:': 1080}

/** The names in Node's message about a certificate for another host. */
function namesOf({message}: SystemError): string {
  const names = /cert's altnames: (.*)/s.exec(message)?.[1]?.replaceAll(/(?:DNS|IP Address):/g, '')
  return names ? `, only for ${cleanText(names)}` : ''
}

function brokenError(chain: SystemError[], {describe}: NetworkPeer): HeadscaleError {
  const cause = chain[0]!
  const codes = chain.map(({code}) => code ?? '')
  if (chain.some(({name, code}) => name === 'HTTPParserError' || code?.startsWith('HPE_'))) {
    return unreachable(
      `${describe} does not speak HTTP/1.1`,
      "use the port of headscale's listen_addr, not its gRPC port",
      cause,
    )
  }
  if (codes.includes('UND_ERR_RES_EXCEEDED_MAX_SIZE') || codes.includes('ERR_STRING_TOO_LONG')) {
    return replyTooLarge(describe, cause)
  }
  if (codes.includes('UND_ERR_DESTROYED') || codes.includes('UND_ERR_CLOSED')) {
    return new HeadscaleError('cancelled', `the connection to ${describe} was closed`, {cause})
  }
  if (codes.some((code) => /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code))) {
    return new IndeterminateError('unreachable', `${describe} closed the connection before it answered`, {
      hint: "check the server's log",
      cause,
    })
  }
  return new IndeterminateError('unreachable', `no answer from ${describe} (${codes.find(Boolean) ?? cause.name})`, {
    hint: 'check the address and the network',
    cause,
  })
}

function unreachable(message: string, hint: string, cause: unknown): HeadscaleError {
  return new HeadscaleError('unreachable', message, {hint, cause})
}
