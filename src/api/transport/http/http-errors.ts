/**
 * Interprets an HTTP reply: a reply of headscale, one of its errors (the gateway's {code, message} up to 0.29, RFC 7807
 * problems since 0.30), or a reply of something in front of it: a proxy, a login, a web page, a redirect.
 *
 * grpc-errors.ts translates gRPC codes in gateway bodies, server-errors.ts classifies headscale's messages.
 */
import {type ErrorCode, HeadscaleError} from '../../../errors.ts'
import {CODE} from '../grpc/status.ts'
import {KEY_HINT, statusError} from '../grpc/grpc-errors.ts'
import {IndeterminateError} from '../indeterminate-error.ts'
import {classifyMessage} from '../server-errors.ts'
import {cleanText} from '../server-text.ts'
import type {WireMessage} from '../transport.ts'

/** The parts of a reply that show its kind. */
export interface HttpReply {
  status: number
  contentType: string
  text: string
  location: string | null
  /** The WWW-Authenticate header: a proxy with its own login sends it, headscale does not. */
  authenticate?: string | null
}

/** The server that replied. */
export interface HttpPeer {
  describe: string
  base: URL
  /** Removed from every message. */
  apiKey: string | null
}

/** The hint for an address where something other than headscale answers. */
export const ADDRESS_HINT =
  "use headscale's server_url as the address; a proxy in front must pass /api/ through (headscale-ts doctor checks both)"
const LOGIN_HINT = 'let the proxy pass /api/ through without its own login, or use the unix socket on the server'

/** The reply of a call. @throws HeadscaleError for everything that is not a JSON object with status 2xx */
export function readReply(reply: HttpReply, peer: HttpPeer): WireMessage {
  const body = isOk(reply.status) && isJson(reply.contentType) ? parseObject(reply.text) : null
  if (body === null) throw replyError(reply, peer)
  return body
}

/** The error for anything that is not a successful reply. */
export function replyError(reply: HttpReply, peer: HttpPeer): HeadscaleError {
  const {status, contentType} = reply
  if (status >= 300 && status < 400) return redirected(reply, peer)
  const body = isJson(contentType) ? parseObject(reply.text) : null
  if (body && !isOk(status)) {
    const error = gatewayError(body, peer) ?? problem(status, body, peer)
    if (error) return error
  }
  if (isBadKey(reply)) return badKey(status)
  return foreignError(reply, peer)
}

/** Body of grpc-gateway: 0.15 to 0.29. */
function gatewayError(body: WireMessage, {apiKey}: HttpPeer): HeadscaleError | null {
  const {code, message} = body
  if (typeof code !== 'number' || typeof message !== 'string') return null
  // The gateway's message for an unknown path; messages about a missing object name the object.
  if (code === CODE.NOT_FOUND && message === 'Not Found') return noSuchCall()
  return statusError(code, message, apiKey)
}

const BY_HTTP_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-input',
  403: 'permission-denied',
  404: 'not-found',
  409: 'invalid-input',
  413: 'invalid-input',
  415: 'invalid-input',
  422: 'invalid-input',
  429: 'unreachable',
  501: 'unsupported-by-server',
  503: 'unreachable',
}

/** RFC 7807, since 0.30: `detail` is what failed, `errors` is why. The v2 API has `message` and `data`. */
function problem(status: number, body: WireMessage, {apiKey}: HttpPeer): HeadscaleError | null {
  if (status === 401) return badKey(status)
  const subject = body['detail'] || body['title'] || body['message']
  if (typeof subject !== 'string') return null
  const causes = Array.isArray(body['errors']) ? body['errors'].map(causeOf).filter(Boolean) : []
  const reasons = causes.filter((cause) => cause !== subject).join('; ')
  const text = cleanText(reasons ? `${subject}: ${reasons}` : subject, apiKey)
  const known = classifyMessage(text)
  // 422 always means that validation failed; the message can repeat any text of the request.
  const code = known && status !== 422 ? known.code : (BY_HTTP_STATUS[status] ?? 'failed')
  return new HeadscaleError(code, known?.message ?? text, {
    details: {httpStatus: status, server: text},
    ...(known?.hint ? {hint: known.hint} : {}),
  })
}

/** One entry of `errors`: its message, and the part of the request that it refers to. */
function causeOf(entry: unknown): string {
  const {message, location} = (entry ?? {}) as {message?: unknown; location?: unknown}
  if (typeof message !== 'string') return ''
  return typeof location === 'string' && location ? `${message} (${location})` : message
}

/**
 * A rejected key gives 401 or 500 with the text `Unauthorized` or an empty body: 0.15 sends no body, and up to 0.26 an
 * unknown or malformed key gives 500.
 */
function isBadKey({status, text, contentType, authenticate}: HttpReply): boolean {
  if ((status !== 401 && status !== 500) || authenticate) return false
  return !isHtml(contentType, text) && /^(Unauthorized)?$/i.test(text.trim())
}

