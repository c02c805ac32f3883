/**
 * REST against the sandbox: the same requests on the real server of a release and on our simulator of it must get the same
 * status, type and body. White space within JSON differs between builds of the servers; times and keys
 * are replaced by their kind.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {startSandbox, type Sandbox} from '../../../src/sandbox/index.ts'
import {available, startHeadscale, type RealHeadscale} from '../../support/real-servers.ts'

const KEY_17 = `nodekey:${'ab'.repeat(32)}`
const KEY_23 = `mkey:${'ab'.repeat(32)}`
const KEY_25 = 'abcdefghijklmnopqrstuvwx'
const KEY_29 = 'hskey-authreq-abcdefghijklmnopqrstuvwx'

const ROUTES_22 = `
GET /api/v1/routes
GET /api/v1/routes/1
POST /api/v1/routes/1/enable
POST /api/v1/routes/0/enable
POST /api/v1/routes/1/disable
POST /api/v1/routes/x/disable
DELETE /api/v1/routes/1
GET /api/v1/machine/9/routes`

/** A method, a path, and the body if there is one. */
const COMMON = `
GET /
GET /nope
GET /health
GET /api
GET /api/nope
GET /api/v1
GET /api/v1/
GET /api/v1/nope
GET /api/v2/nope
GET /api/v1/apikey
GET /api/v1/apikey/
PUT /api/v1/apikey
POST /api/v1/apikey {"expiration":"2040-01-01T00:00:00Z"}
POST /api/v1/apikey {"expiration":"soon"}
POST /api/v1/apikey {"expiration":5}
POST /api/v1/apikey/expire {"prefix":"nope"}
POST /api/v1/apikey {"unknown":true,
POST /api/v1/apikey []
POST /api/v1/apikey "x"
`

const LINES_17 = `${COMMON}
GET /version
GET /api/v1/namespace
POST /api/v1/namespace {"name":"default"}
POST /api/v1/namespace {"name":"default"}
POST /api/v1/namespace {"name":5}
POST /api/v1/namespace {"name":null,"other":1}
GET /api/v1/namespace/
GET /api/v1/namespace/default
GET /api/v1/namespace/nope
GET /api/v1/namespace/a%2Fb
GET /api/v1/namespace/a%20b
POST /api/v1/namespace/default/rename/second
POST /api/v1/namespace/second/rename/Default
DELETE /api/v1/namespace/nope
POST /api/v1/debug/machine {"namespace":"second","key":"${KEY_17}","name":"x","routes":["10.0.0.0/24","10.1.0.0/24"]}
POST /api/v1/debug/machine {"namespace":"second","key":"${KEY_17}","name":"x","routes":"10.0.0.0/24"}
POST /api/v1/machine/register?namespace=second&key=${KEY_17}
POST /api/v1/machine/register?namespace=second
POST /api/v1/machine/register {"namespace":"second","key":"${KEY_17}"}
GET /api/v1/machine
GET /api/v1/machine?namespace=second
GET /api/v1/machine?namespace=nope
GET /api/v1/machine/1
GET /api/v1/machine/9
GET /api/v1/machine/abc
GET /api/v1/machine/0x1
GET /api/v1/machine/-1
GET /api/v1/machine/99999999999999999999
PUT /api/v1/machine/1
GET /api/v1/machine/1/routes
POST /api/v1/machine/1/routes?routes=10.0.0.0/24&routes=10.1.0.0/24
POST /api/v1/machine/1/routes?routes=10.0.0.0/24,10.1.0.0/24
POST /api/v1/machine/1/routes?routes=10.9.0.0/24
POST /api/v1/machine/1/routes
POST /api/v1/machine/1/tags {"tags":["tag:a"]}
POST /api/v1/machine/1/tags {"tags":["a"]}
POST /api/v1/machine/1/tags {"tags":[5]}
POST /api/v1/machine/1/rename/fresh
POST /api/v1/machine/1/namespace?namespace=second
POST /api/v1/machine/1/namespace?namespace=nope
POST /api/v1/machine/1/expire
GET /api/v1/routes
POST /api/v1/preauthkey {"namespace":"second","reusable":true,"acl_tags":["tag:a"],"expiration":"2040-01-01T00:00:00.5Z"}
POST /api/v1/preauthkey {"namespace":"second","reusable":"yes"}
GET /api/v1/preauthkey?namespace=second
GET /api/v1/preauthkey
POST /api/v1/preauthkey/expire {"namespace":"second","key":"nope"}
DELETE /api/v1/machine/1
DELETE /api/v1/machine/1
DELETE /api/v1/namespace/second
`

