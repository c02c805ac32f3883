/**
 * Messages in the body of a gRPC stream: a flag byte, the length, the bytes. Compression is not offered, so a
 * compressed message is rejected, with the error of grpc-go.
 */
import type {ServerHttp2Stream} from 'node:http2'
import {Code, ServerError} from '../../server-error.ts'

const HEAD = 5
/** grpc-go rejects larger requests. */
const MAX_REQUEST = 4 * 1024 * 1024

export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** The messages of a request, as they arrive, until the client ends the stream. */
export async function* readMessages(stream: ServerHttp2Stream): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (let size = sizeOf(rest); size !== null && rest.length >= size; size = sizeOf(rest)) {
      yield rest.subarray(HEAD, size)
      rest = rest.subarray(size)
    }
  }
  if (rest.length > 0) throw new ServerError(Code.unknown, 'unexpected EOF')
}

/** Length of the first message with its head; null until the head has arrived. */
function sizeOf(bytes: Buffer): number | null {
  if (bytes.length < HEAD) return null
  const length = bytes.readUInt32BE(1)
  if (bytes[0] !== 0) {
    throw new ServerError(Code.internal, 'grpc: compressed flag set with identity or empty encoding')
  }
  if (length > MAX_REQUEST) {
    throw new ServerError(
      Code.resourceExhausted,
      `grpc: received message larger than max (${length} vs. ${MAX_REQUEST})`,
    )
  }
  return HEAD + length
}
