/**
 * A stand-in for headscale's debug listener in front of a sandbox, which has none: /debug/nodestore in the form of real
 * servers, of which test/real/host-facts.test.ts reads the page.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface DebugPage {
  /** `127.0.0.1:9090`, as in `metrics_listen_addr`. */
  address: string
  /** The path and the accepted type of each request. */
  requests: string[]
  close(): void
}

/** @param answer answers each request */
export async function startDebugListener(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<DebugPage> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.accept}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return {address: `127.0.0.1:${port}`, requests, close}
}

/** A listener with this page of nodes. */
export function startDebugPage(nodes: Record<string, unknown>): Promise<DebugPage> {
  return startDebugListener((request, response) => {
    const found = request.url === '/debug/nodestore'
    response.writeHead(found ? 200 : 404, {'content-type': 'application/json'})
    response.end(found ? JSON.stringify(nodes, null, 2) : '404 page not found\n')
  })
}

/** A node of that page, as 0.29.3 writes it; fields that no test needs are left out. */
export function pageNode(
  machineKey: string | null,
  host: Record<string, unknown>,
  endpoints: string[] | null,
): Record<string, unknown> {
  return {
    MachineKey: machineKey,
    Endpoints: endpoints,
    Hostinfo: {BackendLogID: 'ab12', Hostname: 'host', NetInfo: {PreferredDERP: 901}, ...host},
    AuthKey: {ID: 1, Key: 'c0621171d9268f5ddfef53fddde6cbb7d811206aeb2a7412'},
    IsOnline: true,
  }
}

/** What clients of three systems report. */
export const LINUX = {
  IPNVersion: '1.80.2-t1a2b3c4d5-g6e7f8a9b0',
  OS: 'linux',
  OSVersion: '6.1.0-28-amd64',
  Distro: 'debian',
  DistroVersion: '12.11',
}
export const WINDOWS = {IPNVersion: '1.74.0-tc0ffee000-g123456789', OS: 'windows', OSVersion: '10.0.26100.4061'}
export const PHONE = {IPNVersion: '1.84.1', OS: 'iOS'}