/** The same with the terms of 0.22, whose routes have ids; a debug registration has no routes. */
const LINES_22 = LINES_17.replaceAll('namespace', 'user')
  .split('\n')
  .filter((line) => !/machine\/1\/routes\?/.test(line))
  .map((line) => (line.startsWith('GET /api/v1/routes') ? ROUTES_22 : line))
  .join('\n')

const LINES_29 = `${COMMON}
GET /api/v1/health
GET /api/v1/user
POST /api/v1/user {"name":"alice","displayName":"Alice","pictureUrl":"https://example.com/a.png"}
POST /api/v1/user {"name":"alice"}
POST /api/v1/user {"name":5}
GET /api/v1/user?name=alice
GET /api/v1/user?id=1
GET /api/v1/user?id=x
GET /api/v1/user/
GET /api/v1/user/1
DELETE /api/v1/user/
DELETE /api/v1/user/x
DELETE /api/v1/user/9
POST /api/v1/user/1/rename/bob
POST /api/v1/user/x/rename/bob
POST /api/v1/debug/node {"user":"bob","key":"${KEY_29}","name":"x","routes":["10.0.0.0/24"]}
POST /api/v1/node/register?user=bob&key=nope
POST /api/v1/auth/register {"user":"bob","authId":"${KEY_29}"}
POST /api/v1/auth/register {"user":"bob","auth_id":"${KEY_29}"}
POST /api/v1/auth/approve {"authId":"nope"}
POST /api/v1/auth/reject {"authId":"${KEY_29}"}
GET /api/v1/node
GET /api/v1/node?user=bob
GET /api/v1/node?user=nope
GET /api/v1/node/1
GET /api/v1/node/9
GET /api/v1/node/abc
GET /api/v1/node/
POST /api/v1/node/1/expire
POST /api/v1/node/1/expire?expiry=2040-01-01T00:00:00Z
POST /api/v1/node/1/expire?disableExpiry=true
POST /api/v1/node/1/expire?disable_expiry=true&expiry=2040-01-01T00:00:00Z
POST /api/v1/node/1/expire?expiry=soon
POST /api/v1/node/1/expire?disableExpiry=perhaps
POST /api/v1/node/1/rename/fresh
POST /api/v1/node/1/rename/
POST /api/v1/node/1/approve_routes {"routes":["10.0.0.0/24","0.0.0.0/0"]}
POST /api/v1/node/1/approve_routes {"routes":["x"]}
POST /api/v1/node/9/approve_routes {"routes":[]}
POST /api/v1/node/backfillips
POST /api/v1/node/backfillips?confirmed=true
POST /api/v1/node/backfillips?confirmed=yes
GET /api/v1/policy
PUT /api/v1/policy {"policy":"{\\"tagOwners\\":{\\"tag:a\\":[]}}"}
PUT /api/v1/policy {"policy":"{"}
POST /api/v1/policy/check {"policy":"{\\"foo\\":1}"}
POST /api/v1/policy/check {"policy":"{}"}
POST /api/v1/node/1/tags {"tags":["tag:a"]}
POST /api/v1/node/1/tags {"tags":[]}
POST /api/v1/node/1/tags {"tags":["tag:b"]}
GET /api/v1/node/1
GET /api/v1/node
POST /api/v1/preauthkey {"user":"1","reusable":true,"expiration":"2040-01-01T00:00:00Z"}
POST /api/v1/preauthkey {"user":1,"aclTags":["tag:a"]}
POST /api/v1/preauthkey {"user":"abc"}
POST /api/v1/preauthkey {"user":-1}
POST /api/v1/preauthkey {"reusable":"x"}
POST /api/v1/preauthkey {"aclTags":"x"}
POST /api/v1/preauthkey {}
POST /api/v1/preauthkey
GET /api/v1/preauthkey
POST /api/v1/preauthkey/expire {"id":"1"}
POST /api/v1/preauthkey/expire {"user":"1","key":"x"}
DELETE /api/v1/preauthkey?id=1
DELETE /api/v1/preauthkey
DELETE /api/v1/preauthkey?id=x
DELETE /api/v1/apikey/?id=99
DELETE /api/v1/apikey/zz?id=99
DELETE /api/v1/apikey/zz
DELETE /api/v1/apikey/?id=2
DELETE /api/v1/node/1
DELETE /api/v1/node/1
DELETE /api/v1/user/1
`

