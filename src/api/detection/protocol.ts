/**
 * Which protocol is spoken on a unix socket, by the first bytes from the other end.
 *
 * A gRPC server (up to 0.29) speaks first: its HTTP/2 SETTINGS begin with a zero byte. The 0.30 tree serves HTTP/1.1
 * and stays silent until asked. Silence alone says nothing, since a server that starts, swaps or was stopped for a moment
 * is silent too; so a silent server is asked in HTTP, and its answer decides. All within one deadline.
 */
import type {Socket} from 'node:net'
import {timedOut, timerMs} from '../transport/indeterminate-error.ts'

/** How long a server may take to speak first before it is asked in HTTP. gRPC servers were seen to take 1 to 25 ms. */
const FIRST_BYTE_MS = 250

/** Every HTTP server answers it somehow. */
const QUESTION = 'GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

export interface ProtocolOptions {
  /** Ask in HTTP at once: the socket's server spoke it before. */
  expectsHttp: boolean
  /** When to give up, in the time of `performance.now()`. */
  deadline: number
  /** The deadline as the user set it, for the message. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence. */
  describe: string
}

/**
 * @param socket connected, with nothing read from it yet
 * @param redial connects to the same server again
 * @returns a connected socket on which the server speaks HTTP/2, with nothing read from it; null when it speaks HTTP/1.1
 * or anything else
 * @throws HeadscaleError when the server says nothing until the deadline
 */
export async function grpcSocket(
  socket: Socket,
  redial: () => Promise<Socket>,
  options: ProtocolOptions,
): Promise<Socket | null> {
  const {expectsHttp, deadline, timeoutMs, describe} = options
  const remaining = () => Math.max(0, deadline - performance.now())
  let first = await firstByte(socket, Math.min(remaining(), expectsHttp ? 0 : FIRST_BYTE_MS))
  if (first === HTTP2) return socket
  if (first === 'silence') {
    socket.write(QUESTION)
    first = await firstByte(socket, remaining())
  }
  socket.destroy()
  if (first === 'silence') throw timedOut(describe, timeoutMs)
  // The question spoiled the connection: a gRPC server ends it, with its first bytes or without.
  return first === HTTP2 || first === 'closed' ? redial() : null
}

/** The length of a SETTINGS frame, in three bytes, begins with zero. */
const HTTP2 = 0

/** The first byte the other end sends. Bytes that were read are pushed back onto the socket. */
function firstByte(socket: Socket, timeoutMs: number): Promise<number | 'silence' | 'closed'> {
  return new Promise((resolve) => {
    const settle = (answer: number | 'silence' | 'closed') => {
      clearTimeout(timer)
      socket.off('readable', onReadable)
      socket.off('close', onClose)
      resolve(answer)
    }
    const onReadable = () => {
      const bytes = socket.read() as Buffer | null
      if (bytes === null) return
      socket.unshift(bytes)
      settle(bytes[0]!)
    }
    const onClose = () => settle('closed')
    const timer = setTimeout(() => settle('silence'), timerMs(timeoutMs))
    socket.on('readable', onReadable)
    socket.once('close', onClose)
    if (socket.destroyed) settle('closed')
  })
}
