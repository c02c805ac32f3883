/**
 * Registration keys as people paste them, for every release group: a key of the release is sent in the release's form,
 * anything else is rejected before a change is sent, because 0.17 to 0.22 crash on it.
 *
 * A hand-written transport records what is sent. The sandbox, which crashes as the real server does, is called through
 * the program.
 */
import {describe, expect, test} from 'vitest'
import type {ControlApi} from '../../src/api/control-api.ts'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {RELEASE_GROUPS, type ReleaseGroup} from '../../src/api/releases.ts'
import {OPERATIONS} from '../../src/api/operations.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import {HeadscaleError} from '../../src/errors.ts'
import {planDebugNode} from '../../src/usecases/nodes/create-debug-node.ts'
import {planRegistration} from '../../src/usecases/nodes/register-node.ts'
import {runHere} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'

const HEX = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'
const ID = 'Xy3-k_9aBcDeFgHiJkLmNoPq'

/** The key in the form of each release group, and the page that shows it, taken from the sources of the releases. */
const WANTED: Record<string, {key: string; page: string; also?: string[]}> = {
  '0.15': {key: HEX, page: `headscale -n NAMESPACE nodes register --key ${HEX}`},
  '0.16': {key: HEX, page: `headscale -n NAMESPACE nodes register --key ${HEX}`},
  '0.17': {key: `nodekey:${HEX}`, page: `headscale -n NAMESPACE nodes register --key nodekey:${HEX}`},
  '0.18': {key: `nodekey:${HEX}`, page: `headscale -n NAMESPACE nodes register --key nodekey:${HEX}`},
  '0.19': {key: `nodekey:${HEX}`, page: `headscale --user USERNAME nodes register --key nodekey:${HEX}`},
  '0.21': {key: `nodekey:${HEX}`, page: `headscale nodes register --user USERNAME --key nodekey:${HEX}`},
  '0.23': {key: `mkey:${HEX}`, page: `headscale nodes register --user USERNAME --key mkey:${HEX}`},
  '0.24': {key: ID, page: `headscale nodes register --user USERNAME --key ${ID}`, also: [`mkey:${HEX}`]},
  '0.26': {key: ID, page: `headscale nodes register --user USERNAME --key ${ID}`},
  '0.27.0': {key: ID, page: `headscale nodes register --user USERNAME --key ${ID}`},
  '0.27.1': {key: ID, page: `headscale nodes register --user USERNAME --key ${ID}`},
  '0.28': {key: ID, page: `headscale nodes register --key ${ID} --user USERNAME`},
  '0.29': {key: `hskey-authreq-${ID}`, page: `headscale auth register --auth-id hskey-authreq-${ID} --user USERNAME`},
  '0.30': {key: `hskey-authreq-${ID}`, page: `headscale auth register --auth-id hskey-authreq-${ID} --user USERNAME`},
}

const NOBODY = [
  '',
  ' ',
  'zzz',
  HEX.slice(1),
  `${HEX}0`,
  HEX.toUpperCase(),
  `nodekey:${HEX.slice(1)}`,
  `nodekey:${HEX}${HEX}`,
  `mkey:${HEX.toUpperCase()}`,
  `discokey:${HEX}`,
  `${ID}=`,
  'hskey-authreq-',
  `hskey-auth-${ID}`,
  'http://198.51.100.7:8080/register',
  'http://198.51.100.7:8080/register?key=',
  'headscale nodes register --key',
]

const USER = {id: '1', name: 'default', createdAt: '2022-03-09T06:12:06Z'}
const NODE = {id: '7', name: 'laptop', givenName: 'laptop', user: USER, namespace: USER}

/** A server with one user and no node that records every change it receives. */
function fakeServer(group: ReleaseGroup, more: object = {}): {api: ControlApi; changes: Record<string, unknown>[]} {
  const changes: Record<string, unknown>[] = []
  const transport: Transport = {
    async call(operation, request) {
      if (!OPERATIONS[operation].reads) changes.push(request)
      return {users: [USER], namespaces: [USER], nodes: [], machines: [], node: NODE, machine: NODE, ...more}
    },
    close() {},
  }
  return {api: createControlApi(transport, group, {via: 'a fake', version: null, now: () => new Date(0)}), changes}
}

/** The keys that were sent. */
const sent = (changes: Record<string, unknown>[]) => changes.map(({key, authId}) => key ?? authId)

async function register(api: ControlApi, rawKey: string) {
  return (await planRegistration(api, {user: 'default', rawKey})).apply()
}

async function createNode(api: ControlApi, rawKey: string | null) {
  return (await planDebugNode(api, {name: 'laptop', user: 'default', rawKey, routes: []})).apply()
}

const wrapped = (key: string) => `${key.slice(0, -9)}\n   ${key.slice(-9)}\n`

