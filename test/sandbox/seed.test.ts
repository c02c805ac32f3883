/** Seeds: what a file may contain, the errors for its mistakes, and the tailnet that is created from it. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, describe, expect, test} from 'vitest'
import {SANDBOX_RELEASES, startSandbox} from '../../src/sandbox/index.ts'
import {loadSeed} from '../../src/sandbox/seed/seed-file.ts'
import {runHere} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'
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

  test('that is empty is valid', async () => {
    expect(await load('# nothing yet\n')).toEqual({users: []})
  })

  test.each([
    ['users: [', '1:9: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['nodes: [{name: a}]', '1:9: nodes.0.user: is missing'],
    ['nodes: [{name: a, user: b, onlin: true}]', '1:9: nodes.0: unknown field "onlin"'],
    ['nodes:\n  - name: a\n    user: b\n    online: sure\n', '4:13: nodes.0.online: expected boolean, got string'],
    ['pending: [{key: k, name: n, nodeKey: abc}]', '1:38: pending.0.nodeKey: must be 64 hex digits'],
    ['nodes: [{name: a, user: b, routes: [10.0.0.0]}]', '1:37: nodes.0.routes.0: must be a prefix such as 10.0.0.0/24'],
    ['nodes: [{name: a, user: b, ip: 10.0.0.300}]', '1:32: nodes.0.ip: must be an IP address or a list of them'],
    ['nodes: [{name: a, user: b, expiry: soon}]', '1:36: nodes.0.expiry: must be a time such as 2022-03-20T09:08:58Z'],
    ['- 1', '1:1: expected object, got array'],
    ['users: []\nnodes: []\nusers: []\n', '3:1: users is specified more than once'],
    ['nodes: [{name: a, user: b, user: c}]', '1:28: user is specified more than once'],
    ['users: []\n---\nusers: []\n', '2:1: expected one YAML document'],
    ['users: [*nobody]', "1:9: unknown anchor 'nobody'"],
    ['users: &all [*all]', "1:14: anchor 'all' contains itself"],
    ['{"nodes": [{"name": "a\\ud800", "user": "b"}]}', '1:21: nodes.0.name: must be valid Unicode'],
    ['{"users": [{"name": "a", "__proto__": 1}]}', '1:12: users.0: unknown field "__proto__"'],
  ])('with a mistake: %s', async (content, message) => {
    await expect(load(content)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`invalid seed ${file}:${message}`),
      hint: 'docs/sandbox.md lists the fields',
    })
  })

  test('with aliases is valid', async () => {
    expect(
      await load(
        'users:\n  - &me {name: alice}\nnodes:\n  - {name: a, user: b, tags: &t [tag:x]}\n  - {name: c, user: b, tags: *t}\nnamespaces: [*me]\n',
      ),
    ).toMatchObject({
      users: [{name: 'alice'}, {name: 'alice'}],
      nodes: [{tags: ['tag:x']}, {tags: ['tag:x']}],
    })
  })

  test('with aliases that multiply is rejected at once', async () => {
    const levels = Array.from({length: 30}, (_, level) => `  - &l${level + 1} [${`*l${level}, `.repeat(9)}]`).join('\n')
    const before = performance.now()
    await expect(load(`users:\n  - &l0 [x]\n${levels}\n`)).rejects.toMatchObject({exitCode: 2})
    expect(performance.now() - before).toBeLessThan(5000)
  })

  test('with a hundred thousand errors is rejected at once', async () => {
    const before = performance.now()
    await expect(load('users: [\n'.repeat(100_000))).rejects.toMatchObject({exitCode: 2})
    expect(performance.now() - before).toBeLessThan(5000)
  })

  test.each([
    ['that does not exist', join(folder, 'no.yaml'), 'no such file'],
    ['that is a folder', folder, 'it is a directory'],
    ['that never ends', '/dev/zero', 'it is larger than 64 MiB'],
  ])('%s', async (_, path, why) => {
    await expect(loadSeed(path)).rejects.toMatchObject({
      exitCode: 2,
      message: `cannot read the seed ${path}: ${why}`,
      hint: 'specify a YAML or JSON file, or guide',
    })
  })
})

describe('the tailnet of a seed', () => {
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
  - {name: laptop, user: bob, online: false, lastSeen: 2022-03-01T00:00:00Z, preAuthKey: 1}
preAuthKeys:
  - user: bob
    key: legacy
    reusable: true
    expiration: 2023-01-01T00:00:00Z
    createdAt: 2022-02-01T00:00:00Z
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
          preAuthKey: {key: 'legacy'},
        },
      ],
    })
    expect(await box.ok('ListAllPreAuthKeys')).toMatchObject({
      preAuthKeys: [
        {
          user: {name: 'bob'},
          key: 'legacy',
          reusable: true,
          expiration: '2023-01-01T00:00:00.000Z',
          createdAt: '2022-02-01T00:00:00.000Z',
        },
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

  test('the guide on 0.29: the key of a pending client is the first 24 characters of its key in the seed', async () => {
    box = await sandbox({release: '0.29', seed: await loadSeed('guide')})
    await box.ok('CreateUser', {name: 'default'})
    const authId = 'hskey-authreq-905cf165204800247fbd3398'
    expect(await box.ok('AuthRegister', {user: 'default', authId})).toMatchObject({
      node: {id: '1', name: 'coredns', ipAddresses: ['10.1.0.1'], online: true},
    })
  })

  test('nodes with the same name get different keys and DNS names', async () => {
    const nodes = ['laptop', 'laptop', 'laptop', 'laptop-1'].map((name) => ({name, user: 'u'}))
    box = await sandbox({release: '0.29', seed: {nodes: [...nodes.slice(0, 3), {...nodes[3]!, givenName: 'laptop-1'}]}})
    const reply = (await box.ok('ListNodes')) as {nodes: Fields[]}
    expect(reply.nodes.map(({givenName}) => givenName)).toEqual(['laptop', 'laptop-2', 'laptop-3', 'laptop-1'])
    for (const key of ['nodeKey', 'machineKey', 'discoKey']) {
      expect(new Set(reply.nodes.map((node) => node[key])).size).toBe(4)
    }
  })

  test('IPv6 addresses and prefixes are written as Go does, and a given address is reserved for its node', async () => {
    const seed = {
      prefixes: ['fd7a:115c:a1e0:0:0:0:0:0/48', '100.64.0.0/10'],
      nodes: [
        {name: 'a', user: 'u', routes: ['2001:DB8:0:0:0:0:0:0/32']},
        {name: 'b', user: 'u', ip: ['100.64.0.1', 'FD7A:115C:A1E0:0:0:0:0:1']},
      ],
    }
    box = await sandbox({release: '0.29', seed})
    expect(await box.ok('ListNodes')).toMatchObject({
      nodes: [
        {ipAddresses: ['fd7a:115c:a1e0::2', '100.64.0.2'], availableRoutes: ['2001:db8::/32']},
        {ipAddresses: ['100.64.0.1', 'fd7a:115c:a1e0::1']},
      ],
    })
  })

  test.each([
    [
      {nodes: ['::1', '0:0:0:0:0:0:0:1'].map((ip, i) => ({name: `n${i}`, user: 'u', ip}))},
      'invalid seed: nodes.1: the address "::1" is already used by nodes.0',
    ],
    [
      {nodes: ['a', 'b'].map((name) => ({name, user: 'u', nodeKey: 'ab'.repeat(32)}))},
      `invalid seed: nodes.1: the node key "${'ab'.repeat(32)}" is already used by nodes.0`,
    ],
    [
      {nodes: ['a', 'b'].map((name) => ({name, user: 'u', givenName: 'c'}))},
      'invalid seed: nodes.1: the given name "c" is already used by nodes.0',
    ],
    [
      {prefixes: ['10.0.0.0/30'], nodes: ['a', 'b', 'c'].map((name) => ({name, user: 'u'}))},
      'invalid seed: nodes.2: no address is left in the pools',
    ],
    [
      {pending: ['x', 'y'].map((end) => ({key: 'k'.repeat(24) + end, name: end}))},
      `invalid seed: pending.1: another client has the key "hskey-authreq-${'k'.repeat(24)}"`,
    ],
    [{nodes: [{name: 'a', user: 'u', preAuthKey: 1}]}, 'invalid seed: nodes.0: pre-auth key 1 does not exist'],
    [{preAuthKeys: [{key: 'k'}, {key: 'k'}]}, 'invalid seed: preAuthKeys.1: another pre-auth key has the same key'],
    [
      {users: [{id: 4, name: 'a'}, {name: 'b'}, {id: '5', name: 'c'}]},
      'invalid seed: users.2: the id 5 is not larger than 5, the one before it',
    ],
    [
      {nodes: [{id: '9223372036854775808', name: 'a', user: 'u'}]},
      'invalid seed: nodes.0: the id 9223372036854775808 is too large',
    ],
    [
      {preAuthKeys: [{id: 3}], nodes: [{name: 'a', user: 'u', preAuthKey: 1}]},
      'invalid seed: nodes.0: pre-auth key 1 does not exist',
    ],
  ])('what no server holds is rejected: %j', async (seed, message) => {
    await expect(startSandbox({release: '0.29', listen: {host: '127.0.0.1', port: 0}, seed})).rejects.toMatchObject({
      exitCode: 2,
      message,
    })
  })

  test.each(SANDBOX_RELEASES)(
    'on %s everything has the id that the seed gives it, and what is new a larger one',
    async (release) => {
      const nodes = [
        {
          id: 6,
          name: 'a',
          user: 'x',
          routes: ['10.0.0.0/24', '10.1.0.0/24'],
          routeIds: {'10.1.0.0/24': 3, '10.2.0.0/24': 9},
        },
        {id: '9007199254740993', name: 'b', user: 'id:40'},
        {name: 'c', user: 'x'},
      ]
      const server = await startTestSandbox({
        release,
        seed: {
          users: [
            {id: 7, name: 'x'},
            {id: 40, name: 'y'},
          ],
          nodes,
        },
      })
      const run = (...argv: string[]) => runHere(argv, {env: server.env})
      const json = async (...argv: string[]) => JSON.parse((await run(...argv, '-o', 'json')).stdout) as Fields[]
      try {
        expect((await json('users', 'list')).map(({id}) => id)).toEqual(['7', '40'])
        expect((await json('nodes', 'list')).map(({id}) => id)).toEqual(['6', '9007199254740993', '9007199254740994'])
        expect(await json('users', 'create', 'zed')).toMatchObject({id: '41'})
        expect((await run('nodes', 'delete', '-i', '6', '--force', '--dry-run')).stderr).toContain(
          'would delete node a (id 6',
        )
        expect(await json('nodes', 'show', '9007199254740993')).toMatchObject({name: 'b', user: {id: '40'}})
        const routes = (await json('routes', 'list')).map(({id, prefix, advertised}) => [id, prefix, advertised])
        const hasRows = routes[0]![0] !== null
        expect(hasRows).toBe(release >= '0.18' && release <= '0.25')
        if (hasRows) {
          expect(routes).toEqual([
            ['1', '10.0.0.0/24', true],
            ['3', '10.1.0.0/24', true],
            ['9', '10.2.0.0/24', false],
          ])
        }
      } finally {
        await server.close()
      }
    },
  )

  test.each([
    ['users: [{id: 0}]', '1:14: users.0.id: must be a number from 1 on; in quotes if it has more than 15 digits'],
    ['users: [{id: 9007199254740993}]', '1:14: users.0.id: must be a number'],
    ['nodes: [{name: a, user: b, registerMethod: web}]', '1:44: nodes.0.registerMethod: must be auth-key, cli or oidc'],
  ])('a bad id or method is a mistake: %s', async (content, message) => {
    await expect(load(content)).rejects.toMatchObject({
      message: expect.stringContaining(`invalid seed ${file}:${message}`),
    })
  })

  test('two runs of one seed generate the same keys', async () => {
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
