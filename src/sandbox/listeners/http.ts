/**
 * The HTTP side: the REST gateway below `/api/v1` behind API keys, and the pages around it.
 *
 * The key is looked at before the path, so that an unknown path answers 401 as well. What a refused key, `/health`,
 * `/version` and unknown paths answer differs between releases and is data of the simulator.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {REST_ROOT} from '../../api/operations.ts'
import {HeadscaleError} from '../../errors.ts'
import type {Page} from '../releases/shared/release-simulator.ts'
import {Code, Crash, Refusal} from '../server-error.ts'
import type {Service} from '../service.ts'
import {fill, httpStatus, route} from './rest-gateway.ts'
import type {Listener} from './socket-file.ts'
import {swagger} from './swagger.ts'

export interface HttpListener extends Listener {
  /** `http://127.0.0.1:8080`, with the port that was really taken. */
  url: string
}

/** Serves REST. Port 0 takes any free one. */
export async function listenHttp(service: Service, {host, port}: {host: string; port: number}): Promise<HttpListener> {
  const answer = service.simulator.wire === 'http' ? (await import('./rest-huma.ts')).serve : serve
  const server = createServer((request, response) => void answer(service, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message
      reject(
        new HeadscaleError('failed', `cannot listen on ${host}:${port}: ${why}`, {
          hint: 'give another address, or port 0 for any free one',
          cause: error,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {simulator} = service
  const [path, search = ''] = splitOnce(request.url ?? '/', '?')
  try {
    if (path === '/health') return sendPage(response, simulator.http.health)
    if (path === '/version' && simulator.http.version) return sendPage(response, simulator.http.version)
    if (path === '/swagger/v1/openapiv2.json') return sendJson(response, 200, swagger(service))
    if (path === '/') return sendPage(response, simulator.http.root)
    if (!path.startsWith(simulator.http.guarded)) return sendPage(response, simulator.http.otherwise)

    const fault = faultOfKey(service, request.headers.authorization)
    if (fault) return sendPage(response, simulator.http.unauthorized[fault])
    if (!path.startsWith(`${REST_ROOT}/`)) return sendPage(response, simulator.http.otherwise)
    const found = route(service.operations, request.method ?? 'GET', path)
    const body = await readBody(request)
    const empty = service.messageSet.request(found.operation.id).decode(new Uint8Array())
    const message = fill(empty, found, {
      query: new URLSearchParams(search),
      body,
      namesFields: simulator.http.namesFields,
      takesBody: simulator.takesBody.includes(found.operation.id),
    })
    sendJson(response, 200, service.answer(found.operation.id, message))
  } catch (error) {
    if (error instanceof Crash) {
      request.socket.destroy()
      return
    }
    const refusal = error instanceof Refusal ? error : new Refusal(Code.internal, String(error))
    sendJson(response, httpStatus(refusal.code), {code: refusal.code, message: refusal.message, details: []})
  }
}

/** What is wrong with the credentials of a request. Expiry is looked at before the secret, as the server does. */
export function faultOfKey(
  {simulator, tailnet}: Service,
  header: string | undefined,
): 'missing' | 'wrong' | 'expired' | null {
  if (!header?.startsWith('Bearer ')) return 'missing'
  const token = header.slice('Bearer '.length)
  const prefix = simulator.prefixOfToken(token)
  const key = tailnet.apiKeys.find((candidate) => candidate.prefix === prefix)
  if (!key) return 'wrong'
  if (key.expiration && key.expiration < tailnet.now()) return 'expired'
  return key.secret === token ? null : 'wrong'
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export function sendPage(response: ServerResponse, {status, type, body}: Page): void {
  response.writeHead(status, {...(type !== null && {'content-type': type}), 'content-length': Buffer.byteLength(body)})
  response.end(body)
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  sendPage(response, {status, type: 'application/json', body: JSON.stringify(value)})
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}
