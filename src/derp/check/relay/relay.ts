/**
 * A DERP client of our own, as much of it as a check needs: the handshake up to the relay's own answer, and
 * packets to and from other clients (tailscale derp/derp_client.go, v1.102).
 *
 * The handshake is not complete when the relay has sent its key: clients that are not admitted receive it too. Only
 * ServerInfo, sealed to our key, proves admission. No sockets are opened and no deadlines kept here (connection.ts).
 */
import {randomBytes} from 'node:crypto'
import {RelayProtocolError} from '../../net/byte-reader.ts'
import {encodeFrame, FRAME, FrameReader, KEY_LENGTH} from './frames.ts'
import type {ByteReader} from '../../net/byte-reader.ts'
import type {Frame} from './frames.ts'
import type {ClientKey} from './keys.ts'

const MAGIC = Buffer.from('DERP🔑', 'utf8')
const NONCE_LENGTH = 24
const PROTOCOL_VERSION = 2

/** What a client sends about itself. Relays since 1.86 reject an empty mesh key, so it is absent or complete. */
export interface ClientIntroduction {
  key: ClientKey
  meshKey: string | null
  /** Fixed in tests; otherwise random. */
  nonce?: Uint8Array
}

/** A packet that arrived. */
export interface ReceivedPacket {
  source: Buffer
  payload: Buffer
}

/** The public key of the relay, from its first frame. */
export function decodeServerKey(frame: Frame): Buffer {
  if (frame.type !== FRAME.serverKey) throw malformed('the first frame is not the server key')
  if (frame.payload.length < MAGIC.length + KEY_LENGTH) throw malformed('the server key frame is too short')
  if (!frame.payload.subarray(0, MAGIC.length).equals(MAGIC))
    throw malformed('the server key frame lacks the DERP magic')
  return Buffer.from(frame.payload.subarray(MAGIC.length, MAGIC.length + KEY_LENGTH))
}

/** The ClientInfo frame, sealed to the relay's key. */
export async function encodeClientInfo(serverKey: Uint8Array, introduction: ClientIntroduction): Promise<Buffer> {
  const {default: nacl} = await import('tweetnacl')
  const {key, meshKey, nonce = randomBytes(NONCE_LENGTH)} = introduction
  const info = {version: PROTOCOL_VERSION, CanAckPings: true, IsProber: true, ...(meshKey !== null && {meshKey})}
  const box = nacl.box(Buffer.from(JSON.stringify(info)), nonce, serverKey, key.secret)
  return encodeFrame(FRAME.clientInfo, key.public, nonce, box)
}

/** Decrypts ServerInfo, which proves that the relay admitted this key. */
export async function decodeServerInfo(
  payload: Uint8Array,
  serverKey: Uint8Array,
  key: ClientKey,
): Promise<Record<string, unknown>> {
  const {default: nacl} = await import('tweetnacl')
  const [nonce, box] = [payload.subarray(0, NONCE_LENGTH), payload.subarray(NONCE_LENGTH)]
  const text = nonce.length === NONCE_LENGTH ? nacl.box.open(box, nonce, serverKey, key.secret) : null
  if (text === null) throw malformed('ServerInfo cannot be decrypted with the server key')
  try {
    const info: unknown = JSON.parse(Buffer.from(text).toString('utf8'))
    if (typeof info === 'object' && info !== null) return info as Record<string, unknown>
  } catch {
    // Reported below.
  }
  throw malformed('ServerInfo is not a JSON object')
}

function malformed(message: string): RelayProtocolError {
  return new RelayProtocolError('malformed', message)
}

/** The connection to a relay. */
export interface RelayStream {
  reader: ByteReader
  write(bytes: Uint8Array): void
}

/** One admitted client on a relay. */
export class RelayClient {
  readonly serverKey: Buffer
  readonly key: ClientKey
  /** The latest problem that the relay reports (Health frames); null without one. */
  health: string | null = null
  readonly #stream: RelayStream
  readonly #frames: FrameReader

  private constructor(stream: RelayStream, frames: FrameReader, serverKey: Buffer, key: ClientKey) {
    this.#stream = stream
    this.#frames = frames
    this.serverKey = serverKey
    this.key = key
  }

  /**
   * The whole handshake, after the upgrade.
   * @param onServerKey called with the relay's key before admission is decided
   * @throws RelayProtocolError; fault `closed` after `onServerKey` was called means that the relay rejected the client
   */
  static async join(
    stream: RelayStream,
    introduction: ClientIntroduction,
    onServerKey: (key: Buffer) => void,
  ): Promise<RelayClient> {
    const frames = new FrameReader(stream.reader)
    const serverKey = decodeServerKey(await frames.next())
    onServerKey(serverKey)
    stream.write(await encodeClientInfo(serverKey, introduction))
    const client = new RelayClient(stream, frames, serverKey, introduction.key)
    const info = await client.#until((frame) => frame.type === FRAME.serverInfo)
    await decodeServerInfo(info.payload, serverKey, introduction.key)
    return client
  }

  /** Sends a packet to the relay, which does not confirm it. */
  send(destination: Uint8Array, payload: Uint8Array): void {
    this.#stream.write(encodeFrame(FRAME.sendPacket, destination, payload))
  }

  /** The next packet from any client. */
  async receive(): Promise<ReceivedPacket> {
    const {payload} = await this.#until(
      (frame) => frame.type === FRAME.recvPacket && frame.payload.length >= KEY_LENGTH,
    )
    return {source: payload.subarray(0, KEY_LENGTH), payload: payload.subarray(KEY_LENGTH)}
  }

  async #until(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = await this.#frames.next()
      if (frame.type === FRAME.health) this.health = frame.payload.toString('utf8') || null
      // ClientInfo says that this client answers pings.
      if (frame.type === FRAME.ping) this.#stream.write(encodeFrame(FRAME.pong, frame.payload.subarray(0, 8)))
      if (wanted(frame)) return frame
    }
  }
}
