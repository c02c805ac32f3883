/**
 * The gRPC side: plaintext HTTP/2 on a unix socket, as headscale serves it up to 0.29.
 *
 * Unary calls only, written over node:http2 so that the sandbox adds no library. Errors before any handler
 * have the texts of grpc-go (server.go), because clients detect the release by them.
 */
import {createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream} from 'node:http2'
import {createServer as createDoor} from 'node:net'
import {SERVICE} from '../../../api/operations.ts'
import {Code, ServerCrash, ServerError} from '../../server-error.ts'
import type {Service} from '../../service.ts'
import {withValidAuthority} from './authority.ts'
import {bindSocket, type Listener} from '../socket-file.ts'
import {frame, readMessages} from './frames.ts'
import {isReflection, reflect} from './reflection.ts'

/** Serves gRPC on a socket file with mode 0700. */
export async function listenGrpc(service: Service, socketPath: string): Promise<Listener> {
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    void serve(service, stream, headers)
  })
  const door = createDoor((socket) => server.emit('connection', withValidAuthority(socket)))
  const release = await bindSocket(door, socketPath)
  return {
    async close() {
      for (const session of sessions) session.destroy()
      await release()
    },
  }
}

async function serve(service: Service, stream: ServerHttp2Stream, headers: IncomingHttpHeaders & {':path'?: string}) {
  const path = headers[':path'] ?? ''
  try {
    if (isReflection(service, path)) return await reflect(service, stream)
    const operation = service.operations.find(({rpc}) => path === `/${SERVICE}/${rpc}`)
    if (!operation) throw unknownPath(path)
    const payload = await onlyMessage(stream)
    const request = decode(() => service.messageSet.request(operation.id).decode(payload))
    const reply = service.messageSet.reply(operation.id).encode(service.answer(operation.id, request)).finish()
    if (stream.destroyed) return
    stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: true})
    stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0', 'grpc-message': ''}))
    stream.end(frame(reply))
  } catch (error) {
    if (error instanceof ServerCrash) stream.session?.destroy()
    else sendServerError(stream, error)
  }
}

/** The message of a unary call. */
async function onlyMessage(stream: ServerHttp2Stream): Promise<Uint8Array> {
  let found: Uint8Array | null = null
  for await (const message of readMessages(stream)) found ??= message
  if (!found) throw new ServerError(Code.unknown, 'EOF')
  return found
}

function unknownPath(path: string): ServerError {
  const [, service = '', method] = /^\/(.*)\/([^/]*)$/.exec(path) ?? []
  if (method === undefined) return new ServerError(Code.unimplemented, `malformed method name: ${JSON.stringify(path)}`)
  return new ServerError(
    Code.unimplemented,
    service === SERVICE ? `unknown method ${method} for service ${service}` : `unknown service ${service}`,
  )
}

function decode<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw new ServerError(
      Code.internal,
      'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data',
    )
  }
}

/** Answers with trailers only, as grpc-go does without a message. */
function sendServerError(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return
  const serverError = error instanceof ServerError ? error : new ServerError(Code.internal, String(error))
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(serverError.code),
      'grpc-message': percentEncode(serverError.message),
    },
    {endStream: true},
  )
  stream.resume()
}

/** Everything outside printable ASCII, and the percent sign, as %XX of its UTF-8 bytes. */
function percentEncode(message: string): string {
  return message.replaceAll(/[^ -$&-~]+/gu, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}
