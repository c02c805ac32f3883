/**
 * Reads exact numbers of bytes from a socket: HTTP headers and DERP frames.
 *
 * It pulls from a paused stream, so what a peer sends unrequested stays in the kernel and a flood costs one stream
 * buffer. It has no deadlines: the owner of the socket destroys it with a reason, and pending reads fail with that reason.
 */
import type {Duplex} from 'node:stream'

/** Why a connection ended early. */
export type ProtocolFault =
  | 'closed' // the peer closed it normally
  | 'reset' // it failed
  | 'oversized' // a frame or a header above its limit
  | 'flood' // too much unrequested data
  | 'malformed' // bytes that do not fit the protocol
  | 'timeout' // no answer in time

/** A peer that violates the protocol, or stopped answering. */
export class RelayProtocolError extends Error {
  readonly fault: ProtocolFault

  constructor(fault: ProtocolFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'RelayProtocolError'
    this.fault = fault
  }
}

export class ByteReader {
  readonly #stream: Duplex
  #kept: Buffer[] = []
  #length = 0
  #ended = false
  #failure: Error | null = null
  #wake: (() => void) | null = null

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('readable', () => this.#notify())
    stream.on('end', () => {
      this.#ended = true
      this.#notify()
    })
    stream.on('error', (error: Error) => {
      this.#failure ??= error
      this.#notify()
    })
    stream.on('close', () => {
      this.#ended = true
      this.#notify()
    })
  }

  /** Exactly `count` bytes. */
  async read(count: number): Promise<Buffer> {
    while (this.#length < count) await this.#pull()
    return this.#take(count)
  }

  /** Skips `count` bytes without keeping them. */
  async skip(count: number): Promise<void> {
    let left = count
    while (left > 0) {
      if (this.#length === 0) await this.#pull()
      left -= this.#take(Math.min(left, this.#length)).length
    }
  }

  /** Bytes up to and including `mark`, at most `limit`; what follows stays unread. */
  async readUntil(mark: string, limit: number): Promise<Buffer> {
    for (;;) {
      const joined = this.#join()
      const at = joined.indexOf(mark, 0, 'latin1')
      if (at >= 0 && at + mark.length <= limit) return this.#take(at + mark.length)
      if (joined.length >= limit)
        throw new RelayProtocolError('oversized', `no end of the header within ${limit} bytes`)
      await this.#pull()
    }
  }

  /** Unread bytes that have arrived, up to `limit`; waits for the first byte, empty at the end. */
  async peek(limit: number): Promise<Buffer> {
    try {
      if (this.#length === 0) await this.#pull()
    } catch (error) {
      if (!(error instanceof RelayProtocolError)) throw error
    }
    return this.#join().subarray(0, limit)
  }

  #join(): Buffer {
    const joined = this.#kept.length === 1 ? this.#kept[0]! : Buffer.concat(this.#kept)
    this.#kept = [joined]
    return joined
  }

  #take(count: number): Buffer {
    const joined = this.#join()
    this.#kept = [joined.subarray(count)]
    this.#length -= count
    return joined.subarray(0, count)
  }

  async #pull(): Promise<void> {
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null
      if (chunk !== null) {
        this.#kept.push(chunk)
        this.#length += chunk.length
        return
      }
      if (this.#failure !== null) throw faultOf(this.#failure)
      if (this.#ended) throw new RelayProtocolError('closed', 'the connection was closed')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #notify(): void {
    this.#wake?.()
    this.#wake = null
  }
}

/** Our own reasons (a deadline, an abort) as they are; what the system says becomes `reset`. */
function faultOf(error: Error): Error {
  const {code} = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || !code.startsWith('E')) return error
  return new RelayProtocolError('reset', `the connection broke (${code})`, error)
}
