/** Errors over HTTP: headscale's recorded errors, and replies of proxies and other servers in front of it. */
import {readFileSync} from 'node:fs'
import type {OutgoingHttpHeaders} from 'node:http'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {HeadscaleError} from '../../src/errors.ts'
import {answered, API_KEY, outcome} from './support/http-servers.ts'

interface Exchange {
  name?: string
  key?: string
  method: string
  path: string
  body?: string
  status: number
  contentType: string
  reply: string
}

function recording(release: string): Exchange[] {
  const file = join(import.meta.dirname, 'fixtures', `rest-${release}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as {exchanges: Exchange[]}).exchanges
}

/** Gives one answer to a read, and returns what the caller learns from it. */
async function read(status: number, headers: OutgoingHttpHeaders, body: string, path = ''): Promise<string> {
  const {transport} = await answered((_, response) => void response.writeHead(status, headers).end(body), {path})
  return outcome(transport.call('ListUsers', {}))
}

/** The same for a change. */
async function change(status: number, headers: OutgoingHttpHeaders, body: string): Promise<string> {
  const {transport} = await answered((_, response) => void response.writeHead(status, headers).end(body))
  return outcome(transport.call('CreateUser', {name: 'office'}))
}

const JSON_TYPE = {'content-type': 'application/json'}
const HTML_TYPE = {'content-type': 'text/html; charset=utf-8'}
const TEXT_TYPE = {'content-type': 'text/plain'}

test.each(['0.17.1', '0.29.2', '0.30-dev'])('the recorded answers of %s', async (release) => {
  const exchanges = recording(release)
  let at = 0
  const {transport} = await answered((_, response) => {
    const {status, contentType, reply} = exchanges[at]!
    response.writeHead(status, contentType ? {'content-type': contentType} : {}).end(reply)
  })
  const answers: string[] = []
  for (const [index, {name, key, method, path}] of exchanges.entries()) {
    at = index
    const label = name ?? `${method} ${path}, key: ${key}`
    answers.push(`${label}\n  ${await outcome(transport.call('GetPolicy', {}))}`)
  }
  await expect(`${answers.join('\n')}\n`).toMatchFileSnapshot(`golden/rest-${release}.txt`)
})

const NEW_KEY = 'create a new key on the server (headscale apikeys create), or find the cause: headscale-ts doctor'

test.each([
  ['401 without a body (0.15)', 401, {}, ''],
  ['500 without a body (0.15, malformed key)', 500, {}, ''],
  ['401 Unauthorized (0.16 to 0.29)', 401, TEXT_TYPE, 'Unauthorized'],
  ['500 Unauthorized (0.16 to 0.26, unknown key)', 500, TEXT_TYPE, 'Unauthorized\n'],
  [
    '401 problem (0.30)',
    401,
    {'content-type': 'application/problem+json'},
    '{"title":"Unauthorized","status":401,"detail":"Unauthorized"}',
  ],
  ['code 16', 401, JSON_TYPE, '{"code":16,"message":"","details":[]}'],
])('a rejected key: %s', async (_, status, headers, body) => {
  const [message, hint] = (await read(status, headers, body)).split(' | ')
  expect(message).toMatch(/^unauthenticated: /)
  expect(hint).toBe(NEW_KEY)
})

test('a key the gateway cannot check (code 13) is a rejected key', async () => {
  expect(await read(500, JSON_TYPE, '{"code":13,"message":"failed to validate token","details":[]}')).toBe(
    `unauthenticated: the server rejected the API key: it is invalid or expired | ${NEW_KEY}`,
  )
})

const HTML = '<!DOCTYPE html>\n<html><body>Welcome</body></html>'
const ADDRESS =
  "use headscale's server_url as the address; a proxy in front must pass /api/ through (headscale-ts doctor checks both)"
const LOGIN = 'let the proxy pass /api/ through without its own login, or use the unix socket on the server'

test.each([
  ['200', 200, HTML_TYPE, HTML],
  ['200 without a type', 200, {}, HTML],
  ['404', 404, HTML_TYPE, HTML],
  ['500 with an empty page', 500, HTML_TYPE, ''],
])('a web page: %s', async (_, status, headers, body) => {
  expect(await read(status, headers, body)).toBe(
    `unreachable: expected headscale at the server, got a web page (HTTP ${status}) | ${ADDRESS}`,
  )
})

describe('a proxy', () => {
  const LOOK = 'the change may have been applied; check before retrying'
  const DOWN = 'check on the server that headscale is running and that the proxy forwards to it'
  test.each([
    [502, 'unreachable', LOOK],
    [503, 'unreachable', DOWN],
    [504, 'timeout', LOOK],
  ])('answers %i for a server that is down', async (status, code, hintOfChange) => {
    const message = `${code}: the proxy at the server cannot reach headscale (HTTP ${status})`
    expect(await read(status, HTML_TYPE, HTML)).toBe(`${message} | ${DOWN}`)
    expect(await change(status, HTML_TYPE, HTML)).toBe(`${message} | ${hintOfChange}`)
  })

  test.each([TEXT_TYPE, HTML_TYPE])('limits requests (%j)', async (headers) => {
    expect(await read(429, headers, HTML)).toBe(
      'unreachable: the server received too many requests (HTTP 429) | ' +
        'wait a little and try again, or use the unix socket on the server',
    )
  })

  test.each([
    ['a page', 401, HTML_TYPE, HTML],
    ['a header', 401, {'www-authenticate': 'Basic realm="admin"'}, ''],
    ['a header and the text of headscale', 401, {'www-authenticate': 'Basic', ...TEXT_TYPE}, 'Unauthorized'],
    ['a page', 407, HTML_TYPE, HTML],
  ])('requires its own login: %s, %i', async (_, status, headers, body) => {
    expect(await read(status, headers, body)).toBe(
      `unauthenticated: a proxy at the server requires its own login (HTTP ${status}) | ${LOGIN}`,
    )
  })

  test('denies access', async () => {
    expect(await read(403, HTML_TYPE, HTML)).toBe(
      'permission-denied: a proxy at the server denies access (HTTP 403) | ' +
        'check its access rules, or use the unix socket on the server',
    )
  })

  test('answers with something else', async () => {
    expect(await read(418, TEXT_TYPE, 'I am a teapot\n\u001b[31mred')).toBe(
      'failed: the server answered HTTP 418: I am a teapot \\x1b[31mred | check the logs of headscale and of the proxy in front of it',
    )
  })

  test('accepts only https', async () => {
    expect(await read(400, TEXT_TYPE, 'Client sent an HTTP request to an HTTPS server.\n')).toBe(
      'unreachable: the server expects https, not http | use https:// in the address',
    )
  })

  /** The key as it is, and in base64 without its padding. */
  const withKey = (body: string) =>
    body.replace('KEY', API_KEY).replace('BASE64', Buffer.from(API_KEY).toString('base64').replace(/=+$/, ''))

  test.each([
    ['Authorization: Bearer KEY', 'failed: the server answered HTTP 400: Authorization: Bearer [secret]'],
    ['you sent KEY!', 'failed: the server answered HTTP 400: you sent [secret]!'],
    ['credentials BASE64 rejected', 'failed: the server answered HTTP 400: credentials [secret] rejected'],
    ['hskey-api-0123456789ab-ffff', 'failed: the server answered HTTP 400: hskey-api-[secret]'],
    [
      'upstream http://admin:hunter2@10.0.0.1/',
      'failed: the server answered HTTP 400: upstream http://[secret]@10.0.0.1/',
    ],
  ])('echoes secrets, which are masked: %s', async (body, shown) => {
    const {transport} = await answered((_, response) => void response.writeHead(400, TEXT_TYPE).end(withKey(body)))
    const error = (await transport.call('ListUsers', {}).catch((thrown: unknown) => thrown)) as HeadscaleError
    expect(`${error.code}: ${error.message}`).toBe(shown)
    expect(JSON.stringify(error.details)).not.toMatch(/ThisIsTheSecret|hunter2|ffff/)
  })

  test('echoes the key in an error in the form of headscale', async () => {
    const body = JSON.stringify({code: 2, message: `key ${API_KEY} not found`, details: []})
    expect(await read(500, JSON_TYPE, body)).toBe('not-found: key [secret] not found | null')
  })
})

describe('a redirect is not followed, and names the new address', () => {
  test.each([
    ['https://hs.example.com/api/v1/user', '', 'if that is the same server, use --address https://hs.example.com'],
    [
      'https://hs.example.com/hs/api/v1/user?x=1',
      '',
      'if that is the same server, use --address https://hs.example.com/hs',
    ],
    [
      'https://hs.example.com/',
      '/hs/',
      `if that is a login page: ${LOGIN}; if it is the same server: --address https://hs.example.com/hs`,
    ],
    ['/login?next=%2Fapi', '', `if that is a login page: ${LOGIN}`],
    ['tailscale://login', '', ADDRESS],
  ])('%s (address with %j)', async (location, path, hint) => {
    const {transport, seen} = await answered((_, response) => void response.writeHead(307, {location}).end(), {path})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: the server redirects to ${location} (HTTP 307); the API key is not sent there | ${hint}`,
    )
    expect(seen).toHaveLength(1)
  })

  test('explain() gives the same error for a raw reply', async () => {
    const {transport} = await answered(
      (_, response) => void response.writeHead(301, {location: 'https://hs.example.com/version'}).end(),
    )
    expect(await outcome(Promise.reject(transport.explain(await transport.get('/version'))))).toBe(
      'unreachable: the server redirects to https://hs.example.com/version (HTTP 301); the API key is not sent there | ' +
        'if that is the same server, use --address https://hs.example.com',
    )
  })
})

test.each([
  ['an empty answer (0.17 to unknown paths)', {}, '', 'an empty reply'],
  ['JSON cut short', JSON_TYPE, '{"users":[', 'invalid JSON'],
  ['a JSON list', JSON_TYPE, '[]', 'invalid JSON'],
  ['text', TEXT_TYPE, 'ok', 'text/plain'],
])('%s with status 200 is a bad reply', async (_, headers, body, what) => {
  expect(await read(200, headers, body)).toBe(
    `bad-reply: expected JSON from headscale at the server, got ${what} | ${ADDRESS}`,
  )
})

test.each([
  [409, 'user already exists', 'already-exists'],
  [422, 'validation failed: name already exists', 'invalid-input'],
  [422, 'user not found', 'invalid-input'],
  [404, 'user not found', 'not-found'],
])('a problem with status %i: %s', async (status, detail, code) => {
  const body = JSON.stringify({title: 'Error', status, detail})
  expect(await read(status, {'content-type': 'application/problem+json'}, body)).toBe(`${code}: ${detail} | null`)
})

test('the hint for a reply too large for the gateway names the alternatives', async () => {
  const body = '{"code":8,"message":"grpc: received message larger than max (5242880 vs. 4194304)","details":[]}'
  expect(await read(429, JSON_TYPE, body)).toBe(
    'failed: grpc: received message larger than max (5242880 vs. 4194304) | ' +
      'the message is too large for the server: list one user at a time (--user), or use its unix socket (--socket)',
  )
})
