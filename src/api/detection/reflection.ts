/**
 * One request to gRPC server reflection: does a message of headscale.v1 have a field? Sent only if two releases have
 * the same methods. Every release up to 0.29 supports `grpc.reflection.v1alpha` on its socket.
 */
import {BinaryReader, BinaryWriter} from '@bufbuild/protobuf/wire'
import type {GrpcConnection} from '../transport/grpc/connection.ts'
import {GrpcStatus} from '../transport/grpc/status.ts'

const METHOD = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo'

// Field numbers of grpc/reflection/v1alpha/reflection.proto and google/protobuf/descriptor.proto.
const FILE_CONTAINING_SYMBOL = 4
const FILE_DESCRIPTOR_RESPONSE = 4
const FILE_DESCRIPTOR_PROTO = 1
const FILE_MESSAGE_TYPE = 4
const MESSAGE_NAME = 1
const MESSAGE_FIELD = 2
const FIELD_NAME = 1

/**
 * @param deadline when to give up, in the time of `performance.now()`
 * @returns null if the server does not have reflection, or replies without the message
 */
export async function messageHasField(
  connection: GrpcConnection,
  message: string,
  field: string,
  deadline: number,
): Promise<boolean | null> {
  const request = new BinaryWriter().tag(FILE_CONTAINING_SYMBOL, 2).string(`headscale.v1.${message}`).finish()
  const replies = await connection
    .exchange(METHOD, request, {deadline, purpose: 'detection'})
    .catch((error: unknown) => {
      if (error instanceof GrpcStatus) return []
      throw error
    })
  try {
    return fieldInReplies(replies, message, field)
  } catch {
    // Invalid protobuf is no answer either.
    return null
  }
}

function fieldInReplies(replies: Uint8Array[], message: string, field: string): boolean | null {
  const types = replies
    .flatMap((reply) => children(reply, FILE_DESCRIPTOR_RESPONSE))
    .flatMap((response) => children(response, FILE_DESCRIPTOR_PROTO))
    .flatMap((file) => children(file, FILE_MESSAGE_TYPE))
    .filter((type) => children(type, MESSAGE_NAME).some((name) => textOf(name) === message))
  if (types.length === 0) return null
  return types
    .flatMap((type) => children(type, MESSAGE_FIELD))
    .some((entry) => children(entry, FIELD_NAME).some((name) => textOf(name) === field))
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The length-delimited fields with one number. */
function children(bytes: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(bytes)
  const found: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag()
    if (fieldNumber === number && wireType === 2) found.push(reader.bytes())
    else reader.skip(wireType, fieldNumber)
  }
  return found
}
