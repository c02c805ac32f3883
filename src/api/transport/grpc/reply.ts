/**
 * The reply on one HTTP/2 stream, and its result when the stream is closed: messages, a status, or an error for a reply
 * that is not gRPC. Errors of the whole connection are here too.
 */
import {HeadscaleError} from '../../../errors.ts'
import type {Headers} from '../http2/hpack.ts'
import {badReply, splitFrames} from './message-frames.ts'
import {IndeterminateError} from '../indeterminate-error.ts'
import {LARGEST_REPLY} from '../reply-limit.ts'
import {type GrpcStatus, readStatus} from './status.ts'

/** Collects one reply. */
export class GrpcReply {
  private readonly describe: string
  private readonly chunks: Uint8Array[] = []
  private size = 0
  private headers: Headers | null = null
  private status: GrpcStatus | null = null

  constructor(describe: string) {
    this.describe = describe
  }

  /** A header block. The first one of an error without a message has its status, and no trailers follow. */
  add(headers: Headers): void {
    this.headers ??= headers
    this.status = readStatus(headers) ?? this.status
  }

  /** @returns false if the reply is too large; its content is dropped then */
  addContent(chunk: Uint8Array): boolean {
    this.size += chunk.length
    if (this.size > LARGEST_REPLY) this.chunks.length = 0
    else this.chunks.push(chunk)
    return this.size <= LARGEST_REPLY
  }

  /** Whether the server has sent its status. Later errors of the stream do not matter then. */
  get isComplete(): boolean {
    return this.status !== null
  }

  /**
   * The messages, or the error.
   * @param reset HTTP/2 error code of the closed stream, 0 for a normal end
   * @param ended the error that ended the connection; null while it is open
   */
  outcome(reset: number, ended: HeadscaleError | null): Uint8Array[] | Error {
    const type = this.headers?.['content-type'] ?? ''
    if (this.headers && !isGrpc(type) && !this.status) return notGrpc(this.describe, this.headers[':status'], type)
    if (!this.status) return ended ?? cutOff(this.describe, reset, this.headers !== null)
    if (this.status.code !== 0) return this.status
    try {
      return splitFrames(this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks))
    } catch (error) {
      return error as HeadscaleError
    }
  }
}

function isGrpc(contentType: string): boolean {
  return /^application\/grpc($|[+;])/.test(contentType)
}

function notGrpc(describe: string, status: string | undefined, contentType: string): HeadscaleError {
  const what = contentType.split(';', 1)[0] || 'no content type'
  return new IndeterminateError(
    'unreachable',
    `${describe} does not speak gRPC: it answered HTTP ${status} (${what})`,
    {
      hint: "pass headscale's socket with --socket; it is unix_socket in the server's config.yaml",
    },
  )
}

function cutOff(describe: string, reset: number, begun: boolean): HeadscaleError {
  if (reset === 0 && begun) return badReply('it has no grpc-status')
  return new IndeterminateError('unreachable', `${describe} reset the call (HTTP/2 error ${reset})`, {
    hint: "check the server's log",
  })
}

/** The connection ended before all calls were answered. */
export function connectionLost(describe: string, cause?: unknown): HeadscaleError {
  return new IndeterminateError('unreachable', `${describe} closed the connection before it answered`, {
    hint: "headscale may have stopped or restarted: check the server's log",
    cause,
  })
}

/** The server accepts no more calls (GOAWAY); code 0 is a normal shutdown. */
export function goneAway(describe: string, code: number): HeadscaleError {
  if (code === 0) return connectionLost(describe)
  return new IndeterminateError('unreachable', `${describe} ended the connection (HTTP/2 error ${code})`, {
    hint: "check the server's log",
  })
}

/** The other end does not speak HTTP/2, or stopped doing so. */
export function notHttp2(describe: string, cause: unknown): HeadscaleError {
  return new IndeterminateError('unreachable', `${describe} does not speak gRPC`, {
    hint: "pass headscale's socket with --socket; it is unix_socket in the server's config.yaml",
    cause,
  })
}
