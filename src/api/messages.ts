/**
 * The generated protobuf messages, by message set and operation.
 *
 * headscale changed the layout of messages incompatibly a few times; each layout has its own proto package
 * (proto/*.proto, src/api/gen/*.ts). A message set is loaded when it is needed, since its code is over 100 KB.
 * Messages are plain objects in proto-JSON spelling, so that a gRPC reply looks like a REST reply.
 */
import {HeadscaleError} from '../errors.ts'
import type {OperationId} from './operations.ts'
import type {WireMessage} from './transport/transport.ts'

/** The message sets: namespaces (0.15–0.18), users by name (0.19–0.23), by id (0.24–0.25), routes on nodes (0.26–0.29). */
export type MessageSetId = 'v0_15' | 'v0_19' | 'v0_24' | 'v0_26'

interface Codec {
  encode(message: WireMessage): {finish(): Uint8Array}
  decode(bytes: Uint8Array): WireMessage
}

/** Encoders and decoders of one message set. The client encodes requests, the sandbox decodes them. */
export interface MessageSet {
  /** Whether this message set has messages for the operation at all. */
  has(operation: OperationId): boolean
  request(operation: OperationId): Codec
  reply(operation: OperationId): Codec
}

/** Loads the messages of a message set. */
export async function loadMessageSet(id: MessageSetId): Promise<MessageSet> {
  const messages = (await importMessageSet(id)) as unknown as Record<string, Codec>
  const codec = (name: string): Codec => {
    const found = messages[name]
    if (!found) throw new HeadscaleError('unsupported-by-server', `message set ${id} has no ${name}`)
    return found
  }
  return {
    has: (operation) => `${operation}Request` in messages,
    request: (operation) => codec(`${operation}Request`),
    reply: (operation) => codec(`${operation}Response`),
  }
}

function importMessageSet(id: MessageSetId): Promise<object> {
  switch (id) {
    case 'v0_15':
      return import('./gen/v0_15.ts')
    case 'v0_19':
      return import('./gen/v0_19.ts')
    case 'v0_24':
      return import('./gen/v0_24.ts')
    case 'v0_26':
      return import('./gen/v0_26.ts')
  }
}
