/**
 * gRPC calls over one HTTP/2 connection, on node:http2.
 *
 * Written here because gRPC libraries take three times as long to load as the rest of the program, and headscale needs
 * only one request message and its reply. It handles deadlines, the server's limit of streams, and windows for long
 * lists. It does not connect (os-errors.ts does), decode protobuf or interpret a status (grpc-errors.ts does). It must
 * run in Node and in a Bun executable, so it uses only functions that both have.
 */
import {type ClientHttp2Stream, connect, constants} from 'node:http2'
import type {Socket} from 'node:net'
import {HeadscaleError} from '../../../errors.ts'
import {badReply, encodeFrame} from './message-frames.ts'
import {connectionLost, goneAway, GrpcReply, notHttp2} from './reply.ts'
import {replyTooLarge} from '../reply-limit.ts'
import {timedOut, timerMs, notSent} from '../indeterminate-error.ts'

export interface GrpcConnection {
  /**
   * Sends one message to a unary method and returns the bytes of the reply.
   * @param deadline when to give up, in the time of `performance.now()`, where that is earlier than the timeout
   * @throws GrpcStatus for an error from the server, HeadscaleError for an error of the connection
   */
  unary(path: string, payload: Uint8Array, deadline?: number): Promise<Uint8Array>
  /** The same for a streaming method (reflection): sends one message, ends its side, and returns all replies. */
  exchange(path: string, payload: Uint8Array, deadline?: number): Promise<Uint8Array[]>
  /** Closes the connection at once; open calls fail as `cancelled`. Can be called twice. */
  close(): void
}

export interface GrpcOptions {
  /** Timeout of a call in milliseconds, including the time in the queue. Sent as `grpc-timeout`. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence: `the socket /var/run/headscale/headscale.sock`. */
  describe: string
}

/** Maximum number of streams before the server has sent its limit. A grpc-go server sends it with its first bytes. */
const STREAMS_BEFORE_SETTINGS = 8
/** How long to wait before a call that the server did not process (REFUSED_STREAM) is sent again. */
const REFUSED_PAUSE_MS = 50
/** Bytes that the server may send before it must wait for us: more than 100,000 nodes. */
const WINDOW = 64 * 1024 * 1024

interface Call {
  readonly path: string
  readonly frame: Uint8Array
  /** Null while the call is in the queue. */
  stream: ClientHttp2Stream | null
  settled: boolean
  settle(outcome: Uint8Array[] | Error): void
}

/**
 * Speaks HTTP/2 on a connected socket. A caller that has read bytes (to detect HTTP/2) must push them back with
 * `unshift` first.
 */
export function openGrpcConnection(socket: Socket, {describe, ...options}: GrpcOptions): GrpcConnection {
  const timeoutMs = timerMs(options.timeoutMs)
  const waiting: Call[] = []
  const open = new Set<Call>()
  let limit = STREAMS_BEFORE_SETTINGS
  let ended: HeadscaleError | null = null

  const session = connect('http://localhost', {
    createConnection: () => socket,
    settings: {enablePush: false, initialWindowSize: WINDOW},
    maxSessionMemory: 1024,
  })
  session.once('connect', () => {
    if (!session.destroyed) session.setLocalWindowSize(WINDOW)
  })
  session.on('remoteSettings', (settings) => {
    limit = settings.maxConcurrentStreams ?? Infinity
    pump()
  })
  session.on('goaway', (code: number) => end(goneAway(describe, code)))
  session.on('error', (error: NodeJS.ErrnoException) => end(sessionError(describe, error)))
  session.on('close', () => {
    const reason = end(connectionLost(describe))
    for (const call of open) call.settle(reason)
  })

  /** Sends no new calls; open calls can still get their reply. The first reason is kept. */
  function end(reason: HeadscaleError): HeadscaleError {
    ended ??= reason
    for (const call of waiting.splice(0)) call.settle(notSent(ended))
    return ended
  }

  function pump(): void {
    while (waiting.length > 0 && open.size < limit) start(waiting.shift()!)
  }

  function start(call: Call): void {
    if (call.settled) return
    if (ended || session.closed || session.destroyed) return call.settle(notSent(ended ?? connectionLost(describe)))
    const stream = session.request({
      ':method': 'POST',
      ':authority': 'localhost',
      ':path': call.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'headscale-ts',
      'grpc-timeout': grpcTimeout(timeoutMs),
    })
    const reply = new GrpcReply(describe)
    call.stream = stream
    open.add(call)
    stream.on('response', (headers) => reply.begin(headers))
    stream.on('data', (chunk: Uint8Array) => {
      if (reply.add(chunk)) return
      call.settle(replyTooLarge(describe))
      stream.close(constants.NGHTTP2_CANCEL)
    })
    stream.on('trailers', (trailers) => reply.finish(trailers))
    // The error contains only the code of the reset, and 'close' has it too.
    stream.on('error', () => {})
    stream.on('close', () => {
      // If the whole connection broke, the session reports the reason after its streams have closed.
      if (session.destroyed && !ended && !reply.isComplete) return
      open.delete(call)
      // The server guarantees that it did not process such a stream, so even a write can be sent again.
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !reply.isComplete
      if (refused && ended) {
        call.settle(notSent(ended))
      } else if (refused) {
        call.stream = null
        setTimeout(resend, REFUSED_PAUSE_MS, call)
      } else {
        call.settle(reply.outcome(stream.rstCode ?? 0, ended))
      }
      pump()
    })
    stream.end(call.frame)
  }

  function resend(call: Call): void {
    waiting.unshift(call)
    pump()
  }

  function exchange(path: string, payload: Uint8Array, deadline = Infinity): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      const call: Call = {
        path,
        frame: encodeFrame(payload),
        stream: null,
        settled: false,
        settle(outcome) {
          if (call.settled) return
          call.settled = true
          clearTimeout(timer)
          if (Array.isArray(outcome)) resolve(outcome)
          else reject(outcome)
        },
      }
      const expire = () => {
        const error = timedOut(describe, timeoutMs)
        call.settle(call.stream ? error : notSent(error))
        call.stream?.close(constants.NGHTTP2_CANCEL)
      }
      const timer = setTimeout(expire, Math.min(timeoutMs, Math.max(0, deadline - performance.now())))
      waiting.push(call)
      pump()
    })
  }

  return {
    async unary(path, payload, deadline) {
      const messages = await exchange(path, payload, deadline)
      if (messages.length !== 1) throw badReply(`it has ${messages.length} messages instead of one`)
      return messages[0]!
    },
    exchange,
    close() {
      end(new HeadscaleError('cancelled', `the connection to ${describe} was closed`))
      session.destroy()
      // Bun keeps the socket open if the server never answered, and would not exit.
      socket.destroy()
    },
  }
}

/** `grpc-timeout` takes at most eight digits: milliseconds up to a day, else seconds. */
function grpcTimeout(ms: number): string {
  return ms < 1e8 ? `${Math.ceil(ms)}m` : `${Math.ceil(ms / 1000)}S`
}

function sessionError(describe: string, error: NodeJS.ErrnoException): HeadscaleError {
  // nghttp2 reports a protocol error if the other end does not speak HTTP/2; other errors come from the socket.
  return error.code === 'ERR_HTTP2_ERROR' ? notHttp2(describe, error) : connectionLost(describe, error)
}
