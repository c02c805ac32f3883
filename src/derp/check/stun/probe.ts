/**
 * Asks one address for STUN: a few tries with a transaction each, so that the round trip is that of the try answered.
 * The socket is connected, so that only the server's own packets arrive and a closed port is heard of at once.
 */
import {randomBytes} from 'node:crypto'
import {createSocket} from 'node:dgram'
import {decodeStunResponse, encodeStunRequest, stunTransaction} from './message.ts'
import type {MappedAddress} from './message.ts'

/** What came of asking. */
export type StunResult =
  | {outcome: 'answered'; mapped: MappedAddress; ms: number}
  /** Nothing came: filtered, not listening behind a silent firewall, or not a DERP server's STUN. */
  | {outcome: 'silent'}
  /** The machine says that the port is closed. */
  | {outcome: 'closed'}
  /** Packets with our transaction came that are no answer. */
  | {outcome: 'garbled'}
  /** This machine cannot send there (no route, no such family). */
  | {outcome: 'no-route'; code: string}

/** Milliseconds after the first at which a try is sent. UDP is lost now and then; the last try has time to answer. */
const TRIES = [0, 250, 750, 1500]

/** Never throws but for an abort. `timeoutMs` is for all tries together. */
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
    // a socket that could not be connected would throw at every send
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
