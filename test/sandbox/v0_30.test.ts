/**
 * The simulator of the 0.30 tree: the recorded exchanges of a real server, repeated, and what the recording does not
 * contain (the socket, the limit of bodies, OAuth clients).
 */
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs'
import {request as httpRequest} from 'node:http'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startSandbox, type Sandbox, type SeedData} from '../../src/sandbox/index.ts'

interface Exchange {
  name: string
  method: string
  path: string
  headers: Record<string, string>
  body: string | null
  status: number
  type: string
  allow: string[]
  reply: string
}

/** The recorded exchanges, in order. */
function recorded(): Exchange[] {
  const text = readFileSync(new URL('fixtures/http-0.30.txt', import.meta.url), 'utf8')
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.split('\n')
      const asked = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2))
      const blank = asked.indexOf('')
      const [method = '', path = ''] = (asked[0] ?? '').split(' ')
      const answer = lines.slice(lines.findIndex((line) => line.startsWith('HTTP ')))
      const head = answer.slice(0, answer.indexOf(''))
      const header = (wanted: string) =>
        head.filter((line) => line.toLowerCase().startsWith(`${wanted}: `)).map((line) => line.slice(wanted.length + 2))
      return {
        name,
        method,
        path,
        headers: Object.fromEntries(asked.slice(1, blank < 0 ? undefined : blank).map((line) => line.split(': '))),
        body: blank < 0 ? null : asked.slice(blank + 1).join('\n'),
        status: Number(head[0]?.split(' ')[1]),
        type: header('content-type')[0] ?? '',
        allow: header('allow'),
        reply: answer
          .slice(answer.indexOf('') + 1)
          .join('\n')
          .trimEnd(),
      }
    })
}

/** Replaces values that differ between runs by their kind: times, keys, versions, and ids of earlier objects. */
function settled(text: string): string {
  return text
    .replaceAll(/"(20(?!99)\d\d-[^"]*|2099-01-01T00:00:00\.5\+02:00|2098-12-31T22:00:00\.500Z)"/g, '"TIME"')
    .replaceAll(/\b(mkey|nodekey):[0-9a-f]{64}/g, '$1:HEX')
    .replaceAll(
      /hskey-(api|auth)-[0-9a-f]{12}-(\*\*\*|[0-9a-f]{64})/g,
      (_, kind, rest) => `hskey-${kind}-${rest.length}`,
    )
    .replaceAll(/"go":\{[^}]*\}|"commit":"[^"]*"/g, '')
    .replaceAll(/<!DOCTYPE html>.*/gs, 'HTML')
    .replaceAll(/"id":"\d+","name":"(resty\w*|Bad Name)"/g, '"id":"N","name":"$1"')
    .replaceAll(/("preAuthKey":\{.*"id":")\d+/g, '$1N')
}

/** Exchanges in which the sandbox differs, or which it does not simulate. */
const LEFT_OUT = [
  // Keys of v1 and v2 that were created before the recording began.
  'preauthkeys',
  'preauthkeys-user-ignored',
  'preauthkeys-after-noexpiry',
  'apikeys',
  'apikeys-after',
  'v2-keys',
  // not simulated
  'v2-devices',
  'v2-users',
  'v2-users-nokey',
  'v2-acl',
  'v2-settings',
]

const POLICY = JSON.parse(recorded().find(({name}) => name === 'policy')!.reply) as {policy: string}

const NEVER = '0001-01-01T00:00:00Z'
const offline = {online: false, expiry: NEVER, lastSeen: '2026-11-22T19:51:38Z'}
const SEED: SeedData = {
  prefixes: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'],
  users: [{name: 'default'}, {name: 'ops'}, {name: 'gone'}, {name: 'gone too'}],
  nodes: [
    {
      ...offline,
      name: 'n1',
      givenName: 'router',
      user: 'default',
      routes: ['10.0.0.0/24', '10.1.0.0/24'],
      approved: ['10.0.0.0/24', '10.1.0.0/24'],
    },
    {
      ...offline,
      expiry: undefined,
      name: 'n2',
      givenName: 'exit-gw',
      user: 'default',
      routes: ['0.0.0.0/0', '::/0'],
      approved: ['0.0.0.0/0', '::/0'],
    },
    {...offline, name: 'n3', givenName: 'six', user: 'ops', routes: ['fd00:1::/64'], approved: ['fd00:1::/64']},
    {...offline, name: 'n4', user: 'ops', tags: ['tag:ci', 'tag:prod']},
    {...offline, name: 'n5', user: 'default'},
    {...offline, name: 'n9', user: 'default'},
    {...offline, name: 'n7', user: 'default'},
  ].map((node) => ({...node, discoKey: '0'.repeat(64)})),
  policy: POLICY.policy,
}

let folder: string
let box: Sandbox
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  box = await startSandbox({
    release: '0.30',
    seed: SEED,
    socketPath: join(folder, 's.sock'),
    listen: {host: '127.0.0.1', port: 0},
  })
  const carol = {name: 'carol', displayName: 'Carol C', email: 'carol@example.com'}
  const body = JSON.stringify({...carol, pictureUrl: 'https://example.com/c.png'})
  await ask('POST', '/api/v1/user', {headers: {'content-type': 'application/json'}, body})
  // Created and deleted before the recording began: two users, nodes 5, 7 and 8.
  for (const path of ['/user/3', '/user/4', '/node/5', '/node/7']) await ask('DELETE', `/api/v1${path}`)
})
afterAll(async () => {
  await box.close()
  rmSync(folder, {recursive: true})
})

