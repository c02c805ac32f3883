/** What clients report, read from the debug page of a server; the sandbox has no such page, so a stand-in serves it. */
import {afterEach, beforeAll, describe, expect, test} from 'vitest'
import {connect, type Connection} from '../../src/api/connect.ts'
import {listenerOrigin} from '../../src/config/debug-listener.ts'
import {clientVersions, withClients} from '../../src/usecases/nodes/host-facts.ts'
import {
  type DebugPage,
  LINUX,
  pageNode,
  PHONE,
  startDebugListener,
  startDebugPage,
  WINDOWS,
} from '../support/debug-page.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SOURCE = {kind: 'flag', name: '--listener'} as const
const NAMES = {flag: 'the test', missing: 'no address is known'}
const machineKey = (digit: string) => `mkey:${digit.repeat(64)}`
const NODES = ['a', 'b', 'c'].map((digit) => ({
  name: `host-${digit}`,
  user: 'ada',
  machineKey: digit.repeat(64),
}))

let server: TestServer
let old: TestServer
beforeAll(async () => {
  const seed = {users: [{name: 'ada'}], nodes: NODES}
  server = await startTestSandbox({release: '0.29', seed})
  old = await startTestSandbox({release: '0.26', seed})
  return () => Promise.all([server.close(), old.close()])
})

