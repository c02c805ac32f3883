/**
 * The Transport over gRPC: encodes a request with the messages of the server's family, decodes the reply.
 * Which family that is, detection has found out. Knows no resource; status codes are translated in grpc-errors.ts.
 */
import type {Family} from '../../messages.ts'
import {grpcPath, OPERATIONS} from '../../operations.ts'
import type {GrpcConnection} from './connection.ts'
import {callError} from './grpc-errors.ts'
import {badReply} from './message-frames.ts'
import type {Transport, WireMessage} from '../transport.ts'

/** Carries operations over a connection, which it ends on `close()`. */
export function grpcTransport(connection: GrpcConnection, family: Family): Transport {
  return {
    async call(id, request) {
      const operation = OPERATIONS[id]
      const payload = family.request(id).encode(request).finish()
      const reply = await connection.unary(grpcPath(operation), payload).catch((error: unknown) => {
        throw callError(error, operation)
      })
      return decode(() => family.reply(id).decode(reply))
    },
    close: () => connection.close(),
  }
}

function decode(read: () => WireMessage): WireMessage {
  try {
    return read()
  } catch (error) {
    throw badReply((error as Error).message)
  }
}