interface Reply {
  status: number
  type: string
  allow: string[]
  text: string
}

/** Over the address, or over the socket without a key. */
function ask(
  method: string,
  path: string,
  {
    headers = {},
    body = null,
    socket = true,
  }: {headers?: Record<string, string>; body?: string | null; socket?: boolean} = {},
): Promise<Reply> {
  const {port} = new URL(box.url!)
  const place = socket ? {socketPath: box.socketPath!} : {host: '127.0.0.1', port}
  return new Promise((resolve, reject) => {
    const request = httpRequest({...place, method, path, headers}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          type: response.headers['content-type'] ?? '',
          allow: response.rawHeaders.filter(
            (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'allow',
          ),
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.on('error', reject)
    request.end(body ?? undefined)
  })
}

describe('recorded exchanges', () => {
  test.each(recorded().filter(({name}) => !LEFT_OUT.includes(name)))('$name', async (exchange) => {
    const headers = Object.fromEntries(
      Object.entries(exchange.headers).map(([name, value]) => [name, value.replace('$API_KEY', box.apiKey!)]),
    )
    // The ids in the recording when these users were created.
    const path = exchange.path.replace('/user/15', '/user/6').replace(/\/node\/9\b/, '/node/8')
    const reply = await ask(exchange.method, path, {headers, body: exchange.body, socket: false})
    const renumbered = exchange.reply.replaceAll('"id":"9"', '"id":"8"')
    expect([reply.status, reply.type, reply.allow, settled(reply.text.trimEnd())]).toEqual([
      exchange.status,
      exchange.type,
      exchange.allow,
      settled(renumbered),
    ])
  })
})

const JSON_TYPE = {'content-type': 'application/json'}

describe('the socket', () => {
  test('speaks HTTP without a key, and has no pages', async () => {
    const {status, type, text} = await ask('GET', '/api/v1/health')
    expect([status, type, text]).toEqual([200, 'application/json', '{"databaseConnectivity":true}\n'])
    for (const path of ['/health', '/version', '/']) expect((await ask('GET', path)).status).toBe(404)
  })

  test('is accessible to its owner only', () => {
    expect(statSync(box.socketPath!).mode & 0o777).toBe(0o700)
  })

  test('serves the OpenAPI document', async () => {
    const {paths, openapi, info} = JSON.parse((await ask('GET', '/api/v1/openapi.json')).text) as Document
    expect([openapi, info.version]).toEqual(['3.1.0', 'v1'])
    expect(Object.keys(paths)).toContain('/api/v1/auth/register')
    expect(Object.keys(paths).filter((path) => path.startsWith('/api/v2'))).toEqual([])
  })
})

interface Document {
  openapi: string
  info: {version: string}
  paths: Record<string, object>
}

test('the OpenAPI document on the address needs no key', async () => {
  expect((await ask('GET', '/api/v1/openapi.json', {socket: false})).status).toBe(200)
  expect((await ask('GET', '/swagger/v1/openapiv2.json', {socket: false})).status).toBe(404)
})

test('a name may contain a slash', async () => {
  const made = await ask('POST', '/api/v1/user', {headers: JSON_TYPE, body: '{"name":"slash"}'})
  const {user} = JSON.parse(made.text) as {user: {id: string}}
  const renamed = await ask('POST', `/api/v1/user/${user.id}/rename/a%2Fb`)
  expect(JSON.parse(renamed.text)).toMatchObject({user: {name: 'a/b'}})
})

test.each([
  [1024 * 1024 - 1, 422],
  [1024 * 1024, 413],
])('a body of %i bytes is answered with %i', async (size, status) => {
  const head = '{"nobody":"'
  const body = `${head}${'x'.repeat(size - head.length - 2)}"}`
  expect((await ask('POST', '/api/v1/user', {headers: JSON_TYPE, body})).status).toBe(status)
})

test.each([
  ['{"tags":"tag:a"}', 'expected array', 'body.tags'],
  ['{"tags":["tag:a",5]}', 'expected string', 'body.tags[1]'],
  ['[]', 'expected object', 'body'],
])('rejects the body %s', async (body, message, location) => {
  const reply = await ask('POST', '/api/v1/node/1/tags', {headers: JSON_TYPE, body})
  expect(reply.status).toBe(422)
  expect(JSON.parse(reply.text)).toMatchObject({detail: 'validation failed', errors: [{message, location}]})
})

describe('OAuth clients', () => {
  const make = (fields: object) =>
    ask('POST', '/api/v2/tailnet/-/keys', {headers: JSON_TYPE, body: JSON.stringify({keyType: 'client', ...fields})})
  const clients = async () => {
    const {keys} = JSON.parse((await ask('GET', '/api/v2/tailnet/-/keys')).text) as {keys: Record<string, unknown>[]}
    return keys.filter(({keyType}) => keyType === 'client')
  }

  test('are created, listed without the secret, and deleted', async () => {
    const made = JSON.parse((await make({scopes: ['users:read'], description: 'CI'})).text) as {id: string; key: string}
    expect(made.key).toMatch(new RegExp(`^hskey-client-${made.id}-[0-9a-f]{64}$`))
    const listed = {id: made.id, keyType: 'client', description: 'CI', scopes: ['users:read'], invalid: false}
    expect(await clients()).toEqual([{...listed, created: expect.any(String)}])
    expect((await ask('DELETE', `/api/v2/tailnet/-/keys/${made.id}`)).status).toBe(200)
    expect(await clients()).toEqual([])
  })

  test.each([
    [{}, 400, 'scopes are required'],
    [{scopes: ['devices:core']}, 400, 'tags are required for the scopes devices:core and auth_keys'],
    [{scopes: ['x'], description: 'x'.repeat(51)}, 400, 'description must be at most 50 characters'],
    [{scopes: ['x'], tags: ['x']}, 400, "tag must start with the string 'tag:'"],
  ])('rejects %j', async (fields, status, message) => {
    const reply = await make(fields)
    expect([reply.status, JSON.parse(reply.text)]).toEqual([status, {message, status}])
  })

  test('an unknown client, another tailnet and a missing key are errors', async () => {
    expect((await ask('DELETE', '/api/v2/tailnet/-/keys/nope')).status).toBe(404)
    const other = await ask('GET', '/api/v2/tailnet/x/users')
    expect([other.status, other.text.trim()]).toEqual([404, '{"message":"tailnet not found","status":404}'])
    const keyless = await ask('GET', '/api/v2/tailnet/-/keys', {socket: false})
    expect([keyless.status, keyless.text.trim()]).toEqual([401, '{"message":"unauthorized","status":401}'])
  })
})

test('tagged nodes of a seed have no user', async () => {
  const {node} = JSON.parse((await ask('GET', '/api/v1/node/4')).text) as {node: {user: object | null}}
  expect(node.user).toBeNull()
})
