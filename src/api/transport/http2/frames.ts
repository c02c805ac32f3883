/** HTTP/2 frames (RFC 9113, 4 and 6): their bytes, not what they mean. */
import {ProtocolError} from './protocol-error.ts'

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const

export const FLAG = {ACK: 1, END_STREAM: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20} as const

export const SETTING = {ENABLE_PUSH: 2, MAX_CONCURRENT_STREAMS: 3, INITIAL_WINDOW_SIZE: 4, MAX_FRAME_SIZE: 5} as const

/** The error codes that this program uses (RFC 9113, 7). */
export const ERROR = {NO_ERROR: 0, PROTOCOL_ERROR: 1, REFUSED_STREAM: 7, CANCEL: 8} as const

/** Bytes of the content of a frame, unless the receiver allows more. */
export const FRAME_SIZE = 16_384
const HEAD = 9

export interface Frame {
  type: number
  flags: number
  /** 0 for the connection. */
  stream: number
  content: Uint8Array
}

export function encodeFrame(type: number, flags: number, stream: number, content: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEAD + content.length)
  frame.writeUIntBE(content.length, 0, 3)
  frame[3] = type
  frame[4] = flags
  frame.writeUInt32BE(stream, 5)
  frame.set(content, HEAD)
  return frame
}

/** Numbers of four bytes, one after the other. */
export function uint32(...values: number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}

/** Reads a number of four bytes. @throws ProtocolError if they are not there */
export function readUint32(bytes: Uint8Array, at = 0): number {
  if (bytes.length < at + 4) throw new ProtocolError('a frame is too short')
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
}

/** The same without its first bit, which is reserved. */
export function readUint31(bytes: Uint8Array, at = 0): number {
  return readUint32(bytes, at) % 2 ** 31
}

export function encodeSettings(settings: readonly (readonly [id: number, value: number])[]): Uint8Array {
  const content = Buffer.allocUnsafe(6 * settings.length)
  for (const [index, [id, value]] of settings.entries()) {
    content.writeUInt16BE(id, 6 * index)
    content.writeUInt32BE(value, 6 * index + 2)
  }
  return content
}

/** @throws ProtocolError */
export function decodeSettings(content: Uint8Array): [id: number, value: number][] {
  if (content.length % 6 !== 0) throw new ProtocolError('settings of an invalid size')
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  return Array.from({length: content.length / 6}, (_, index) => [
    view.getUint16(6 * index),
    view.getUint32(6 * index + 2),
  ])
}

/** Splits the bytes of a connection into frames. */
export class FrameReader {
  private rest: Uint8Array = new Uint8Array()

  /** Takes bytes that arrived, and passes on the frames that they complete. @throws ProtocolError */
  push(bytes: Uint8Array, receive: (frame: Frame) => void): void {
    let input = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    while (input.length >= HEAD) {
      const length = input[0]! * 65_536 + input[1]! * 256 + input[2]!
      if (length > FRAME_SIZE) throw new ProtocolError('a frame is too large')
      if (input.length < HEAD + length) break
      const content = input.subarray(HEAD, HEAD + length)
      const frame = {type: input[3]!, flags: input[4]!, stream: readUint31(input, 5), content}
      input = input.subarray(HEAD + length)
      receive(frame)
    }
    this.rest = input
  }
}

/** The content of a DATA or HEADERS frame without its padding and its priority. @throws ProtocolError */
export function withoutPadding({type, flags, content}: Frame): Uint8Array {
  let start = 0
  let end = content.length
  if ((flags & FLAG.PADDED) !== 0) {
    start = 1
    end -= content[0] ?? 0
  }
  if (type === FRAME.HEADERS && (flags & FLAG.PRIORITY) !== 0) start += 5
  if (end < start) throw new ProtocolError('a frame has more padding than content')
  return content.subarray(start, end)
}