const opened: {close(): void}[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

async function connected(address: string | null, {env} = server, timeoutMs = 10_000): Promise<Connection['api']> {
  const origin = address === null ? null : listenerOrigin(address)
  const connection = await connect(
    {
      kind: 'socket',
      path: env.HEADSCALE_UNIX_SOCKET!,
      timeoutMs,
      debugListener: origin === null ? null : {origin, source: SOURCE},
      source: SOURCE,
    },
    {env: {}, home: null, now: () => new Date()},
  )
  opened.push(connection)
  return connection.api
}

async function page(nodes: Record<string, unknown>): Promise<DebugPage> {
  const started = await startDebugPage(nodes)
  opened.push(started)
  return started
}

async function listener(...answer: Parameters<typeof startDebugListener>): Promise<DebugPage> {
  const started = await startDebugListener(...answer)
  opened.push(started)
  return started
}

/** Why nothing is known, with PORT for the port of the listener. */
async function reason(address: string | null, from: TestServer = server, timeoutMs?: number): Promise<string | null> {
  const {unknown, versions} = await clientVersions(await connected(address, from, timeoutMs), NAMES)
  expect([...versions]).toEqual([])
  return unknown && unknown.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT')
}

describe('what clients report', () => {
  test('is that of each node', async () => {
    const {address, requests} = await page({
      1: pageNode(machineKey('a'), LINUX, ['192.0.2.10:41641', '[2001:db8::1]:41641']),
      2: pageNode(machineKey('b'), WINDOWS, null),
      3: pageNode(machineKey('c'), PHONE, []),
    })
    const api = await connected(address)
    const {nodes, unknown} = await withClients(api, api.nodes.list(), NAMES)
    expect(unknown).toBe(null)
    expect(nodes.map(({client}) => client)).toEqual([
      {
        os: 'linux',
        osVersion: 'debian 12.11',
        version: '1.80.2-t1a2b3c4d5-g6e7f8a9b0',
        endpoints: ['192.0.2.10:41641', '[2001:db8::1]:41641'],
      },
      {os: 'windows', osVersion: '10.0.26100.4061', version: '1.74.0-tc0ffee000-g123456789', endpoints: []},
      {os: 'iOS', osVersion: null, version: '1.84.1', endpoints: []},
    ])
    expect(requests).toEqual(['/debug/nodestore application/json'])
    expect([...(await clientVersions(api, NAMES)).versions.keys()]).toEqual(['1', '2', '3'])
  })

  test('is null for a node that the page does not have, or has with another key', async () => {
    const {address} = await page({
      1: pageNode(machineKey('a'), LINUX, []),
      2: pageNode(machineKey('f'), WINDOWS, []),
    })
    const {versions, unknown} = await clientVersions(await connected(address), NAMES)
    expect([...versions]).toEqual([['1', '1.80.2-t1a2b3c4d5-g6e7f8a9b0']])
    expect(unknown).toBe(null)
  })

  test('is null for a client that reports nothing', async () => {
    const {address} = await page({1: {MachineKey: machineKey('a'), Hostinfo: null, Endpoints: ['x', 7]}})
    const api = await connected(address)
    const {nodes} = await withClients(api, api.nodes.list(), NAMES)
    expect(nodes[0]!.client).toEqual({os: null, osVersion: null, version: null, endpoints: ['x']})
  })
})

describe('says why it is not known:', () => {
  test('an older release, which is not asked', async () => {
    const {address, requests} = await page({})
    expect(await reason(address, old)).toBe('needs headscale 0.27.0 or later; the server is 0.26')
    expect(requests).toEqual([])
  })

  test('no address', async () => {
    expect(await reason(null)).toBe('no address is known')
  })

  test('nobody listens', async () => {
    const {address, close} = await page({})
    close()
    expect(await reason(address)).toBe('connection refused (http://127.0.0.1:PORT/debug/nodestore, from the test)')
  })

  test('no answer within the timeout of requests, which is at most two seconds', async () => {
    const {address} = await listener(() => {})
    const reasons = await Promise.all([reason(address), reason(address, server, 1000)])
    expect(reasons).toEqual([
      'no answer within 2 s (http://127.0.0.1:PORT/debug/nodestore, from the test)',
      'no answer within 1 s (http://127.0.0.1:PORT/debug/nodestore, from the test)',
    ])
  })

  test('a reply that breaks off', async () => {
    const {address} = await listener((_, response) => {
      response.write('{"1": {')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await reason(address)).toBe('no answer (ECONNRESET) (http://127.0.0.1:PORT/debug/nodestore, from the test)')
  })

  test('closed to this machine', async () => {
    const {address} = await listener((_, response) => response.writeHead(403).end('debug access denied'))
    expect(await reason(address)).toBe(
      'the debug pages are closed to this machine (http://127.0.0.1:PORT/debug/nodestore, from the test)',
    )
  })

  test.for([
    ['no such page', 404, '404 page not found'],
    ['text', 200, '=== NodeStore ==='],
    ['a list', 200, '[]'],
    ['a redirect', 302, ''],
  ] as const)('another page: %s', async ([, status, body]) => {
    const {address} = await listener((_, response) => response.writeHead(status, {location: '/elsewhere'}).end(body))
    expect(await reason(address)).toBe('no list of nodes there (http://127.0.0.1:PORT/debug/nodestore, from the test)')
  })

  test('another server', async () => {
    const {address} = await page({1: pageNode(machineKey('e'), LINUX, [])})
    expect(await reason(address)).toBe('http://127.0.0.1:PORT belongs to another server')
    const {address: empty} = await page({9: pageNode(machineKey('e'), LINUX, [])})
    expect(await reason(empty)).toBe('http://127.0.0.1:PORT lists none of these nodes')
  })
})

test.for([
  ['127.0.0.1:9090', 'http://127.0.0.1:9090'],
  ['http://127.0.0.1:9090/', 'http://127.0.0.1:9090'],
  [':9090', 'http://127.0.0.1:9090'],
  ['0.0.0.0:9090', 'http://127.0.0.1:9090'],
  ['[::]:9090', 'http://[::1]:9090'],
  ['[fd7a::1]:9090', 'http://[fd7a::1]:9090'],
  ['hs.example.com:9090', 'http://hs.example.com:9090'],
  ['localhost', null],
  [':http', null],
  [':0', null],
  [':70000', null],
  ['[fd7a::1:9090', null],
  ['[1.2.3.4]:9090', null],
  ['https://127.0.0.1:9090', null],
  ['a b:9090', null],
  ['x@y:9090', null],
  ['', null],
] as const)('the listen address %s', ([text, origin]) => expect(listenerOrigin(text)).toBe(origin))
