/**
 * What an HTTP answer means: headscale's reply, one of its refusals (the gateway's {code, message} up to 0.29,
 * RFC 7807 problems since 0.30), or words of somebody else on the way: a proxy, a web page, a redirect.
 *
 * gRPC codes in a gateway's body are judged in grpc-errors.ts, the wording of refusals in server-errors.ts.
 */
import {type ErrorCode, HeadscaleError} from '../../../errors.ts'
import {CODE} from '../grpc/status.ts'
import {KEY_HINT, statusError} from '../grpc/grpc-errors.ts'
import {IndeterminateError} from '../indeterminate-error.ts'
import {recognise} from '../server-errors.ts'
import {cleanText} from '../server-text.ts'
import type {WireMessage} from '../transport.ts'

/** An answer as far as judging it goes. */
export interface HttpReply {
  status: number
  contentType: string
  text: string
  location: string | null
}

/** Whom the answer is from. */
export interface HttpPeer {
  describe: string
  base: URL
  /** Taken out of every message. */
  apiKey: string | null
}

const ADDRESS_HINT = "does --address name headscale's server_url? a proxy must pass /api/ through"

/** The reply of a call. @throws HeadscaleError for everything that is not a JSON object with status 2xx */
export function readReply(reply: HttpReply, peer: HttpPeer): WireMessage {
  const body = isOk(reply.status) && isJson(reply.contentType) ? parseObject(reply.text) : null
  if (body === null) throw replyError(reply, peer)
  return body
}

/** Why an answer is no reply of headscale's, or which refusal it is. */
export function replyError(reply: HttpReply, peer: HttpPeer): HeadscaleError {
  const {status, contentType} = reply
  if (status >= 300 && status < 400) return redirected(reply, peer)
  const body = isJson(contentType) ? parseObject(reply.text) : null
  if (body && !isOk(status)) {
    const refusal = gatewayError(body, peer) ?? problem(status, body, peer)
    if (refusal) return refusal
  }
  if (isBadKey(reply)) return badKey(status)
  return foreignError(reply, peer)
}

/** Body of grpc-gateway: 0.15 to 0.29. */
function gatewayError(body: WireMessage, {apiKey}: HttpPeer): HeadscaleError | null {
  const {code, message} = body
  if (typeof code !== 'number' || typeof message !== 'string') return null
  // The gateway's own words for a path it does not have; a thing that is missing is named.
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
  429: 'failed',
  501: 'unsupported-by-server',
  503: 'unreachable',
}

/** RFC 7807, since 0.30: `detail` says what was tried, `errors` why it failed. Its v2 API has `message` and `data`. */
function problem(status: number, body: WireMessage, {apiKey}: HttpPeer): HeadscaleError | null {
  if (status === 401) return badKey(status)
  const subject = body['detail'] || body['title'] || body['message']
  if (typeof subject !== 'string') return null
  const causes = Array.isArray(body['errors']) ? body['errors'].map(causeOf).filter(Boolean) : []
  const reasons = causes.filter((cause) => cause !== subject).join('; ')
  const words = cleanText(reasons ? `${subject}: ${reasons}` : subject, apiKey)
  const known = recognise(words)
  const code = known && status !== 422 ? known.code : (BY_HTTP_STATUS[status] ?? 'failed')
  return new HeadscaleError(code, known?.message ?? words, {
    details: {httpStatus: status, server: words},
    ...(known?.hint ? {hint: known.hint} : {}),
  })
}

/** One entry of `errors`: its message, and which part of the request it is about. */
function causeOf(entry: unknown): string {
  const {message, location} = (entry ?? {}) as {message?: unknown; location?: unknown}
  if (typeof message !== 'string') return ''
  return typeof location === 'string' && location ? `${message} (${location})` : message
}

/**
 * A refused key is 401 or 500 with the text `Unauthorized` or nothing at all: 0.15 sends no body, and 500 stands for
 * an unknown or malformed key up to 0.26.
 */
function isBadKey({status, text, contentType}: HttpReply): boolean {
  if (status !== 401 && status !== 500) return false
  return !isHtml(contentType, text) && /^(Unauthorized)?$/i.test(text.trim())
}

function badKey(status: number): HeadscaleError {
  const message = 'the server does not accept the API key: it is wrong, expired or missing'
  return new HeadscaleError('unauthenticated', message, {hint: KEY_HINT, details: {httpStatus: status}})
}

function noSuchCall(): HeadscaleError {
  return new HeadscaleError('unsupported-by-server', 'the server has no such call', {
    hint: 'this headscale release does not have it, or a proxy passes only part of /api/ through',
  })
}

/** Answers that are not in any form of headscale's API. */
function foreignError(reply: HttpReply, {describe, apiKey}: HttpPeer): HeadscaleError {
  const {status, contentType} = reply
  const details = {httpStatus: status}
  if (status === 502 || status === 503 || status === 504) {
    const Kind = status === 503 ? HeadscaleError : IndeterminateError
    return new Kind(
      status === 504 ? 'timeout' : 'unreachable',
      `the proxy at ${describe} gets no answer from headscale (HTTP ${status})`,
      {
        hint: 'is headscale running behind it? systemctl status headscale',
        details,
      },
    )
  }
  if (isHtml(contentType, reply.text)) {
    return new HeadscaleError('unreachable', `${describe} answered with a web page (HTML), not with headscale's API`, {
      hint: ADDRESS_HINT,
      details,
    })
  }
  const words = cleanText(reply.text.slice(0, 4000), apiKey)
  if (status === 429) {
    return new HeadscaleError('failed', `${describe} turns requests away: too many (HTTP 429)`, {
      hint: 'wait a little, or use the unix socket on the server',
      details: {...details, server: words},
    })
  }
  if (/HTTP request to an HTTPS server/i.test(words)) {
    return new HeadscaleError('unreachable', `${describe} speaks https, not http`, {
      hint: 'write https:// in --address',
      details,
    })
  }
  if (status === 404 || status === 405) return noSuchCall()
  if (isOk(status)) return unreadable(reply, describe)
  const code = status === 403 ? 'permission-denied' : 'failed'
  return new HeadscaleError(code, `${describe} answered HTTP ${status}${words && `: ${words}`}`, {
    hint: 'look at the log of headscale and of the proxy in front of it',
    details: {...details, server: words},
  })
}

function unreadable({contentType, text}: HttpReply, describe: string): HeadscaleError {
  const what = text === '' ? 'nothing' : isJson(contentType) ? 'broken JSON' : contentType.split(';', 1)[0] || 'no JSON'
  return new HeadscaleError('bad-reply', `${describe} answered with ${what} where headscale answers with JSON`, {
    hint: ADDRESS_HINT,
  })
}

function redirected({status, location}: HttpReply, {describe, base, apiKey}: HttpPeer): HeadscaleError {
  const target = location !== null && URL.canParse(location, base.href) ? new URL(location, base.href) : null
  const shown = cleanText(location ?? 'nowhere', apiKey)
  const elsewhere = target !== null && /^https?:$/.test(target.protocol) && target.origin !== base.origin
  return new HeadscaleError(
    'unreachable',
    `${describe} redirects to ${shown} (HTTP ${status}); the key is not sent there`,
    {
      hint: elsewhere
        ? `if that is the same server: --address ${cleanText(newAddress(target, base), apiKey)}`
        : ADDRESS_HINT,
      details: {httpStatus: status},
    },
  )
}

/** The redirect's target without the path that was asked for. */
function newAddress(target: URL, base: URL): string {
  const path = target.pathname.replace(/\/(api\/v1|swagger\/v1|version|health)(\/.*)?$/, '')
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
