/**
 * The Transport over HTTP: REST with an API key on http(s), the same without a key on the unix socket of 0.30.
 *
 * undici sends the requests and is loaded when a connection is opened. This file sets the deadline, retries a read
 * once, and makes sure that the key is sent only to the configured address: no redirect is followed.
 * request.ts builds requests; http-errors.ts and network-errors.ts convert errors.
 */
import type {Dispatcher} from 'undici'
import {HeadscaleError, usageError} from '../../../errors.ts'
import {OPERATIONS} from '../../operations.ts'
import {type DispatcherOptions, openDispatcher} from './dispatcher.ts'
import {readReply, replyError} from './http-errors.ts'
import {type RestRequest, restRequest} from './request.ts'
import {IndeterminateError, errorOfChange, timerMs, withUnknownOutcome} from '../indeterminate-error.ts'
import {networkError} from '../network-errors.ts'
import {cleanText} from '../server-text.ts'
import {callLine, shownPath} from '../trace.ts'
import type {Transport} from '../transport.ts'

export interface HttpOptions extends DispatcherOptions {
  /** Address of the server, with its base path if any: `https://example.com/headscale`. */
  base: URL
  /** Sent as Bearer token; null sends none. */
  apiKey: string | null
  /** Unix socket to connect to instead of the host of `base`. */
  socketPath?: string
  /** Accepts any certificate. */
  insecure: boolean
  /** PEM file of additional authorities to trust. */
  caFile: string | null
  /** Timeout of a call in milliseconds, including the connection. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence: the address, or `the socket PATH`. */
  describe: string
}

/** An unchecked reply. */
export interface RawReply {
  status: number
  /** '' if there is none. */
  contentType: string
  /** The first 8 MiB. */
  text: string
  /** The Location header; null if there is none. */
  location: string | null
  /** The WWW-Authenticate header; null if there is none. */
  authenticate: string | null
}

export interface HttpTransport extends Transport {
  /**
   * Requests a path below the address without the key and without following redirects (detection).
   * Returns a reply with any status.
   * @param deadline when to give up, in the time of `performance.now()`, where that is earlier than the timeout
   * @throws HeadscaleError if there is no reply
   */
  get(path: string, deadline?: number): Promise<RawReply>
  /** The same with the key and any method, for a request that no release can execute. */
  probe(request: RestRequest, deadline?: number): Promise<RawReply>
  /** The error for a reply that does not come from headscale. */
  explain(reply: RawReply): HeadscaleError
}

const LARGEST_RAW_REPLY = 8 * 1024 * 1024

/** Does not connect yet: the first call does. */
export async function httpTransport(options: HttpOptions): Promise<HttpTransport> {
  const {base, apiKey, timeoutMs, trace} = options
  if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw usageError(
      'the API key is empty or has blanks or other characters that no key has',
      'copy it again, in one piece',
    )
  }
  const dispatcher = await openDispatcher(options)
  const root = base.pathname.replace(/\/+$/, '')

  /** Sends one request; the signal ends it at the deadline. */
  async function once({method, path, body}: RestRequest, key: string | null, most: number, signal: AbortSignal) {
    const headers: Record<string, string> = {accept: 'application/json', 'user-agent': 'headscale-ts'}
    if (key !== null) headers['authorization'] = `Bearer ${key}`
    if (body !== null) headers['content-type'] = 'application/json'
    const reply = await dispatcher.request({origin: base.origin, path: root + path, method, headers, body, signal})
    return {
      status: reply.statusCode,
      contentType: String(reply.headers['content-type'] ?? ''),
      location: reply.headers.location === undefined ? null : String(reply.headers.location),
      authenticate: reply.headers['www-authenticate'] === undefined ? null : String(reply.headers['www-authenticate']),
      text: await readText(reply.body, most),
    }
  }

  /** An idle connection can break unnoticed, so a read is then sent once more, within the same deadline. */
  async function send(
    request: RestRequest,
    key: string | null,
    most: number,
    {reads, deadline = Infinity, purpose}: {reads: boolean; deadline?: number | undefined; purpose?: string},
  ): Promise<RawReply> {
    const ms = Math.min(timeoutMs, Math.max(0, deadline - performance.now()))
    const signal = AbortSignal.timeout(timerMs(Math.ceil(ms)))
    const attempt = async () => {
      const begun = performance.now()
      const line = (status: string, text: string) => {
        const {method, path, body} = request
        const [sent, received] = [body ?? '', text].map((content) => Buffer.byteLength(content)) as [number, number]
        const what = `${method} ${root}${shownPath(path)}`
        return cleanText(callLine({what, purpose, begun, status, sent, received}), apiKey)
      }
      try {
        const reply = await once(request, key, most, signal)
        trace?.(line(statusOf(reply), reply.text))
        return reply
      } catch (error) {
        const failure = networkError(error, options, signal.aborted)
        trace?.(line(failure.message, ''))
        throw failure
      }
    }
    try {
      return await attempt()
    } catch (error) {
      if (!reads) throw errorOfChange(error)
      if (error instanceof IndeterminateError && error.code === 'unreachable') {
        trace?.('sending it again')
        return attempt()
      }
      throw error
    }
  }

  return {
    async call(id, request) {
      const operation = OPERATIONS[id]
      const {reads} = operation
      const reply = await send(restRequest(operation, request), apiKey, Infinity, {reads})
      try {
        return readReply(reply, options)
      } catch (error) {
        if (reads) throw error
        // The status reports success, but the body is not from headscale.
        const done = reply.status >= 200 && reply.status < 300 && error instanceof HeadscaleError
        throw done ? withUnknownOutcome(error) : errorOfChange(error)
      }
    },
    get: (path, deadline) =>
      send({method: 'GET', path, body: null}, null, LARGEST_RAW_REPLY, {reads: true, deadline, purpose: DETECTION}),
    probe: (request, deadline) => send(request, apiKey, LARGEST_RAW_REPLY, {reads: true, deadline, purpose: DETECTION}),
    explain: (reply) => replyError(reply, options),
    close: () => void dispatcher.destroy(),
  }
}

const DETECTION = 'detection'

function statusOf({status, location}: RawReply): string {
  return location === null ? String(status) : `${status}, redirect to ${location} not followed`
}

async function readText(body: Dispatcher.ResponseData['body'], most: number): Promise<string> {
  if (most === Infinity) return body.text()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, most)
}
