/**
 * A proxy between the program and a server that forwards everything and records the requests: gRPC on a socket, REST at
 * an address, HTTP on a socket (0.30). With it a test can show that a request was not sent to any kind of server.
 *
 * Reads are recognized by their names here and not by the program's own table, which could be wrong.
 */
import {createServer as createHttpServer, request as httpRequest, type RequestOptions, type Server} from 'node:http'
import {
  connect as h2Connect,
  constants,
  createServer as createH2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import {type AddressInfo, connect, type Server as NetServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {type Env, scratchFolder} from './program.ts'

/** A call that would change something, `DeleteNode` or `DELETE /api/v1/node/3`, and its message. */
export interface Change {
  call: string
  body: Buffer
}

export interface Recorder {
  /** The variables that make the program use the recorder. */
  env: Env
  /** The changes requested since the last call, oldest first. */
  changes(): Change[]
  /** All requests since the last call, with reads and probes. */
  requests(): number
  close(): void
}

const READING_RPC = /^(?:List|Get|Health$|CheckPolicy$)/
const UNDECODABLE = Buffer.from([0xff])

interface Notes {
  note(call: string, body: Buffer, reads: boolean): void
  changes: Recorder['changes']
  requests: Recorder['requests']
}

function notebook(): Notes {
  let changes: Change[] = []
  let requests = 0
  return {
    note(call, body, reads) {
      requests++
      if (!reads) changes.push({call, body})
    },
    changes() {
      const since = changes
      changes = []
      return since
    },
    requests() {
      const since = requests
      requests = 0
      return since
    },
  }
}

/** @param env the variables of the server @param http whether it speaks HTTP on its socket (0.30) */
export async function recorderFor(env: Env, {http = false}: {http?: boolean} = {}): Promise<Recorder> {
  const notes = notebook()
  const {HEADSCALE_UNIX_SOCKET: path, HEADSCALE_CLI_ADDRESS: address} = env
  if (path === undefined) {
    const {hostname, port} = new URL(address!)
    const server = httpProxy({hostname, port}, notes)
    const at = await listening(server, {port: 0, host: '127.0.0.1'})
    return {...at, ...notes, env: {...env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${at.port}`}}
  }
  const own = join(scratchFolder(), 'r.sock')
  const server = http ? httpProxy({socketPath: path}, notes) : grpcProxy(path, notes)
  return {...(await listening(server, {path: own})), ...notes, env: {...env, HEADSCALE_UNIX_SOCKET: own}}
}

async function listening(server: NetServer, where: {path: string} | {port: number; host: string}) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((done) => server.listen(where, done))
  const address = server.address() as AddressInfo | string
  return {
    port: typeof address === 'string' ? 0 : address.port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function httpProxy(target: RequestOptions, {note}: Notes): Server {
  return createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const {method = '', url = '', headers} = request
      const body = Buffer.concat(chunks)
      note(`${method} ${decodeURIComponent(url)}`, body, method === 'GET' || url.endsWith('/policy/check'))
      const onward = httpRequest({...target, agent: false, method, path: url, headers}, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      onward.end(body)
    })
  })
}

function grpcProxy(path: string, {note}: Notes): NetServer {
  const server = createH2Server()
  server.on('session', (session) => {
    const onward = h2Connect('http://localhost', {createConnection: () => connect(path)})
    onward.on('error', () => session.destroy())
    session.on('close', () => onward.destroy())
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      const chunks: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const body = Buffer.concat(chunks)
        const [service, rpc = ''] = String(headers[':path']).slice(1).split('/')
        const probe = body.subarray(5).equals(UNDECODABLE) || service!.startsWith('grpc.reflection.')
        note(rpc, body.subarray(5), probe || READING_RPC.test(rpc))
        const call = onward.request(headers)
        call.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
        let trailers: IncomingHttpHeaders = {}
        call.on('trailers', (given) => (trailers = given))
        call.on('response', (answer, flags) => {
          if (flags & constants.NGHTTP2_FLAG_END_STREAM) return stream.respond(answer, {endStream: true})
          stream.respond(answer, {waitForTrailers: true})
          stream.on('wantTrailers', () => stream.sendTrailers(trailers))
          call.pipe(stream)
        })
        call.end(body)
      })
    })
  })
  return server as unknown as NetServer
}
