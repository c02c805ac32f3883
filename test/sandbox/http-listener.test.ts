/** The REST listener: credentials and pages of each release, the rules of the gateway, the OpenAPI document. */
import {afterEach, describe, expect, test} from 'vitest'
import {startSandbox} from '../../src/sandbox/index.ts'
import {rest, sandbox, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box.close())

const JSON_TYPE = 'application/json'

describe('credentials', () => {
  const cases: [release: string, missing: string, wrong: string, expired: string][] = [
    ['0.15', '401 ', '500 ', '401 '],
    ['0.16', '401 Unauthorized', '500 Unauthorized', '401 Unauthorized'],
    ['0.17', '401 Unauthorized', '500 Unauthorized', '401 Unauthorized'],
    ['0.22', '401 Unauthorized', '500 Unauthorized', '401 Unauthorized'],
    ['0.28', '401 Unauthorized', '401 Unauthorized', '401 Unauthorized'],
    ['0.29', '401 Unauthorized', '401 Unauthorized', '401 Unauthorized'],
  ]
  test.each(cases)('%s', async (release, missing, wrong, expired) => {
    box = await sandbox({release})
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`${box.url}/api/v1/apikey`, {headers})
      return `${response.status} ${await response.text()}`
    }
    const authorization = `Bearer ${box.apiKey}`
    expect(await ask({authorization})).toMatch(/^200 \{"apiKeys":\[/)
    expect(await ask({})).toBe(missing)
    expect(await ask({authorization: authorization.replace('Bearer', 'bearer')})).toBe(missing)
    expect(await ask({authorization: 'Bearer x'})).toBe(wrong)
    expect(await ask({authorization: authorization.slice(0, -1)})).toBe(wrong)
    box.pass(91 * 24 * 3_600_000)
    expect(await ask({authorization})).toBe(expired)
  })

  test('an unknown path needs a key too', async () => {
    box = await sandbox()
    expect((await fetch(`${box.url}/api/v1/nope`)).status).toBe(401)
  })
})

describe('pages outside the API', () => {
  const health = 'application/health+json; charset=utf-8'
  const text = 'text/plain; charset=utf-8'
  const html = 'text/html; charset=utf-8'
  test.each([
    ['0.15', [200, `${JSON_TYPE}; charset=utf-8`, '{"healthy":"ok"}'], [404, text], [404, text]],
    ['0.16', [200, health, '{"status":"pass"}'], [200, null], [200, null]],
    ['0.17', [200, health, '{"status":"pass"}'], [200, null], [200, null]],
    ['0.20', [200, health, '{"status":"pass"}'], [200, null], [200, null]],
    ['0.21', [200, health, '{"status":"pass"}'], [404, null], [404, null]],
    ['0.28', [200, health, '{"status":"pass"}\n'], [200, JSON_TYPE], [200, html]],
    ['0.29', [200, health, '{"status":"pass"}\n'], [200, JSON_TYPE], [404, text]],
  ])('%s', async (release, healthPage, version, unknown) => {
    box = await sandbox({release})
    const get = async (path: string) => {
      const {status, type, text: body} = await rest(box, `GET ${path}`)
      return [status, type, body]
    }
    expect(await get('/health')).toEqual(healthPage)
    expect((await get('/version')).slice(0, 2)).toEqual(version)
    expect((await get('/nope')).slice(0, 2)).toEqual(unknown)
  })

  test('0.29 reports a release version, and the commit says that it is the sandbox', async () => {
    box = await sandbox({release: '0.29'})
    expect(JSON.parse((await rest(box, 'GET /version')).text)).toMatchObject({version: 'v0.29.3', commit: 'sandbox'})
  })
})

