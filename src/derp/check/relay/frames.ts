/**
 * DERP frames: one byte of type, four of length, the payload (tailscale derp/derp.go, v1.102).
 *
 * The reader protects itself from malicious relays: every type has an upper limit, an unknown type is skipped without
 * being kept, and frames and bytes per connection are limited. What the payloads mean is in relay.ts.
 */
import {RelayProtocolError} from '../../net/byte-reader.ts'
import type {ByteReader} from '../../net/byte-reader.ts'

/** The frame types a check sends or understands. */
export const FRAME = {
  serverKey: 0x01,
  clientInfo: 0x02,
  serverInfo: 0x03,
  sendPacket: 0x04,
  recvPacket: 0x05,
  keepAlive: 0x06,
  peerGone: 0x08,
  ping: 0x12,
  pong: 0x13,
  health: 0x14,
  restarting: 0x15,
} as const

/** The largest packet a relay forwards (derp.MaxPacketSize). */
export const MAX_PACKET = 65_536
/** The length of a public key. */
export const KEY_LENGTH = 32

/** Upper limits of payloads that are kept. Current relays send 40, 53 and 65,568 bytes for the first three. */
const LIMITS: ReadonlyMap<number, number> = new Map([
  [FRAME.serverKey, 1024],
  [FRAME.serverInfo, 16_384],
  [FRAME.recvPacket, MAX_PACKET + KEY_LENGTH],
  [FRAME.keepAlive, 1024],
  [FRAME.peerGone, 1024],
  [FRAME.ping, 1024],
  [FRAME.pong, 1024],
  [FRAME.health, 16_384],
  [FRAME.restarting, 1024],
])
/** Clients reject larger frames of any type (derp/derp_client.go). */
const MAX_UNKNOWN = 1 << 20
const MAX_FRAMES = 2000
const MAX_BYTES = 8 << 20

/** One frame without its header. */
export interface Frame {
  type: number
  payload: Buffer
}

/** A frame's bytes. */
export function encodeFrame(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts)
  const header = Buffer.alloc(5)
  header.writeUInt8(type, 0)
  header.writeUInt32BE(payload.length, 1)
  return Buffer.concat([header, payload])
}

/** Reads frames of known types; the others are skipped. */
export class FrameReader {
  readonly #bytes: ByteReader
  #frames = 0
  #total = 0

  constructor(bytes: ByteReader) {
    this.#bytes = bytes
  }

  /**
   * The next frame of a known type.
   * @throws RelayProtocolError when a limit is exceeded or the connection ends
   */
  async next(): Promise<Frame> {
    for (;;) {
      const header = await this.#bytes.read(5)
      const type = header.readUInt8(0)
      const length = header.readUInt32BE(1)
      const known = LIMITS.get(type)
      const limit = known ?? MAX_UNKNOWN
      const name = `frame 0x${type.toString(16).padStart(2, '0')}`
      if (length > limit)
        throw new RelayProtocolError('oversized', `${name} of ${length} bytes, at most ${limit} allowed`)
      this.#frames += 1
      this.#total += length
      if (this.#frames > MAX_FRAMES || this.#total > MAX_BYTES) {
        throw new RelayProtocolError(
          'flood',
          `more than ${MAX_FRAMES} frames or ${MAX_BYTES >> 20} MiB that were not requested`,
        )
      }
      if (known === undefined) await this.#bytes.skip(length)
      else return {type, payload: await this.#bytes.read(length)}
    }
  }
}
