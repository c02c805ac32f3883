/**
 * A reverse proxy in front of a server, with the faults of real ones: a page in place of the server, headers that are
 * dropped, another clock, its own certificate.
 */
import {createServer, request as send} from 'node:http'
import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import type {AddressInfo} from 'node:net'

export interface ProxyOptions {
  /** Answers every request with this HTML page. */
  page?: string
  /** Answers every request with this status and no body. */
  status?: number
  /** Headers of requests that do not get through, in lower case. */
  drops?: readonly string[]
  /** The Date header of every answer. */
  date?: Date
  /** Serves https with this certificate and key (PEM). */
  tls?: {cert: string; key: string}
  /** Answers of its own, before anything is forwarded. @returns whether it answered */
  answer?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface FrontProxy {
  url: string
  close(): Promise<void>
}

/** Starts a proxy on a free loopback port. @param target the address of the server behind it */
export async function startProxy(target: string, options: ProxyOptions = {}): Promise<FrontProxy> {
  const {page, status, drops = [], date, tls, answer} = options
  const forward: RequestListener = (request, response) => {
    if (date) response.setHeader('date', date.toUTCString())
    if (page !== undefined) return void response.writeHead(200, {'content-type': 'text/html'}).end(page)
    if (status !== undefined) return void response.writeHead(status).end()
    for (const name of drops) delete request.headers[name]
    if (answer?.(request, response)) return
    const {method, headers} = request
    const inner = send(new URL(request.url ?? '/', target), {method, headers, agent: false}, (reply) => {
      const {date: theirs, ...rest} = reply.headers
      response.writeHead(reply.statusCode ?? 500, date ? rest : {...rest, date: theirs})
      reply.pipe(response)
    })
    inner.on('error', () => response.headersSent || response.writeHead(502).end())
    request.pipe(inner)
  }
  const server = tls ? createTlsServer(tls, forward) : createServer(forward)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
