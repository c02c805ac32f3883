/**
 * Detects the protocol on a unix socket from the first bytes that the server sends.
 *
 * A gRPC server (up to 0.29) sends first: its HTTP/2 SETTINGS begin with a zero byte. 0.30 serves HTTP/1.1 and waits
 * for a request. A server that is starting, swapping or suspended sends nothing either, so a silent server gets an HTTP
 * request, and its reply decides. All within one deadline.
 */
import type {Socket} from 'node:net'
import {timedOut, timerMs} from '../transport/indeterminate-error.ts'

/** How long to wait for first bytes before sending an HTTP request. gRPC servers take 1 to 25 ms (measured). */
const FIRST_BYTE_MS = 250

/** Every HTTP server replies to it. */
const QUESTION = 'GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

export interface ProtocolOptions {
  /** Send the HTTP request at once: the server of this socket spoke HTTP before. */
  expectsHttp: boolean
  /** When to give up, in the time of `performance.now()`. */
  deadline: number
  /** The user's timeout, for the message. */
  timeoutMs: number
  /** What is at the other end, as the subject of a sentence. */
  describe: string
}

/**
 * @param socket connected, with nothing read from it yet
 * @param redial connects to the same server again
 * @returns a connected socket on which the server speaks HTTP/2, with nothing read from it; null if it speaks HTTP/1.1
 * or another protocol
 * @throws HeadscaleError if the server sends nothing before the deadline
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
  // A gRPC server closes the connection after the HTTP request, sometimes before it has sent anything.
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
