/** What answers over HTTP mean: headscale's refusals as recorded, and words of others on the way. */
import {readFileSync} from 'node:fs'
import type {OutgoingHttpHeaders} from 'node:http'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {HeadscaleError} from '../../src/errors.ts'
import {answered, API_KEY, outcome} from './http-servers.ts'

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

const NEW_KEY = 'make a new key on the server with: headscale apikeys create'

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
])('a refused key: %s', async (_, status, headers, body) => {
  const [message, hint] = (await read(status, headers, body)).split(' | ')
  expect(message).toMatch(/^unauthenticated: /)
  expect(hint).toBe(NEW_KEY)
})

test('a key the gateway cannot check (code 13) is a refused key', async () => {
  expect(await read(500, JSON_TYPE, '{"code":13,"message":"failed to validate token","details":[]}')).toBe(
    `unauthenticated: the server does not accept the API key | ${NEW_KEY}`,
  )
})

const HTML = '<!DOCTYPE html>\n<html><body>Welcome</body></html>'
const WEB_PAGE =
  "unreachable: the server answered with a web page (HTML), not with headscale's API | " +
  "does --address name headscale's server_url? a proxy must pass /api/ through"

test.each([
  ['200', 200, HTML_TYPE, HTML],
  ['200 without a type', 200, {}, HTML],
  ['401: the login of a proxy', 401, HTML_TYPE, HTML],
  ['403', 403, HTML_TYPE, HTML],
  ['404', 404, HTML_TYPE, HTML],
  ['500 with an empty page', 500, HTML_TYPE, ''],
])('a web page: %s', async (_, status, headers, body) => {
  expect(await read(status, headers, body)).toBe(WEB_PAGE)
})

describe('somebody on the way', () => {
  const LOOK = 'the change may have been applied; check before retrying'
  const DOWN = 'is headscale running behind it? systemctl status headscale'
  test.each([
    [502, 'unreachable', LOOK],
    [503, 'unreachable', DOWN],
    [504, 'timeout', LOOK],
  ])('answers %i for a server that is down', async (status, code, hintOfChange) => {
    const message = `${code}: the proxy at the server gets no answer from headscale (HTTP ${status})`
    expect(await read(status, HTML_TYPE, HTML)).toBe(`${message} | ${DOWN}`)
    expect(await change(status, HTML_TYPE, HTML)).toBe(`${message} | ${hintOfChange}`)
  })

  test('turns requests away', async () => {
    expect(await read(429, TEXT_TYPE, 'slow down')).toBe(
      'failed: the server turns requests away: too many (HTTP 429) | wait a little, or use the unix socket on the server',
    )
  })

  test('answers with something else', async () => {
    expect(await read(418, TEXT_TYPE, 'I am a teapot\n\u001b[31mred')).toBe(
      'failed: the server answered HTTP 418: I am a teapot \\x1b[31mred | look at the log of headscale and of the proxy in front of it',
    )
  })

  test('knows https only', async () => {
    expect(await read(400, TEXT_TYPE, 'Client sent an HTTP request to an HTTPS server.\n')).toBe(
      'unreachable: the server speaks https, not http | write https:// in --address',
    )
  })

  test.each([
    ['Authorization: Bearer KEY', 'failed: the server answered HTTP 400: Authorization: Bearer [secret]'],
    ['you sent KEY!', 'failed: the server answered HTTP 400: you sent [secret]!'],
    ['hskey-api-0123456789ab-ffff', 'failed: the server answered HTTP 400: hskey-api-[secret]'],
    [
      'upstream http://admin:hunter2@10.0.0.1/',
      'failed: the server answered HTTP 400: upstream http://[secret]@10.0.0.1/',
    ],
  ])('echoes secrets, which are not shown: %s', async (body, shown) => {
    const {transport} = await answered(
      (_, response) => void response.writeHead(400, TEXT_TYPE).end(body.replace('KEY', API_KEY)),
    )
    const error = (await transport.call('ListUsers', {}).catch((thrown: unknown) => thrown)) as HeadscaleError
    expect(`${error.code}: ${error.message}`).toBe(shown)
    expect(JSON.stringify(error.details)).not.toMatch(/ThisIsTheSecret|hunter2|ffff/)
  })

  test('echoes the key in a refusal in the form of headscale', async () => {
    const body = JSON.stringify({code: 2, message: `key ${API_KEY} not found`, details: []})
    expect(await read(500, JSON_TYPE, body)).toBe('not-found: key [secret] not found | null')
  })
})

describe('a redirect is not followed, and names the new address', () => {
  test.each([
    ['https://hs.example.com/api/v1/user', '', 'if that is the same server: --address https://hs.example.com'],
    [
      'https://hs.example.com/hs/api/v1/user?x=1',
      '',
      'if that is the same server: --address https://hs.example.com/hs',
    ],
    ['https://hs.example.com/', '/hs/', 'if that is the same server: --address https://hs.example.com/hs'],
    ['/login?next=%2Fapi', '', "does --address name headscale's server_url? a proxy must pass /api/ through"],
  ])('%s (address with %j)', async (location, path, hint) => {
    const {transport, seen} = await answered((_, response) => void response.writeHead(307, {location}).end(), {path})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: the server redirects to ${location} (HTTP 307); the key is not sent there | ${hint}`,
    )
    expect(seen).toHaveLength(1)
  })

  test('explain() says the same of a raw reply', async () => {
    const {transport} = await answered(
      (_, response) => void response.writeHead(301, {location: 'https://hs.example.com/version'}).end(),
    )
    expect(await outcome(Promise.reject(transport.explain(await transport.get('/version'))))).toBe(
      'unreachable: the server redirects to https://hs.example.com/version (HTTP 301); the key is not sent there | ' +
        'if that is the same server: --address https://hs.example.com',
    )
  })
})

test.each([
  ['an empty answer (0.17 to unknown paths)', {}, '', 'nothing'],
  ['JSON cut short', JSON_TYPE, '{"users":[', 'broken JSON'],
  ['a JSON list', JSON_TYPE, '[]', 'broken JSON'],
  ['text', TEXT_TYPE, 'ok', 'text/plain'],
])('%s with status 200 is a bad reply', async (_, headers, body, what) => {
  expect(await read(200, headers, body)).toBe(
    `bad-reply: the server answered with ${what} where headscale answers with JSON | ` +
      "does --address name headscale's server_url? a proxy must pass /api/ through",
  )
})

test('a reply too large for the gateway names the ways out', async () => {
  const body = '{"code":8,"message":"grpc: received message larger than max (5242880 vs. 4194304)","details":[]}'
  expect(await read(429, JSON_TYPE, body)).toBe(
    'failed: grpc: received message larger than max (5242880 vs. 4194304) | ' +
      'the message is too large for the server: list one user at a time (--user), or use its unix socket (--socket)',
  )
})