describe('the gateway', () => {
  test('reads path, query and body, names in both spellings, numbers as numbers or strings', async () => {
    box = await sandbox({release: '0.29', seed: {users: [{name: 'a b'}], nodes: [{name: 'n', user: 'a b'}]}})
    const ok = async (line: string, body?: string) => {
      const {status, text} = await rest(box, line, body)
      expect(status).toBe(200)
      return JSON.parse(text)
    }
    expect(await ok('GET /api/v1/user?name=a%20b')).toMatchObject({users: [{id: '1'}]})
    expect(await ok('POST /api/v1/preauthkey', '{"user":1,"acl_tags":["tag:a"]}')).toMatchObject({
      preAuthKey: {user: {id: '1'}, aclTags: ['tag:a']},
    })
    expect(await ok('POST /api/v1/preauthkey', '{"user":"1","aclTags":["tag:b"],"no_such":1}')).toMatchObject({
      preAuthKey: {aclTags: ['tag:b']},
    })
    expect(await ok('POST /api/v1/node/1/expire?expiry=2030-01-01T00:00:00%2B01:00')).toMatchObject({
      node: {expiry: '2029-12-31T23:00:00Z'},
    })
    expect(await ok('POST /api/v1/node/0x1/rename/fresh')).toMatchObject({node: {givenName: 'fresh'}})
  })

  test('a reply has every field, in the order of the wire', async () => {
    box = await sandbox({seed: {users: [{name: 'default'}]}})
    const {text} = await rest(box, 'POST /api/v1/preauthkey', '{"namespace":"default"}')
    expect(text.replace(/[0-9a-f]{48}/, 'KEY')).toBe(
      '{"preAuthKey":{"namespace":"default","id":"1","key":"KEY","reusable":false,"ephemeral":false,"used":false,' +
        '"expiration":"0001-01-01T00:00:00Z","createdAt":"2022-03-09T06:12:06Z"}}',
    )
  })

  test.each([
    ['GET /api/v1/nope', 404, 5, 'Not Found'],
    ['PUT /api/v1/machine', 501, 12, 'Method Not Allowed'],
    [
      'GET /api/v1/machine/x',
      400,
      3,
      'type mismatch, parameter: machine_id, error: strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      'GET /api/v1/machine/99999999999999999999',
      400,
      3,
      'type mismatch, parameter: machine_id, error: strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ],
    ['GET /api/v1/machine/9', 500, 2, 'record not found'],
    ['GET /api/v1/namespace/', 500, 2, 'Namespace not found'],
    ['GET /api/v1/namespace/a%2Fb', 404, 5, 'Not Found'],
    ['GET /api/v1/machine/9/tags', 404, 5, 'Not Found'],
  ])('%s', async (line, status, code, message) => {
    box = await sandbox()
    const answer = await rest(box, line)
    expect([answer.status, answer.type, JSON.parse(answer.text)]).toEqual([
      status,
      JSON_TYPE,
      {code, message, details: []},
    ])
  })

  test('the error for a port in use names it', async () => {
    box = await sandbox()
    const port = Number(new URL(box.url).port)
    await expect(startSandbox({listen: {host: '127.0.0.1', port}})).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${port}: the port is taken`,
    })
  })
})

describe('the OpenAPI document', () => {
  interface Swagger {
    paths: Record<string, Record<string, {parameters: {name: string; in: string}[]}>>
    definitions: Record<string, {properties: Record<string, {format?: string}>}>
  }
  /** What clients look for, newest release first: the first that exists identifies the release. */
  const MARKS: [release: string, there: (document: Swagger) => unknown][] = [
    ['0.29', ({paths}) => paths['/api/v1/auth/register']],
    ['0.28', ({paths}) => paths['/api/v1/preauthkey']?.delete],
    [
      '0.27.1',
      ({paths}) => paths['/api/v1/node/{nodeId}/expire']?.post?.parameters.some(({name}) => name === 'expiry'),
    ],
    ['0.27', ({paths}) => paths['/api/v1/health']],
    ['0.26', ({paths}) => paths['/api/v1/node/{nodeId}/approve_routes']],
    ['0.24', ({definitions}) => definitions.v1User?.properties.id?.format === 'uint64'],
    ['0.23', ({paths}) => paths['/api/v1/policy']],
    ['0.21', ({paths}) => paths['/api/v1/routes/{routeId}']?.delete],
    ['0.19', ({paths}) => paths['/api/v1/user']],
    ['0.18', ({paths}) => paths['/api/v1/routes']],
    ['0.17', ({definitions}) => definitions.v1PreAuthKey?.properties.aclTags],
    ['0.16', ({paths}) => paths['/api/v1/machine/{machineId}/tags']],
    ['0.15', () => true],
  ]
  test.each(['0.15', '0.16', '0.17', '0.28', '0.29'])('identifies %s', async (release) => {
    box = await sandbox({release})
    const response = await fetch(`${box.url}/swagger/v1/openapiv2.json`)
    const document = (await response.json()) as Swagger
    expect(MARKS.find(([, there]) => there(document))?.[0]).toBe(release)
  })

  test('0.28 has no disableExpiry, 0.29 has', async () => {
    const parameters = async (release: string) => {
      const {url, close} = await sandbox({release})
      const document = (await (await fetch(`${url}/swagger/v1/openapiv2.json`)).json()) as Swagger
      await close()
      return document.paths['/api/v1/node/{nodeId}/expire']?.post?.parameters.map(({name}) => name)
    }
    box = await sandbox()
    expect(await parameters('0.28')).toEqual(['nodeId', 'expiry'])
    expect(await parameters('0.29')).toEqual(['nodeId', 'expiry', 'disableExpiry'])
  })
})
