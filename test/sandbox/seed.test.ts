/** Seeds: what a file may hold, how its mistakes are named, and what becomes of it. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, describe, expect, test} from 'vitest'
import {loadSeed} from '../../src/sandbox/seed/seed-file.ts'
import {sandbox, type Fields, type TestSandbox} from './support/client.ts'

const folder = mkdtempSync(join(tmpdir(), 'seed-'))
const file = join(folder, 'seed.yaml')
afterAll(() => rmSync(folder, {recursive: true}))

const load = (content: string) => {
  writeFileSync(file, content)
  return loadSeed(file)
}

describe('a file', () => {
  test.each([
    ['YAML', 'users:\n  - name: alice\nnamespaces: [{name: old}]\nprefixes: [100.64.0.0/10]\n'],
    ['JSON', '{"users": [{"name": "alice"}, {"name": "old"}], "prefixes": ["100.64.0.0/10"]}'],
  ])('in %s', async (_, content) => {
    expect(await load(content)).toEqual({users: [{name: 'alice'}, {name: 'old'}], prefixes: ['100.64.0.0/10']})
  })

  test('that is empty', async () => {
    expect(await load('# nothing yet\n')).toEqual({users: []})
  })

  test.each([
    ['users: [', `${file} is no YAML: `],
    ['nodes: [{name: a}]', `the seed ${file} is wrong at nodes.0.user: `],
    ['nodes: [{name: a, user: b, onlin: true}]', `the seed ${file} is wrong at nodes.0: Unrecognized key: "onlin"`],
    [
      'pending: [{key: k, name: n, nodeKey: abc}]',
      `the seed ${file} is wrong at pending.0.nodeKey: must be 64 hex digits`,
    ],
    ['nodes: [{name: a, user: b, routes: [10.0.0.0]}]', `the seed ${file} is wrong at nodes.0.routes.0: `],
    ['nodes: [{name: a, user: b, expiry: soon}]', `the seed ${file} is wrong at nodes.0.expiry: `],
    ['- 1', `the seed ${file} is wrong: `],
  ])('with a mistake: %s', async (content, message) => {
    await expect(load(content)).rejects.toMatchObject({exitCode: 2, message: expect.stringContaining(message)})
  })

  test('that is not there', async () => {
    await expect(loadSeed(join(folder, 'no.yaml'))).rejects.toMatchObject({
      exitCode: 2,
      message: `cannot read the seed ${join(folder, 'no.yaml')}: it does not exist`,
      hint: 'give a YAML or JSON file, or the word guide',
    })
  })
})

describe('what becomes of it', () => {
  let box: TestSandbox
  afterEach(() => box.close())

  const SEED = `
users:
  - {name: alice, email: alice@example.com, createdAt: 2022-01-01T00:00:00Z}
nodes:
  - name: router
    user: alice
    givenName: gate
    ip: [100.64.0.7, "fd7a:115c:a1e0::7"]
    nodeKey: ${'ab'.repeat(32)}
    routes: [10.0.0.0/24]
    approved: [10.0.0.0/24]
    tags: [tag:router]
    expiry: 2030-01-01T00:00:00Z
    createdAt: 2022-02-01T00:00:00Z
  - {name: laptop, user: bob, online: false, lastSeen: 2022-03-01T00:00:00Z}
preAuthKeys:
  - {user: bob, key: legacy, reusable: true, expiration: 2023-01-01T00:00:00Z}
  - {tags: [tag:ci]}
prefixes: [100.64.0.0/10, "fd7a:115c:a1e0::/48"]
policy: '{}'
`

  test('on 0.29', async () => {
    box = await sandbox({release: '0.29', seed: await load(SEED)})
    const {users} = (await box.ok('ListUsers')) as {users: Fields[]}
    expect(users.map(({id, name, createdAt}) => [id, name, createdAt])).toEqual([
      ['1', 'alice', '2022-01-01T00:00:00.000Z'],
      ['2', 'bob', '2022-03-09T06:12:06.000Z'],
    ])
    expect(await box.ok('ListNodes')).toMatchObject({
      nodes: [
        {
          id: '1',
          name: 'router',
          givenName: 'gate',
          ipAddresses: ['100.64.0.7', 'fd7a:115c:a1e0::7'],
          nodeKey: `nodekey:${'ab'.repeat(32)}`,
          machineKey: expect.stringMatching(/^mkey:[0-9a-f]{64}$/),
          online: true,
          expiry: '2030-01-01T00:00:00.000Z',
          createdAt: '2022-02-01T00:00:00.000Z',
          tags: ['tag:router'],
          approvedRoutes: ['10.0.0.0/24'],
          subnetRoutes: ['10.0.0.0/24'],
        },
        {
          id: '2',
          name: 'laptop',
          ipAddresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'],
          online: false,
          lastSeen: '2022-03-01T00:00:00.000Z',
          expiry: null,
          user: {name: 'bob'},
        },
      ],
    })
    expect(await box.ok('ListAllPreAuthKeys')).toMatchObject({
      preAuthKeys: [
        {user: {name: 'bob'}, key: 'legacy', reusable: true, expiration: '2023-01-01T00:00:00.000Z'},
        {
          user: null,
          key: expect.stringMatching(/^hskey-auth-[\w-]{12}-\*\*\*$/),
          expiration: null,
          aclTags: ['tag:ci'],
        },
      ],
    })
    expect(await box.ok('GetPolicy')).toMatchObject({policy: '{}'})
  })

  test('on 0.17', async () => {
    box = await sandbox({release: '0.17', seed: await load(SEED)})
    expect(await box.ok('ListMachines', {namespace: 'bob'})).toMatchObject({
      machines: [
        {id: '2', givenName: 'laptop', lastSeen: '2022-03-01T00:00:00.000Z', expiry: '0001-01-01T00:00:00.000Z'},
      ],
    })
    expect(await box.ok('GetMachineRoute', {machineId: '1'})).toEqual({
      routes: {advertisedRoutes: ['10.0.0.0/24'], enabledRoutes: ['10.0.0.0/24']},
    })
  })

  test('the guide on 0.29: its clients wait under the first 24 characters of their keys', async () => {
    box = await sandbox({release: '0.29', seed: await loadSeed('guide')})
    await box.ok('CreateUser', {name: 'default'})
    const authId = 'hskey-authreq-905cf165204800247fbd3398'
    expect(await box.ok('AuthRegister', {user: 'default', authId})).toMatchObject({
      node: {id: '1', name: 'coredns', ipAddresses: ['10.1.0.1'], online: true},
    })
  })

  test('two runs of one seed make the same keys', async () => {
    const seed = {nodes: [{name: 'a', user: 'u'}], pending: [{key: 'k', name: 'b'}]}
    const keys = async () => {
      const {ok, close} = await sandbox({seed})
      await ok('RegisterMachine', {namespace: 'u', key: 'k'})
      const {machines} = (await ok('ListMachines')) as {machines: Fields[]}
      await close()
      return machines.map(({machineKey, nodeKey, discoKey}) => [machineKey, nodeKey, discoKey])
    }
    box = await sandbox()
    const first = await keys()
    expect(await keys()).toEqual(first)
    expect(new Set(first.flat()).size).toBe(6)
  })

  test.each([
    ['0.15', 'RegisterMachine', {namespace: 'u', key: 'k'}, 'could not find any suitable IP'],
    [
      '0.29',
      'RegisterNode',
      {user: 'u', key: `hskey-authreq-${'k'.repeat(24)}`},
      'allocating IPs: failed to allocate IP',
    ],
  ] as const)('a pool that is used up gives no address on %s', async (release, operation, request, message) => {
    const key = release === '0.15' ? 'k' : 'k'.repeat(24)
    box = await sandbox({
      release,
      seed: {
        prefixes: ['10.0.0.0/30'],
        nodes: ['a', 'b'].map((name) => ({name, user: 'u'})),
        pending: [{key, name: 'c'}],
      },
    })
    expect(await box.call(operation, request)).toMatchObject({code: 2, message})
  })
})
