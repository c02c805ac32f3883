/** Requests over REST: method, path, headers and body, as a server receives them. */
import type {RequestListener} from 'node:http'
import {expect, test} from 'vitest'
import type {OperationId} from '../../src/api/operations.ts'
import type {WireMessage} from '../../src/api/transport/transport.ts'
import {answered, API_KEY, open, outcome} from './support/http-servers.ts'
import {listenOnSocket, recordingHttp} from './support/servers.ts'

const empty: RequestListener = (_, response) => void response.setHeader('content-type', 'application/json').end('{}')

test.each([
  ['ListUsers', {}, 'GET /api/v1/user', ''],
  ['ListUsers', {name: 'a b&c=d', email: undefined, id: null}, 'GET /api/v1/user?name=a%20b%26c%3Dd', ''],
  [
    'CreateUser',
    {name: 'office', displayName: 'Ö', email: undefined, pictureUrl: null},
    'POST /api/v1/user',
    '{"name":"office","displayName":"Ö"}',
  ],
  ['DeleteUser', {id: '7'}, 'DELETE /api/v1/user/7', ''],
  ['GetNamespace', {name: 'a/b?c#d%20é'}, 'GET /api/v1/namespace/a%2Fb%3Fc%23d%2520%C3%A9', ''],
  ['GetNamespace', {name: '..'}, 'GET /api/v1/namespace/%2E%2E', ''],
  ['GetNamespace', {name: '.'}, 'GET /api/v1/namespace/%2E', ''],
  ['GetNamespace', {name: '...'}, 'GET /api/v1/namespace/...', ''],
  ['RenameNode', {nodeId: '4', newName: 'über'}, 'POST /api/v1/node/4/rename/%C3%BCber', ''],
  [
    'EnableMachineRoutes',
    {machineId: '1', routes: ['10.0.0.0/8', 'fd00::/8']},
    'POST /api/v1/machine/1/routes?routes=10.0.0.0%2F8&routes=fd00%3A%3A%2F8',
    '',
  ],
  ['EnableMachineRoutes', {machineId: '1', routes: []}, 'POST /api/v1/machine/1/routes', ''],
  ['SetApprovedRoutes', {nodeId: '1', routes: []}, 'POST /api/v1/node/1/approve_routes', '{"routes":[]}'],
  ['MoveNode', {nodeId: '1', user: '2'}, 'POST /api/v1/node/1/user?user=2', '{"user":"2"}'],
  ['ExpireNode', {nodeId: '1'}, 'POST /api/v1/node/1/expire', '{}'],
  [
    'ExpireNode',
    {nodeId: '1', disableExpiry: false},
    'POST /api/v1/node/1/expire?disableExpiry=false',
    '{"disableExpiry":false}',
  ],
  ['SetPolicy', {policy: '{"acls": []}'}, 'PUT /api/v1/policy', '{"policy":"{\\"acls\\": []}"}'],
] as [OperationId, WireMessage, string, string][])('%s %j', async (operation, request, line, body) => {
  const {transport, seen} = await answered(empty)
  await transport.call(operation, request)
  expect(seen.map(({method, path}) => `${method} ${path}`)).toEqual([line])
  expect(seen[0]!.body).toBe(body)
  expect(seen[0]!.headers['content-type']).toBe(body === '' ? undefined : 'application/json')
  expect(seen[0]!.headers.authorization).toBe(`Bearer ${API_KEY}`)
})

test.each([
  ['DeleteUser', {id: ''}, 'usage: an empty id cannot be sent to the server | nothing was sent'],
  ['DeleteApiKey', {id: '3'}, 'usage: an empty prefix cannot be sent to the server | nothing was sent'],
  [
    'RenameNamespace',
    {oldName: null, newName: 'x'},
    'usage: an empty old name cannot be sent to the server | nothing was sent',
  ],
  ...(
    [
      ['GetNamespace', {name: 'a\ud800'}, 'name'],
      ['RenameNode', {nodeId: '4', newName: '\udc00b'}, 'new name'],
      ['ListUsers', {name: '\ud800'}, 'name'],
      ['EnableMachineRoutes', {machineId: '1', routes: ['10.0.0.0/8', '\ud800']}, 'routes'],
      ['CreateUser', {name: 'office', displayName: '\ud800'}, 'display name'],
    ] as const
  ).map(([operation, request, field]) => [
    operation,
    request,
    `usage: the ${field} contains an incomplete character (a lone surrogate) | type the value again; nothing was sent`,
  ]),
] as [OperationId, WireMessage, string][])('does not send %s %j', async (operation, request, error) => {
  const {transport, seen} = await answered(empty)
  expect(await outcome(transport.call(operation, request))).toBe(error)
  expect(seen).toEqual([])
})

test('a POST without fields has content-length 0', async () => {
  const {transport, seen} = await answered(empty)
  await transport.call('RegisterNode', {user: 'office', key: 'k'})
  expect(seen[0]!.headers).toEqual({
    accept: 'application/json',
    authorization: `Bearer ${API_KEY}`,
    connection: 'keep-alive',
    'content-length': '0',
    host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    'user-agent': 'headscale-ts',
  })
})

test.each(['/headscale', '/headscale/'])('keeps the path %s of an address', async (path) => {
  const {transport, seen} = await answered(empty, {path})
  await transport.call('ListUsers', {})
  await transport.get('/version')
  expect(seen.map((request) => request.path)).toEqual(['/headscale/api/v1/user', '/headscale/version'])
})

test('a raw GET sends no key and returns any reply, up to 8 MB', async () => {
  const {transport, seen} = await answered((_, response) => {
    response.writeHead(302, {location: '/login', 'content-type': 'text/html'})
    response.end('x'.repeat(9 * 1024 * 1024))
  })
  const {text, ...reply} = await transport.get('/swagger/v1/openapiv2.json')
  expect(reply).toEqual({status: 302, contentType: 'text/html', location: '/login', authenticate: null})
  expect(text.length).toBe(8 * 1024 * 1024)
  expect(seen[0]!.headers.authorization).toBeUndefined()
})

test('sends no key over a unix socket', async () => {
  const {server, seen} = recordingHttp(empty)
  const socketPath = await listenOnSocket(server)
  const transport = await open('http://localhost', {apiKey: null, socketPath})
  await transport.call('ListNodes', {user: 'office'})
  expect(seen.map(({path, headers}) => [path, headers.host, headers.authorization])).toEqual([
    ['/api/v1/node?user=office', 'localhost', undefined],
  ])
})

test.each(['', 'two words', 'line\nbreak', 'schlüssel'])(
  'rejects the key %j before anything is sent',
  async (apiKey) => {
    expect(await outcome(open('http://127.0.0.1:1', {apiKey}))).toBe(
      'usage: the API key is empty or has blanks or other characters that no key has | copy it again, in one piece',
    )
  },
)

test('receives a list of 20 MB completely', async () => {
  const users = Array.from({length: 100_000}, (_, i) => ({
    id: String(i),
    name: `user-${i}`,
    displayName: 'x'.repeat(180),
  }))
  const {transport} = await answered((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({users})),
  )
  expect((await transport.call('ListUsers', {}))['users']).toEqual(users)
})

test('100 calls at once use 32 connections at most', async () => {
  const sockets = new Set<unknown>()
  const {transport, seen} = await answered((request, response) => {
    sockets.add(request.socket)
    setTimeout(() => empty(request, response), 5)
  })
  await Promise.all(Array.from({length: 100}, () => transport.call('ListUsers', {})))
  expect(seen).toHaveLength(100)
  expect(sockets.size).toBe(32)
})