function badKey(status: number): HeadscaleError {
  const message = 'the server rejected the API key: it is invalid or expired'
  return new HeadscaleError('unauthenticated', message, {hint: KEY_HINT, details: {httpStatus: status}})
}

function noSuchCall(): HeadscaleError {
  return new HeadscaleError('unsupported-by-server', 'the server does not have this API call', {
    hint: 'this headscale release lacks it, or a proxy passes only a part of /api/ through',
  })
}

/** The error for a reply that is not from headscale's API: from a proxy, a login or another server. */
function foreignError(reply: HttpReply, {describe, apiKey}: HttpPeer): HeadscaleError {
  const {status, contentType} = reply
  const details = {httpStatus: status}
  if (status === 502 || status === 503 || status === 504) {
    const Kind = status === 503 ? HeadscaleError : IndeterminateError
    return new Kind(
      status === 504 ? 'timeout' : 'unreachable',
      `the proxy at ${describe} cannot reach headscale (HTTP ${status})`,
      {
        hint: 'check on the server that headscale is running and that the proxy forwards to it',
        details,
      },
    )
  }
  if (status === 429) {
    return new HeadscaleError('unreachable', `${describe} received too many requests (HTTP 429)`, {
      hint: 'wait a little and try again, or use the unix socket on the server',
      details,
    })
  }
  if (status === 401 || status === 407) {
    return new HeadscaleError('unauthenticated', `a proxy at ${describe} requires its own login (HTTP ${status})`, {
      hint: LOGIN_HINT,
      details,
    })
  }
  if (status === 403) {
    return new HeadscaleError('permission-denied', `a proxy at ${describe} denies access (HTTP 403)`, {
      hint: 'check its access rules, or use the unix socket on the server',
      details: {
        ...details,
        server: isHtml(contentType, reply.text) ? '' : cleanText(reply.text.slice(0, 4000), apiKey),
      },
    })
  }
  if (isHtml(contentType, reply.text)) {
    return new HeadscaleError('unreachable', `expected headscale at ${describe}, got a web page (HTTP ${status})`, {
      hint: ADDRESS_HINT,
      details,
    })
  }
  const text = cleanText(reply.text.slice(0, 4000), apiKey)
  if (/HTTP request to an HTTPS server/i.test(text)) {
    return new HeadscaleError('unreachable', `${describe} expects https, not http`, {
      hint: 'use https:// in the address',
      details,
    })
  }
  if (status === 404 || status === 405) return noSuchCall()
  if (isOk(status)) return unreadable(reply, describe)
  return new HeadscaleError('failed', `${describe} answered HTTP ${status}${text && `: ${text}`}`, {
    hint: 'check the logs of headscale and of the proxy in front of it',
    details: {...details, server: text},
  })
}

function unreadable({contentType, text}: HttpReply, describe: string): HeadscaleError {
  const type = contentType.split(';', 1)[0] || 'a reply without a content type'
  const got = text === '' ? 'an empty reply' : isJson(contentType) ? 'invalid JSON' : type
  return new HeadscaleError('bad-reply', `expected JSON from headscale at ${describe}, got ${got}`, {
    hint: ADDRESS_HINT,
  })
}

function redirected({status, location}: HttpReply, {describe, base, apiKey}: HttpPeer): HeadscaleError {
  const target = location !== null && URL.canParse(location, base.href) ? new URL(location, base.href) : null
  const shown = cleanText(location ?? 'nowhere', apiKey)
  const message = `${describe} redirects to ${shown} (HTTP ${status}); the API key is not sent there`
  return new HeadscaleError('unreachable', message, {
    hint: redirectHint(target, base, apiKey),
    details: {httpStatus: status},
  })
}

/** The server moved to a new address, or a login is in front of it. Only the first keeps the path of the API. */
function redirectHint(target: URL | null, base: URL, apiKey: string | null): string {
  if (target === null || !/^https?:$/.test(target.protocol)) return ADDRESS_HINT
  if (target.origin === base.origin) return `if that is a login page: ${LOGIN_HINT}`
  const address = `--address ${cleanText(newAddress(target, base), apiKey)}`
  return API_PATH.test(target.pathname)
    ? `if that is the same server, use ${address}`
    : `if that is a login page: ${LOGIN_HINT}; if it is the same server: ${address}`
}

/** The path of an API call or of a detection request, at the end of a URL path. */
const API_PATH = /\/(api\/v1|swagger\/v1|version|health)(\/.*)?$/

/** The target of the redirect without the path of the request. */
function newAddress(target: URL, base: URL): string {
  const path = target.pathname.replace(API_PATH, '')
  const root = base.pathname.replace(/\/+$/, '')
  return `${target.origin}${path === '/' || path === '' ? root : path.replace(/\/+$/, '')}`
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(contentType)
}

function isHtml(contentType: string, text: string): boolean {
  return (
    /^(text\/html|application\/xhtml)/i.test(contentType) || /^\s*<(!doctype html|html)\b/i.test(text.slice(0, 200))
  )
}

function parseObject(text: string): WireMessage | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireMessage) : null
  } catch {
    return null
  }
}
