/**
 * The Transport over gRPC: encodes requests and decodes replies with the message set of the detected release.
 * It does not know resources; grpc-errors.ts translates status codes.
 */
import type {MessageSet} from '../../messages.ts'
import {grpcPath, OPERATIONS} from '../../operations.ts'
import type {GrpcConnection} from './connection.ts'
import {callError} from './grpc-errors.ts'
import {badReply} from './message-frames.ts'
import type {Transport, WireMessage} from '../transport.ts'

/** Sends operations over a connection, and closes it on `close()`. */
export function grpcTransport(connection: GrpcConnection, messageSet: MessageSet): Transport {
  return {
    async call(id, request) {
      const operation = OPERATIONS[id]
      const payload = messageSet.request(id).encode(request).finish()
      try {
        const reply = await connection.unary(grpcPath(operation), payload)
        return decode(() => messageSet.reply(id).decode(reply))
      } catch (error) {
        throw callError(error, operation)
      }
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