describe.for([...RELEASE_GROUPS])('headscale $id', (group) => {
  const {key, page, also = []} = WANTED[group.id]!
  const bare = /^(nodekey|mkey):/.test(key) ? [HEX] : []
  const forms = [
    key,
    ...bare,
    ` ${key}\n`,
    wrapped(key),
    ...bare.map(wrapped),
    `http://198.51.100.7:8080/register?key=${key}`,
    wrapped(`http://198.51.100.7:8080/register?key=${key}`),
    `https://headscale.example.com/register/${key}`,
    `https://headscale.example.com/hs/register/${key}/`,
    `To authenticate, visit:\n\n\thttps://headscale.example.com/register/${key}\n`,
    page,
    page.replace('USERNAME', 'alice').replace('NAMESPACE', 'alice'),
    wrapped(page),
    `$ ${page.replace(key, `"${key}"`)}`,
  ]

  test.for(forms)('accepts %j', async (rawKey) => {
    const {api, changes} = fakeServer(group)
    await register(api, rawKey)
    expect(sent(changes)).toEqual([key])
  })

  test('accepts the forms of earlier releases', async () => {
    const {api, changes} = fakeServer(group)
    for (const rawKey of also) await register(api, rawKey)
    expect(sent(changes)).toEqual(also)
  })

  const others = [HEX, `nodekey:${HEX}`, `mkey:${HEX}`, ID, `hskey-authreq-${ID}`]
  const wrong = [...others.filter((other) => ![key, ...bare, ...also].includes(other)), ...NOBODY].filter(
    // Digits without a prefix get it where the release has one.
    (other) => !(other === HEX && also.some((known) => known.endsWith(HEX))),
  )

  test.for(wrong)('sends nothing for %j', async (rawKey) => {
    const {api, changes} = fakeServer(group)
    const attempts = [() => register(api, rawKey), () => createNode(api, rawKey)]
    for (const attempt of attempts) {
      const error = await attempt().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(HeadscaleError)
      expect((error as HeadscaleError).exitCode).toBe(2)
    }
    expect(changes).toEqual([])
  })

  test('generates a key that it accepts', async () => {
    const {api, changes} = fakeServer(group)
    const {registrationKey} = await createNode(api, null)
    await register(api, registrationKey)
    expect(sent(changes)).toEqual([registrationKey, registrationKey])
    expect(registrationKey.replace(/[\w-]{24}$|[0-9a-f]{64}$/, '')).toBe(key.replace(/[\w-]{24}$|[0-9a-f]{64}$/, ''))
  })
})

const WORDS: Record<string, string> = {
  '0.15': '64 hexadecimal digits',
  '0.16': '64 hexadecimal digits',
  '0.17': 'nodekey: and 64 hexadecimal digits',
  '0.28': '24 letters, digits, - or _',
  '0.29': 'hskey-authreq- and 24 letters, digits, - or _',
}

test.for(Object.entries(WORDS))(
  'the program says which keys sandbox %s accepts, and the server does not crash',
  async ([release, words]) => {
    const server = await startTestSandbox({release, seed: {users: [{name: 'default'}]}})
    try {
      for (const argv of [
        ['-n', 'default', 'nodes', 'register', '--key', 'discokey:123'],
        ['debug', 'create-node', '--name', 'laptop', '-n', 'default', '--key', 'discokey:123'],
      ]) {
        expect(await runHere(argv, {env: server.env})).toEqual({
          status: 2,
          stdout: '',
          stderr:
            `error: invalid registration key: expected ${words}\n` +
            'hint: use the key, the URL that `tailscale up` printed, or the whole line from the page behind it\n',
        })
      }
      const {api, close} = await server.connect()
      expect(await api.nodes.list()).toEqual([])
      close()
    } finally {
      await server.close()
    }
  },
)

test.for(RELEASE_GROUPS.filter(({capabilities}) => capabilities.registrationIsReusable))(
  'headscale $id, which would store the client twice, is not asked to',
  async (group) => {
    const {api, changes} = fakeServer(group, {machines: [{...NODE, nodeKey: HEX}]})
    await expect(register(api, HEX)).rejects.toMatchObject({
      exitCode: 12,
      message: 'this client is registered already, as machine 7 (laptop)',
    })
    expect(changes).toEqual([])
  },
)

describe('a key that begins with a dash is the value of the flag before it', () => {
  const letters = ['-u', '-n', '-o', '-X', '--', '--u', '-k']
  const lines = [
    ['nodes', 'register', '-u', 'default', '--key', 'K'],
    ['nodes', 'register', '-u', 'default', '-k', 'K'],
    ['--key', 'K', '-n', 'default', 'nodes', 'register'],
    ['nodes', 'register', '--key=K', '--user=default'],
  ]
  test.for(letters)('%s', async (letter) => {
    const keys = lines.map((_, i) => `${letter}${ID.slice(letter.length + 1)}${i}`)
    const pending = keys.map((key, i) => ({key, name: `n${i}`}))
    const server = await startTestSandbox({release: '0.28', seed: {users: [{name: 'default'}], pending}})
    for (const [i, line] of lines.entries()) {
      const argv = line.map((word) => word.replace(/K$/, keys[i]!))
      expect(await runHere(argv, {env: server.env})).toEqual({
        status: 0,
        stdout: `Node n${i} registered\n`,
        stderr: '',
      })
    }
    await server.close()
  })

  test.for([
    ['nodes register --key -n default', '--key expects a value'],
    ['nodes register --key --user default', '--key expects a value'],
    ['nodes register -n default --key', '--key expects a value'],
  ])('but not a flag: %s', async ([line, message]) => {
    const {status, stderr} = await runHere(line!.split(' '))
    expect([status, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`])
  })
})
