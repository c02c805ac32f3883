/** The HTTP listener on an address: which of the two REST implementations answers is a fact of the simulator. */
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {HeadscaleError} from '../../errors.ts'
import type {Service} from '../service.ts'
import type {Listener} from './socket-file.ts'

export interface HttpListener extends Listener {
  /** `http://127.0.0.1:8080`, with the actual port. */
  url: string
}

/** Serves REST. Port 0 means any free port. */
export async function listenHttp(service: Service, {host, port}: {host: string; port: number}): Promise<HttpListener> {
  const answer =
    service.simulator.wire === 'http'
      ? (await import('./huma/rest-huma.ts')).serve
      : (await import('./gateway/rest-gateway.ts')).serve
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
