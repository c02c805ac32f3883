/**
 * Makes node:http2 accept connections of old grpc-go clients.
 *
 * The CLIs up to 0.22 put the path of the socket into `:authority`. A slash is not allowed there, and nghttp2 answers
 * PROTOCOL_ERROR, which no option changes. So the bytes of a connection pass through here, and a literal value of that
 * field is replaced by `localhost`. The client's table of earlier headers then counts a few bytes
 * more than ours, which matters only when it overflows (4,096 bytes, some twenty different calls on one connection; a
 * CLI makes two). Announcing a table of size 0 would prevent that, but Bun's client ignores it and is disconnected.
 * Nothing else is parsed. Format: RFC 9113 §4 and §6.2, RFC 7541 §5 and §6.
 */
import {Duplex, Transform, type TransformCallback} from 'node:stream'
import type {Socket} from 'node:net'

const PREFACE_LENGTH = 24
const HEADERS = 1
const PADDED = 0x8
const PRIORITY = 0x20
const REPLACEMENT = Buffer.concat([Buffer.from([9]), Buffer.from('localhost')])
/** `localhost` as a Huffman-coded string literal, the form most clients send. */
const CODED = Buffer.from('86a0e41d139d09', 'hex')

/** The same connection with valid authorities. */
export function withValidAuthority(socket: Socket): Duplex {
  const filter = new Filter()
  socket.on('error', (error) => filter.destroy(error))
  return Duplex.from({readable: socket.pipe(filter), writable: socket})
}

class Filter extends Transform {
  #rest: Buffer = Buffer.alloc(0)
  #sawPreface = false

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    if (!this.#sawPreface) {
      if (this.#rest.length < PREFACE_LENGTH) {
        done()
        return
      }
      this.push(this.#take(PREFACE_LENGTH))
      this.#sawPreface = true
    }
    while (this.#rest.length >= 9) {
      const size = 9 + this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < size) break
      const frame = this.#take(size)
      this.push(frame[3] === HEADERS ? replaceAuthority(frame) : frame)
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#rest)
  }

  #take(size: number): Buffer {
    const taken = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(size)
    return taken
  }
}

/** A HEADERS frame whose `:authority`, where it is given literally, reads `localhost`. */
export function replaceAuthority(frame: Buffer): Buffer {
  const flags = frame[4] ?? 0
  let at = 9 + (flags & PADDED ? 1 : 0) + (flags & PRIORITY ? 5 : 0)
  const end = frame.length - (flags & PADDED ? (frame[9] ?? 0) : 0)
  while (at < end) {
    const first = frame[at] ?? 0
    const indexed = (first & 0x80) !== 0
    const sizeUpdate = (first & 0xe0) === 0x20
    const name = readInteger(frame, at, indexed ? 7 : sizeUpdate ? 5 : (first & 0x40) !== 0 ? 6 : 4)
    at = name.next
    if (indexed || sizeUpdate) continue
    if (name.value === 0) at = skipText(frame, at)
    const after = skipText(frame, at)
    const value = frame.subarray(at, after)
    if (name.value === 1 && !value.equals(REPLACEMENT) && !value.equals(CODED)) {
      const changed = Buffer.concat([frame.subarray(0, at), REPLACEMENT, frame.subarray(after)])
      changed.writeUIntBE(changed.length - 9, 0, 3)
      return changed
    }
    at = after
  }
  return frame
}

function skipText(bytes: Buffer, at: number): number {
  const {value, next} = readInteger(bytes, at, 7)
  return next + value
}

function readInteger(bytes: Buffer, at: number, bits: number): {value: number; next: number} {
  const mask = 2 ** bits - 1
  let value = (bytes[at] ?? 0) & mask
  let next = at + 1
  if (value < mask) return {value, next}
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[next++] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return {value, next}
  }
}
