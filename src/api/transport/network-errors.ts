/**
 * Why an HTTP request got no answer: name, route, refusal, certificate, proxy, deadline. From the error of undici, of
 * Node's sockets or of OpenSSL (the whole chain of causes is looked at) to a HeadscaleError.
 * Errors of a unix socket are worded in os-errors.ts.
 */
import {HeadscaleError} from '../../errors.ts'
import {proxiesOfEnvironment} from './http/dispatcher.ts'
import {IndeterminateError, timedOut} from './indeterminate-error.ts'
import {socketError} from './os-errors.ts'
import {cleanText} from './server-text.ts'

/** Whom the request went to. */
export interface NetworkPeer {
  describe: string
  base: URL
  apiKey: string | null
  socketPath?: string
  timeoutMs: number
}

interface SystemError extends Error {
  code?: string
  hostname?: string
  port?: number
}

/** @param deadlinePassed whether it was our own deadline that ended the request */
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
      return unreachable(`the host name ${base.hostname} does not exist`, 'check --address', cause)
    case 'EAI_AGAIN':
      return unreachable(`the host name ${base.hostname} cannot be looked up now`, 'is the network up, and DNS?', cause)
    case 'ECONNREFUSED':
      return unreachable(`nobody listens at ${describe}`, `is headscale running there, and is the port right?`, cause)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return unreachable(`there is no way to ${describe} from here (${code})`, 'check the network and --address', cause)
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new HeadscaleError('timeout', `no connection to ${describe} within ${timeoutMs / 1000} s`, {
        hint: 'does a firewall drop the port? try a longer --timeout',
        cause,
      })
    default:
      return null
  }
}

/** OpenSSL's reasons, as Node names them. */
const CERTIFICATE_REASONS: readonly [RegExp, string][] = [
  [/SELF_SIGNED/, 'it is self-signed'],
  [/^CERT_HAS_EXPIRED$/, 'it has expired'],
  [/^CERT_NOT_YET_VALID$/, 'it is not valid yet: is the clock right?'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'it is for another name'],
  [/^UNABLE_TO_|^CERT_UNTRUSTED|^INVALID_CA/, 'nobody this machine trusts has signed it'],
  [/^CERT_|ERR_TLS_CERT/, 'it is not valid'],
]

function certificateError(cause: SystemError, {describe, base}: NetworkPeer): HeadscaleError | null {
  const code = cause.code ?? ''
  const reason = CERTIFICATE_REASONS.find(([pattern]) => pattern.test(code))?.[1]
  if (reason) {
    const name = /another name/.test(reason) ? `${reason} than ${base.hostname}` : reason
    return new HeadscaleError('permission-denied', `the certificate of ${describe} is not trusted: ${name}`, {
      hint: 'name its authority with --ca-file, or take any certificate with --insecure',
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
    return unreachable(`${describe} does not speak https`, 'is it http:// in --address?', cause)
  }
  const wantsCertificate = /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|certificate required|bad certificate/i.test(
    `${code} ${cause.message}`,
  )
  return new HeadscaleError('permission-denied', `no TLS connection with ${describe}`, {
    hint: wantsCertificate
      ? 'the server wants a client certificate: set tls_client_auth_mode: disabled (headscale 0.15 and 0.16)'
      : "look at the server's log",
    details: {tls: code},
    cause,
  })
}

/** The proxy of the environment itself: not there, or it refuses the tunnel. */
function proxyError(chain: SystemError[], {base, apiKey}: NetworkPeer): HeadscaleError | null {
  const hint = 'check HTTP_PROXY and HTTPS_PROXY, or name the server in NO_PROXY'
  // undici has no code of its own for these two.
  const refused = chain.find(({message}) => /^Proxy (response|Authentication Required) \(\d+\)/.test(message))
  if (refused) {
    const status = /\d+/.exec(refused.message)![0]
    if (status !== '407') {
      return unreachable(
        `the proxy of the environment refuses a connection to ${base.host} (HTTP ${status})`,
        hint,
        refused,
      )
    }
    return unreachable(
      'the proxy of the environment wants a user and a password (HTTP 407)',
      'put them into HTTP_PROXY or HTTPS_PROXY, or name the server in NO_PROXY',
      refused,
    )
  }
  const port = Number(base.port || (base.protocol === 'https:' ? 443 : 80))
  for (const proxy of proxiesOfEnvironment()) {
    const itsPort = Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80))
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

function brokenError(chain: SystemError[], {describe}: NetworkPeer): HeadscaleError {
  const cause = chain[0]!
  const codes = chain.map(({code}) => code ?? '')
  if (chain.some(({name, code}) => name === 'HTTPParserError' || code?.startsWith('HPE_'))) {
    return unreachable(
      `${describe} does not speak HTTP/1.1`,
      "is this headscale's listen_addr, not its gRPC port?",
      cause,
    )
  }
  if (codes.includes('UND_ERR_RES_EXCEEDED_MAX_SIZE') || codes.includes('ERR_STRING_TOO_LONG')) {
    return new HeadscaleError('bad-reply', `the reply of ${describe} is too large`, {
      hint: 'ask for one user (--user)',
      cause,
    })
  }
  if (codes.includes('UND_ERR_DESTROYED') || codes.includes('UND_ERR_CLOSED')) {
    return new HeadscaleError('cancelled', `the connection to ${describe} was closed`, {cause})
  }
  if (codes.some((code) => /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code))) {
    return new IndeterminateError('unreachable', `${describe} broke off the connection before it answered`, {
      hint: "look at the server's log",
      cause,
    })
  }
  return new IndeterminateError('unreachable', `no answer from ${describe} (${codes.find(Boolean) ?? cause.name})`, {
    hint: 'check --address and the network',
    cause,
  })
}

function unreachable(message: string, hint: string, cause: unknown): HeadscaleError {
  return new HeadscaleError('unreachable', message, {hint, cause})
}
