/**
 * gRPC framing inside an HTTP/2 stream: a flag byte, a big-endian length of four bytes, the message.
 *
 * A reply is split into messages when it is complete, so the sizes of HTTP/2 chunks do not matter, and a false length
 * does not allocate memory. This file does not know streams, headers or protobuf.
 */
import type {HeadscaleError} from '../../../errors.ts'
import {IndeterminateError} from '../indeterminate-error.ts'

const PREFIX = 5

/** One uncompressed message, ready to send. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX + payload.length)
  new DataView(frame.buffer).setUint32(1, payload.length)
  frame.set(payload, PREFIX)
  return frame
}

/**
 * Splits the content of a stream into messages, which share the memory of `body`.
 * @throws HeadscaleError `bad-reply` for a compressed message (not requested) or an incomplete one
 */
export function splitFrames(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const messages: Uint8Array[] = []
  let at = 0
  while (at < body.length) {
    if (body.length - at < PREFIX) throw badReply('it ends inside a message')
    if (body[at] !== 0) throw badReply('a message is compressed, which was not asked for')
    const start = at + PREFIX
    const end = start + view.getUint32(at + 1)
    if (end > body.length) throw badReply(`${end - body.length} bytes of a message are missing`)
    messages.push(body.subarray(start, end))
    at = end
  }
  return messages
}

/** The error for a reply that is not valid gRPC. The server may have executed the call. */
export function badReply(why: string): HeadscaleError {
  return new IndeterminateError('bad-reply', `the server's gRPC reply cannot be read: ${why}`, {
    hint: 'check for a proxy between headscale-ts and headscale that changes the connection',
  })
}
