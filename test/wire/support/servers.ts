/**
 * Real listeners for the wire tests: gRPC over node:http2, single HTTP/2 frames over node:net, HTTP over node:http.
 * Each opens on a socket or port of its own and ends with the test that asked for it. Nothing here shares code with
 * the client under test.
 */
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer as createHttpServer, type IncomingMessage, type RequestListener} from 'node:http'
import {createServer as createH2Server, type Http2Session, type ServerHttp2Stream, type Settings} from 'node:http2'
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {type GrpcConnection, openGrpcConnection} from '../../../src/api/transport/grpc/connection.ts'

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

/** Opens a server on a socket in a folder of its own and returns the socket's path. */
export async function listenOnSocket(server: Server, path = join(temporaryFolder(), 's.sock')): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((done) => server.listen(path, done))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return path
}

/** Opens a server on a loopback port and returns the port. */
export async function listenOnPort(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

export async function dial(path: string): Promise<Socket> {
  const socket = connect({path})
  await new Promise((done, failed) => socket.once('connect', done).once('error', failed))
  return socket
}

/** A gRPC connection to a socket, closed with the test. */
export async function grpcTo(path: string, timeoutMs = 5000): Promise<GrpcConnection> {
  const connection = openGrpcConnection(await dial(path), {timeoutMs, describe: 'the socket'})
  onTestFinished(() => connection.close())
  return connection
}

/** A request as the server got it. */
export interface Seen {
  headers: Record<string, unknown>
  body: Buffer
}

/** A gRPC server over node:http2 on a socket. `answer` is called when a request is complete. */
export async function http2Server(
  answer: (stream: ServerHttp2Stream, seen: Seen) => void,
  settings: Settings = {},
): Promise<{path: string; sessions: Http2Session[]}> {
  const sessions: Http2Session[] = []
  const server = createH2Server({settings, maxSessionMemory: 1000})
  server.on('session', (session) => sessions.push(session))
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () =>
      answer(stream, {headers: Object.fromEntries(Object.entries(headers)), body: Buffer.concat(chunks)}),
    )
  })
  const path = await listenOnSocket(server as unknown as Server)
  return {path, sessions}
}

/** Sends a whole reply: headers, the bytes as they are, trailers. Without trailers the headers end the stream. */
export function reply(
  stream: ServerHttp2Stream,
  {headers = {}, body = Buffer.alloc(0), trailers}: {headers?: object; body?: Uint8Array; trailers?: object},
): void {
  const head = {':status': 200, 'content-type': 'application/grpc', ...headers}
  if (!trailers) return void stream.respond(head, {endStream: true})
  stream.respond(head, {waitForTrailers: true})
  stream.on('wantTrailers', () => stream.sendTrailers({...trailers}))
  stream.end(body)
}

/** A gRPC frame around a message. */
export function message(payload: Uint8Array | string, flag = 0): Buffer {
  const bytes = Buffer.from(payload)
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

export const FRAME = {DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, GOAWAY: 7} as const
export const END_STREAM = 1
export const END_HEADERS = 4

/** One HTTP/2 frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header block: `:status` 200 when asked for, then literal names and values, uncompressed (HPACK, RFC 7541 6.2.2). */
export function headerBlock(headers: Record<string, string>, {status = true} = {}): Buffer {
  const parts: Buffer[] = status ? [Buffer.from([0x88])] : []
  for (const [name, value] of Object.entries(headers)) {
    parts.push(Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value))
  }
  return Buffer.concat(parts)
}

/** Four bytes, as the codes in RST_STREAM and the two halves of GOAWAY. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * A server that writes HTTP/2 frames by hand: its SETTINGS at once, then what `answer` writes when the client has
 * ended a stream.
 */
export function frameServer(answer: (socket: Socket, stream: number) => void): Promise<string> {
  const server = createServer((socket) => {
    let input = Buffer.alloc(0)
    let preface = true
    socket.on('error', () => {})
    socket.write(frame(FRAME.SETTINGS, 0, 0))
    socket.on('data', (chunk: Buffer) => {
      input = Buffer.concat([input, chunk])
      if (preface && input.length >= 24) {
        preface = false
        input = input.subarray(24)
      }
      while (!preface && input.length >= 9 && input.length >= 9 + input.readUIntBE(0, 3)) {
        const [type, flags, stream] = [input[3], input[4]!, input.readUInt32BE(5)]
        input = input.subarray(9 + input.readUIntBE(0, 3))
        if (type === FRAME.SETTINGS && (flags & 1) === 0) socket.write(frame(FRAME.SETTINGS, 1, 0))
        const ends = (type === FRAME.HEADERS || type === FRAME.DATA) && (flags & END_STREAM) !== 0
        if (ends) answer(socket, stream)
      }
    })
  })
  return listenOnSocket(server)
}

/** An HTTP request as the server got it, path and query as sent. */
export interface SeenHttp {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** An HTTP server that keeps what it was asked; the body of a request is read before `answer` is called. */
export function recordingHttp(answer: RequestListener): {server: Server; seen: SeenHttp[]} {
  const seen: SeenHttp[] = []
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const {method = '', url = '', headers} = request
      seen.push({method, path: url, headers, body: Buffer.concat(chunks).toString()})
      answer(request, response)
    })
  })
  return {server, seen}
}
