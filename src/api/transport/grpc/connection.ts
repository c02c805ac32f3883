/**
 * gRPC calls over one HTTP/2 connection (transport/http2/client.ts).
 *
 * Written here because gRPC libraries take three times as long to load as the rest of the program, and headscale needs
 * only one request message and its reply. It handles deadlines and the server's limit of streams. It does not connect
 * (os-errors.ts does), decode protobuf or interpret a status (grpc-errors.ts does).
 */
import type {Socket} from 'node:net'
import {HeadscaleError} from '../../../errors.ts'
import {openHttp2Client} from '../http2/client.ts'
import {ERROR} from '../http2/frames.ts'
import {ProtocolError} from '../http2/protocol-error.ts'
import {badReply, encodeFrame} from './message-frames.ts'
import {connectionLost, goneAway, GrpcReply, notHttp2} from './reply.ts'
import {replyTooLarge} from '../reply-limit.ts'
import {codeName, GrpcStatus} from './status.ts'
import {callLine, type Trace} from '../trace.ts'
import {timedOut, timerMs, notSent} from '../indeterminate-error.ts'

export interface GrpcConnection {
  /**
   * Sends one message to a unary method and returns the bytes of the reply.
   * @throws GrpcStatus for an error from the server, HeadscaleError for an error of the connection
   */
  unary(path: string, payload: Uint8Array, options?: CallOptions): Promise<Uint8Array>
  /** The same for a streaming method (reflection): sends one message, ends its side, and returns all replies. */
  exchange(path: string, payload: Uint8Array, options?: CallOptions): Promise<Uint8Array[]>
  /** Closes the connection at once; open calls fail as `cancelled`. Can be called twice. */
  close(): void
}

export interface CallOptions {
  /** When to give up, in the time of `performance.now()`, where that is earlier than the timeout. */
  deadline?: number | undefined
  /** Why the call is made, for the trace. */
  purpose?: string
}

export interface GrpcOptions {
  /** Timeout of a call in milliseconds, including the time in the queue. Sent as `grpc-timeout`. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence: `the socket /var/run/headscale/headscale.sock`. */
  describe: string
  /** Receives a line for each call. */
  trace?: Trace | undefined
}

/** Maximum number of streams before the server has sent its limit. A grpc-go server sends it with its first bytes. */
const STREAMS_BEFORE_SETTINGS = 8
/** How long to wait before a call that the server did not process (REFUSED_STREAM) is sent again. */
const REFUSED_PAUSE_MS = 50
interface Call {
  readonly path: string
  readonly frame: Uint8Array
  /** Cancels the request; null while the call is in the queue. */
  cancel: (() => void) | null
  settled: boolean
  settle(outcome: Uint8Array[] | Error): void
}

/**
 * Speaks HTTP/2 on a connected socket. A caller that has read bytes (to detect HTTP/2) must push them back with
 * `unshift` first.
 */
export function openGrpcConnection(socket: Socket, {describe, trace, ...options}: GrpcOptions): GrpcConnection {
  const timeoutMs = timerMs(options.timeoutMs)
  const waiting: Call[] = []
  const open = new Set<Call>()
  let limit = STREAMS_BEFORE_SETTINGS
  let ended: HeadscaleError | null = null

  const client = openHttp2Client(socket, {
    onStreamLimit(most) {
      limit = most
      pump()
    },
    onGoAway: (code) => void end(goneAway(describe, code)),
    onEnd: (error) =>
      fail(error instanceof ProtocolError ? notHttp2(describe, error) : connectionLost(describe, error)),
  })

  /** Sends no new calls; open calls can still get their reply. The first reason is kept. */
  function end(reason: HeadscaleError): HeadscaleError {
    ended ??= reason
    for (const call of waiting.splice(0)) call.settle(notSent(ended))
    return ended
  }

  /** The same, and open calls get the reason instead of a reply. */
  function fail(reason: HeadscaleError): void {
    const first = end(reason)
    for (const call of open) call.settle(first)
  }

  function pump(): void {
    while (waiting.length > 0 && open.size < limit) start(waiting.shift()!)
  }

  function start(call: Call): void {
    if (call.settled) return
    if (ended) return call.settle(notSent(ended))
    const reply = new GrpcReply(describe)
    open.add(call)
    const headers = {
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': 'localhost',
      ':path': call.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'headscale-ts',
      'grpc-timeout': grpcTimeout(timeoutMs),
    }
    const cancel = client.request(headers, call.frame, {
      onHeaders: (block) => reply.add(block),
      onData(chunk) {
        if (reply.addContent(chunk)) return
        call.settle(replyTooLarge(describe))
        call.cancel?.()
      },
      onClose(code) {
        open.delete(call)
        // The server guarantees that it did not process such a stream, so even a write can be sent again.
        const refused = code === ERROR.REFUSED_STREAM && !reply.isComplete
        if (refused && ended) {
          call.settle(notSent(ended))
        } else if (refused) {
          call.cancel = null
          trace?.(`gRPC ${call.path}: refused by the server, sending it again`)
          setTimeout(resend, REFUSED_PAUSE_MS, call)
        } else {
          call.settle(reply.outcome(code, ended))
        }
        pump()
      },
    })
    call.cancel = () => {
      cancel()
      open.delete(call)
      pump()
    }
  }

  function resend(call: Call): void {
    waiting.unshift(call)
    pump()
  }

  function exchange(path: string, payload: Uint8Array, limits: CallOptions = {}): Promise<Uint8Array[]> {
    const {deadline = Infinity, purpose} = limits
    const begun = performance.now()
    return new Promise((resolve, reject) => {
      const call: Call = {
        path,
        frame: encodeFrame(payload),
        cancel: null,
        settled: false,
        settle(outcome) {
          if (call.settled) return
          call.settled = true
          clearTimeout(timer)
          trace?.(
            callLine({
              what: `gRPC ${path}`,
              purpose,
              begun,
              status: statusOf(outcome),
              sent: payload.length,
              received: sizeOf(outcome),
            }),
          )
          if (Array.isArray(outcome)) resolve(outcome)
          else reject(outcome)
        },
      }
      const expire = () => {
        const error = timedOut(describe, timeoutMs)
        call.settle(call.cancel ? error : notSent(error))
        call.cancel?.()
      }
      const timer = setTimeout(expire, Math.min(timeoutMs, Math.max(0, deadline - performance.now())))
      waiting.push(call)
      pump()
    })
  }

  return {
    async unary(path, payload, limits) {
      const messages = await exchange(path, payload, limits)
      if (messages.length !== 1) throw badReply(`it has ${messages.length} messages instead of one`)
      return messages[0]!
    },
    exchange,
    close() {
      fail(new HeadscaleError('cancelled', `the connection to ${describe} was closed`))
      client.destroy()
    },
  }
}

function statusOf(outcome: Uint8Array[] | Error): string {
  if (Array.isArray(outcome)) return 'OK'
  return outcome instanceof GrpcStatus ? codeName(outcome.code) : outcome.message
}

function sizeOf(outcome: Uint8Array[] | Error): number {
  return Array.isArray(outcome) ? outcome.reduce((size, message) => size + message.length, 0) : 0
}

/** `grpc-timeout` takes at most eight digits: milliseconds up to a day, else seconds. */
function grpcTimeout(ms: number): string {
  return ms < 1e8 ? `${Math.ceil(ms)}m` : `${Math.ceil(ms / 1000)}S`
}