/** The requests of 0.26 and 0.27 for what 0.28 changed. */
const BEFORE_28 = `
POST /api/v1/preauthkey {"user":"1","reusable":true,"aclTags":["tag:a"],"expiration":"2040-01-01T00:00:00Z"}
POST /api/v1/preauthkey {"user":"abc"}
POST /api/v1/preauthkey {"user":"9"}
GET /api/v1/preauthkey?user=1
GET /api/v1/preauthkey?user=9
GET /api/v1/preauthkey
POST /api/v1/preauthkey/expire {"user":"1","key":"nope"}
POST /api/v1/node/1/user {"user":"1"}
POST /api/v1/node/1/user?user=1
POST /api/v1/node/1/user {"user":"9"}
POST /api/v1/node/9/user {"user":"1"}
GET /api/v1/node/0
POST /api/v1/node/0/rename/zero
POST /api/v1/node/0/expire
POST /api/v1/node/0/approve_routes {"routes":["10.0.0.0/24"]}
`

/** The same requests for 0.23 to 0.25. */
const BEFORE_26 = `
POST /api/v1/preauthkey {"user":"bob","reusable":true,"aclTags":["tag:a"],"expiration":"2040-01-01T00:00:00Z"}
POST /api/v1/preauthkey {"user":"nope"}
GET /api/v1/preauthkey?user=bob
GET /api/v1/preauthkey?user=nope
GET /api/v1/preauthkey
POST /api/v1/preauthkey/expire {"user":"bob","key":"nope"}
POST /api/v1/node/1/user {"user":"bob"}
POST /api/v1/node/1/user?user=bob
POST /api/v1/node/1/user {"user":"nope"}
POST /api/v1/node/9/user {"user":"bob"}
GET /api/v1/node/0
POST /api/v1/node/0/rename/zero
POST /api/v1/node/0/tags {"tags":["tag:z"]}
GET /api/v1/routes
GET /api/v1/node/1/routes
POST /api/v1/routes/1/enable
GET /api/v1/routes
POST /api/v1/routes/9/disable
DELETE /api/v1/routes/9
GET /api/v1/node/9/routes
`

/** The lines of 0.29 that an earlier release has too, with its own lines in place of the others. */
function earlier(own: string, without: RegExp, key: string): string {
  const kept = LINES_29.split('\n').filter((line) => !without.test(line) && !/\/auth\/|policy\/check/.test(line))
  const registering = `POST /api/v1/node/register?user=bob&key=${key}`
  const at = kept.findIndex((line) => line.startsWith('POST /api/v1/node/register')) + 1
  kept.splice(at, 0, registering, registering)
  kept.splice(
    kept.findIndex((line) => line === 'DELETE /api/v1/node/1'),
    0,
    ...own.split('\n'),
  )
  return kept.join('\n').replaceAll(KEY_29, key)
}

const KEYS_28 = /preauthkey|apikey\/(zz)?\?/
const LINES_28 = earlier('', /disable_?expiry/i, KEY_25)
const LINES_27 = earlier(BEFORE_28, new RegExp(`${KEYS_28.source}|disable_?expiry`, 'i'), KEY_25)
const LINES_26 = earlier(BEFORE_28, new RegExp(`${KEYS_28.source}|disable_?expiry|expiry=|/health$`, 'i'), KEY_25)
const LINES_25 = earlier(BEFORE_26, new RegExp(`${KEYS_28.source}|disable_?expiry|expiry=|/health$`, 'i'), KEY_25)
const LINES_23 = earlier(
  BEFORE_26,
  new RegExp(`${KEYS_28.source}|disable_?expiry|expiry=|/health$`, 'i'),
  KEY_23,
).replace('POST /api/v1/user/1/rename/bob', 'POST /api/v1/user/alice/rename/bob\nGET /api/v1/user/bob')

