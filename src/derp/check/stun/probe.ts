/**
 * Sends STUN requests to one address: a few tries with a transaction each, so that the round trip is that of the try
 * that was answered. The socket is connected: only packets of the server arrive, and a closed port is reported at once.
 */
import {randomBytes} from 'node:crypto'
import {createSocket} from 'node:dgram'
import {decodeStunResponse, encodeStunRequest, stunTransaction} from './message.ts'
import type {MappedAddress} from './message.ts'

/** The outcome of a probe. */
export type StunResult =
  | {outcome: 'answered'; mapped: MappedAddress; ms: number}
  /** No answer: filtered, not listening behind a firewall that drops packets, or not the STUN of a DERP server. */
  | {outcome: 'silent'}
  /** The machine reports that the port is closed. */
  | {outcome: 'closed'}
  /** Packets with our transaction arrived that are no valid answer. */
  | {outcome: 'garbled'}
  /** This machine cannot send there (no route, no such family). */
  | {outcome: 'no-route'; code: string}

/** Milliseconds after the first at which a try is sent. UDP is lost now and then; the last try has time to answer. */
const TRIES = [0, 250, 750, 1500]

/** Throws only when the check is aborted. `timeoutMs` is for all tries together. */
export async function probeStun(
  address: string,
  family: 4 | 6,
  port: number,
  {timeoutMs, signal}: {timeoutMs: number; signal: AbortSignal},
): Promise<StunResult> {
  signal.throwIfAborted()
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  const sent = new Map<string, number>()
  const timers: NodeJS.Timeout[] = []
  let garbled = false
  const {promise, resolve, reject} = Promise.withResolvers<StunResult>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, {once: true})
  const fail = (error: NodeJS.ErrnoException): void =>
    resolve(error.code === 'ECONNREFUSED' ? {outcome: 'closed'} : {outcome: 'no-route', code: error.code ?? 'unknown'})
  socket.on('error', fail)
  socket.on('message', (packet) => {
    const start = sent.get(stunTransaction(packet) ?? '')
    if (start === undefined) return
    const mapped = decodeStunResponse(packet)
    if (mapped === null) garbled = true
    else resolve({outcome: 'answered', mapped, ms: performance.now() - start})
  })
  timers.push(setTimeout(() => resolve({outcome: garbled ? 'garbled' : 'silent'}), timeoutMs))
  socket.connect(port, address, (error?: Error | null) => {
    // A socket that could not be connected would throw at every send.
    if (error != null) return fail(error)
    for (const delay of TRIES) if (delay < timeoutMs) timers.push(setTimeout(send, delay))
  })
  const send = (): void => {
    const id = randomBytes(12)
    sent.set(id.toString('hex'), performance.now())
    socket.send(encodeStunRequest(id), (error) => {
      if (error != null) fail(error)
    })
  }
  try {
    return await promise
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    socket.close()
  }
}
