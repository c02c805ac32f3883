/**
 * The generated protobuf messages, by family and operation.
 *
 * Servers changed the layout of messages incompatibly in a few steps; each step has a proto package of its own
 * (proto/*.proto, src/api/gen/*.ts). A family is loaded when it is needed: the code of one is over 100 KB.
 * Messages are plain objects in proto-JSON spelling, so that a gRPC reply looks like a REST reply.
 */
import {HeadscaleError} from '../errors.ts'
import type {OperationId} from './operations.ts'
import type {WireMessage} from './transport/transport.ts'

/** The families: namespaces (0.15–0.18), users by name (0.19–0.23), by id (0.24–0.25), routes on nodes (0.26–0.29). */
export type FamilyId = 'f15' | 'f19' | 'f24' | 'f26'

interface Codec {
  encode(message: WireMessage): {finish(): Uint8Array}
  decode(bytes: Uint8Array): WireMessage
}

/** Encoders and decoders of one family. The client encodes requests, the sandbox decodes them. */
export interface Family {
  /** Whether this family has messages for the operation at all. */
  has(operation: OperationId): boolean
  request(operation: OperationId): Codec
  reply(operation: OperationId): Codec
}

/** Loads the messages of a family. */
export async function loadFamily(id: FamilyId): Promise<Family> {
  const messages = (await importFamily(id)) as unknown as Record<string, Codec>
  const codec = (name: string): Codec => {
    const found = messages[name]
    if (!found) throw new HeadscaleError('unsupported-by-server', `message family ${id} has no ${name}`)
    return found
  }
  return {
    has: (operation) => `${operation}Request` in messages,
    request: (operation) => codec(`${operation}Request`),
    reply: (operation) => codec(`${operation}Response`),
  }
}

function importFamily(id: FamilyId): Promise<object> {
  switch (id) {
    case 'f15':
      return import('./gen/f15.ts')
    case 'f19':
      return import('./gen/f19.ts')
    case 'f24':
      return import('./gen/f24.ts')
    case 'f26':
      return import('./gen/f26.ts')
  }
}