/** Replaces values that differ between two runs by their kind. */
function settled(text: string): string {
  return (
    text
      // protobuf for Go writes this space as U+00A0 in some builds, so that programs do not compare its errors.
      .replaceAll('proto:\u00a0', 'proto: ')
      .replaceAll(/"(?!0001|2040)\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"')
      .replaceAll(/(mkey|nodekey):(?!(ab){32})[0-9a-f]{64}\b/g, '$1:HEX')
      .replaceAll(
        /hskey-(api|auth)-[\w-]{12}-(\*\*\*|[\w-]{64})/g,
        (_, kind, rest) => `hskey-${kind}-PREFIX-${rest.length}`,
      )
      .replaceAll(/invalid-[a-z0-9]{8}/g, 'invalid-SUFFIX')
      .replaceAll(/"[0-9a-f]{48}"/g, '"HEX48"')
      .replaceAll(/"(?:[\w-]{10}\.[\w-]{43}|[\w-]{7}\.[\w-]{32})"/g, '"APIKEY"')
      .replaceAll(/"prefix":"(?:[\w-]{10}|[\w-]{7})"/g, '"prefix":"PREFIX"')
      .replaceAll(/<!DOCTYPE html>.*/gs, 'HTML')
  )
}

async function transcript({url, apiKey}: {url: string; apiKey: string}, lines: string): Promise<string> {
  const shown: string[] = []
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const [, method = '', path = '', body] = /^(\S+) (\S+)(?: (.*))?$/.exec(line) ?? []
    const response = await fetch(url + path, {method, body, headers: {authorization: `Bearer ${apiKey}`}})
    const type = response.headers.get('content-type')
    const text = await response.text()
    const same = type === 'application/json' ? JSON.stringify(JSON.parse(text)) : text
    shown.push(`${line}\n  ${response.status} ${type}\n  ${settled(same)}`)
  }
  return shown.join('\n')
}

const SIMULATORS = [
  {version: '0.17.1', release: '0.17', lines: LINES_17},
  {version: '0.22.3', release: '0.22', lines: LINES_22},
  {version: '0.23.0', release: '0.23', lines: LINES_23},
  {version: '0.25.1', release: '0.25', lines: LINES_25},
  {version: '0.26.1', release: '0.26', lines: LINES_26},
  {version: '0.27.1', release: '0.27', lines: LINES_27},
  {version: '0.28.0', release: '0.28', lines: LINES_28},
  {version: '0.29.3', release: '0.29', lines: LINES_29},
]

describe.each(SIMULATORS.filter(({version}) => available(version).ok))(
  'REST of $version',
  ({version, release, lines}) => {
    let server: RealHeadscale
    let sandbox: Sandbox
    beforeAll(async () => {
      server = await startHeadscale({version, prefixes: {v4: '10.1.0.0/16'}})
      sandbox = await startSandbox({release, listen: {host: '127.0.0.1', port: 0}})
    })
    afterAll(async () => {
      await sandbox?.close()
      await server?.stop()
    })

    test('gets the same answers from both', {timeout: 120_000}, async () => {
      const ours = await transcript({url: sandbox.url!, apiKey: sandbox.apiKey!}, lines)
      expect(ours).toBe(await transcript(server, lines))
    })

    test('gets the same answers to invalid credentials from both', async () => {
      const wrong = sandbox.apiKey!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
      for (const authorization of [
        undefined,
        'Bearer',
        'bearer x',
        'Bearer ',
        'Bearer x',
        `Bearer ${wrong}`,
        'Basic x',
      ]) {
        const ask = async (url: string) => {
          const response = await fetch(`${url}/api/v1/apikey`, {headers: authorization ? {authorization} : {}})
          return [authorization, response.status, response.headers.get('content-type'), await response.text()]
        }
        expect(await ask(sandbox.url!)).toEqual(await ask(server.url))
      }
    })
  },
)
