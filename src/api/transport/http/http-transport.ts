/**
 * The Transport over HTTP: REST with an API key on http(s), the same without a key on the unix socket of 0.30.
 *
 * undici moves the bytes and is loaded when a connection is opened. Here are the deadline, the one repetition of a
 * read, and the rule that the key goes to the address given and nowhere else: no redirect is followed.
 * Where fields go is in request.ts, what a failure means in http-errors.ts and network-errors.ts.
 */
import type {Dispatcher} from 'undici'
import {HeadscaleError, usageError} from '../../../errors.ts'
import {OPERATIONS} from '../../operations.ts'
import {type DispatcherOptions, openDispatcher} from './dispatcher.ts'
import {readReply, replyError} from './http-errors.ts'
import {type RestRequest, restRequest} from './request.ts'
import {IndeterminateError, errorOfChange, timerMs, withUnknownOutcome} from '../indeterminate-error.ts'
import {networkError} from '../network-errors.ts'
import type {Transport} from '../transport.ts'

export interface HttpOptions extends DispatcherOptions {
  /** Address of the server, with the path below which it lives if any: `https://example.com/headscale`. */
  base: URL
  /** Sent as Bearer key; null sends none. */
  apiKey: string | null
  /** Unix socket to connect to instead of the host of `base`. */
  socketPath?: string
  /** Takes any certificate. */
  insecure: boolean
  /** PEM file of authorities to trust in addition. */
  caFile: string | null
  /** Milliseconds one call may take, connecting included. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence: the address, or `the socket PATH`. */
  describe: string
}

/** An answer as it came. */
export interface RawReply {
  status: number
  /** '' when the server named none. */
  contentType: string
  /** The first 8 MB of it. */
  text: string
  /** Where a redirect leads, as the server wrote it; null when there is none. */
  location: string | null
  /** The WWW-Authenticate header; null when there is none. */
  authenticate: string | null
}

export interface HttpTransport extends Transport {
  /**
   * Asks for a path below the address without the key and without following redirects (detection).
   * Resolves with whatever the server answers, whichever status.
   * @param deadline when to give up, in the time of `performance.now()`, where that is earlier than the timeout
   * @throws HeadscaleError when there is no answer
   */
  get(path: string, deadline?: number): Promise<RawReply>
  /** The same with the key and any method, for a request that no release can carry out. */
  probe(request: RestRequest, deadline?: number): Promise<RawReply>
  /** The error for a reply that should have been headscale's. */
  explain(reply: RawReply): HeadscaleError
}

const LARGEST_RAW_REPLY = 8 * 1024 * 1024

/** Opens nothing yet: the first call connects. */
export async function httpTransport(options: HttpOptions): Promise<HttpTransport> {
  const {base, apiKey, timeoutMs} = options
  if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw usageError(
      'the API key is empty or has blanks or other characters that no key has',
      'copy it again, in one piece',
    )
  }
  const dispatcher = await openDispatcher(options)
  const root = base.pathname.replace(/\/+$/, '')

  /** One request, answered or not within the signal's time. */
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

  /** A connection kept open may die unnoticed: a read is then sent once more, within the same deadline. */
  async function send(
    request: RestRequest,
    key: string | null,
    most: number,
    {reads, deadline = Infinity}: {reads: boolean; deadline?: number},
  ): Promise<RawReply> {
    const ms = Math.min(timeoutMs, Math.max(0, deadline - performance.now()))
    const signal = AbortSignal.timeout(timerMs(Math.ceil(ms)))
    const attempt = () =>
      once(request, key, most, signal).catch((error: unknown) => {
        throw networkError(error, options, signal.aborted)
      })
    try {
      return await attempt()
    } catch (error) {
      if (!reads) throw errorOfChange(error)
      if (error instanceof IndeterminateError && error.code === 'unreachable') return attempt()
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
        // The status says that it went well, and what follows is not headscale's.
        const done = reply.status >= 200 && reply.status < 300 && error instanceof HeadscaleError
        throw done ? withUnknownOutcome(error) : errorOfChange(error)
      }
    },
    get: (path, deadline) =>
      send({method: 'GET', path, body: null}, null, LARGEST_RAW_REPLY, {reads: true, ...(deadline && {deadline})}),
    probe: (request, deadline) => send(request, apiKey, LARGEST_RAW_REPLY, {reads: true, ...(deadline && {deadline})}),
    explain: (reply) => replyError(reply, options),
    close: () => void dispatcher.destroy(),
  }
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
