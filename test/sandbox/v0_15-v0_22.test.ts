/** Replies of 0.15, 0.16 and 0.17: complete results, and errors with code and text. */
import {afterEach, describe, expect, test} from 'vitest'
import type {OperationId} from '../../src/api/operations.ts'
import {guide} from '../../src/sandbox/seed/guide.ts'
import {sandbox, type Fields, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box.close())

const KEY = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'
const LONG = 'a'.repeat(64)
const NODE_KEY = `nodekey:${'ab'.repeat(32)}`

type Row = [operation: OperationId, request: Fields, code: number, message: string]

/** A namespace `default` with a registered client that advertises 192.168.100.0/24. */
async function withOneMachine(release: string) {
  box = await sandbox({release, seed: {...guide, users: [{name: 'default'}, {name: 'other'}]}})
  const key = guide.pending!.find(({name}) => name === 'openwrt')!.key
  await box.ok('RegisterMachine', {namespace: 'default', key: release === '0.17' ? `nodekey:${key}` : key})
}

describe('0.15', () => {
  test('the tailnet of the guide', async () => {
    box = await sandbox({seed: guide})
    await box.ok('CreateNamespace', {name: 'default'})
    for (const {key} of guide.pending!) await box.ok('RegisterMachine', {namespace: 'default', key})
    const {machines} = (await box.ok('ListMachines')) as {machines: Fields[]}
    expect(
      machines.map(({id, name, nodeKey, ipAddresses, expiry}) => [
        id,
        name,
        Buffer.from(String(nodeKey), 'hex').toString('base64').slice(0, 5),
        ipAddresses,
        expiry,
      ]),
    ).toEqual([
      ['1', 'coredns', 'Ew3RB', ['10.1.0.1'], '0001-01-01T00:00:00.000Z'],
      ['2', 'carsondemacbook-pro', 'k7bzX', ['10.1.0.2'], '0001-01-01T00:00:00.000Z'],
      ['3', 'gateway', 'XgfJo', ['10.1.0.3'], '0001-01-01T00:00:00.000Z'],
      ['4', 'nas', 'LJ9+U', ['10.1.0.4'], '0001-01-01T00:00:00.000Z'],
      ['5', 'phone', 'etGED', ['10.1.0.5'], '0001-01-01T00:00:00.000Z'],
      ['6', 'openwrt', '7LdVc', ['10.1.0.6'], '0001-01-01T00:00:00.000Z'],
    ])
  })

  test('a complete machine of a client', async () => {
    box = await sandbox({seed: {...guide, users: [{name: 'default'}]}})
    const {machine} = await box.ok('RegisterMachine', {namespace: 'default', key: KEY})
    await expect(JSON.stringify(machine, null, 1)).toMatchFileSnapshot('golden/machine-0.15.json')
  })

  test('the last-seen time of an online client is always now', async () => {
    await withOneMachine('0.15')
    box.pass(600_000)
    expect(await box.ok('GetMachine', {machineId: '1'})).toMatchObject({
      machine: {lastSeen: '2022-03-09T06:22:06.000Z', createdAt: '2022-03-09T06:12:06.000Z'},
    })
  })

  test.each<Row>([
    ['CreateNamespace', {name: 'default'}, 2, 'Namespace already exists'],
    [
      'CreateNamespace',
      {name: LONG},
      2,
      `Namespace must not be over 63 chars. ${LONG} doesn't comply with this rule: Invalid namespace name`,
    ],
    [
      'CreateNamespace',
      {name: 'Bad'},
      2,
      "Namespace name should be lowercase. Bad doesn't comply with this rule: Invalid namespace name",
    ],
    [
      'CreateNamespace',
      {name: 'a_b'},
      2,
      "Namespace name should only be composed of lowercase ASCII letters numbers, hyphen and dots. a_b doesn't comply with theses rules: Invalid namespace name",
    ],
    ['GetNamespace', {name: 'nope'}, 2, 'Namespace not found'],
    ['RenameNamespace', {oldName: 'nope', newName: 'x'}, 2, 'Namespace not found'],
    ['RenameNamespace', {oldName: 'default', newName: 'other'}, 2, 'Namespace already exists'],
    [
      'RenameNamespace',
      {oldName: 'default', newName: 'X'},
      2,
      "Namespace name should be lowercase. X doesn't comply with this rule: Invalid namespace name",
    ],
    ['DeleteNamespace', {name: 'nope'}, 2, 'Namespace not found'],
    ['DeleteNamespace', {name: 'default'}, 2, 'Namespace not empty: node(s) found'],
    ['ListMachines', {namespace: 'nope'}, 2, 'Namespace not found'],
    ['GetMachine', {machineId: '9'}, 2, 'record not found'],
    ['ExpireMachine', {machineId: '9'}, 2, 'record not found'],
    ['DeleteMachine', {machineId: '9'}, 2, 'record not found'],
    ['RegisterMachine', {namespace: 'default', key: 'nope'}, 2, 'machine not found in registration cache'],
    [
      'RegisterMachine',
      {namespace: 'nope', key: KEY},
      2,
      'failed to find namespace in register machine from auth callback, Namespace not found',
    ],
    ['DebugCreateMachine', {namespace: 'nope', key: LONG, name: 'x'}, 2, 'Namespace not found'],
    [
      'DebugCreateMachine',
      {namespace: 'default', key: LONG, name: 'x', routes: ['x']},
      2,
      'netaddr.ParseIPPrefix("x"): no \'/\'',
    ],
    ['GetMachineRoute', {machineId: '9'}, 2, 'record not found'],
    ['EnableMachineRoutes', {machineId: '9', routes: []}, 2, 'record not found'],
    [
      'EnableMachineRoutes',
      {machineId: '1', routes: ['10.0.0.0/8']},
      2,
      'route (openwrt) is not available on node 10.0.0.0/8: route is not available on machine',
    ],
    ['CreatePreAuthKey', {namespace: 'nope'}, 2, 'Namespace not found'],
    ['ListPreAuthKeys', {namespace: 'nope'}, 2, 'Namespace not found'],
    ['ExpirePreAuthKey', {namespace: 'default', key: 'nope'}, 2, 'AuthKey not found'],
    ['ExpireApiKey', {prefix: 'nope'}, 2, 'record not found'],
    [
      'SetMachineTags',
      {machineId: '1', tags: ['tag:a']},
      12,
      'unknown method SetTags for service headscale.v1.HeadscaleService',
    ],
  ])('%s %o is rejected with %i', async (operation, request, code, message) => {
    await withOneMachine('0.15')
    expect(await box.call(operation, request)).toEqual({code, message, reply: null})
  })

  test('a pending registration can be used once', async () => {
    await withOneMachine('0.15')
    await box.ok('RegisterMachine', {namespace: 'default', key: KEY})
    const again = await box.call('RegisterMachine', {namespace: 'default', key: KEY})
    expect(again.message).toBe('machine not found in registration cache')
  })

  test('a debug registration expires after 15 minutes, a pending client does not', async () => {
    await withOneMachine('0.15')
    await box.ok('DebugCreateMachine', {namespace: 'default', key: LONG, name: 'x'})
    box.pass(15 * 60_000)
    const late = await box.call('RegisterMachine', {namespace: 'default', key: LONG})
    expect(late.message).toBe('machine not found in registration cache')
    await box.ok('RegisterMachine', {namespace: 'default', key: KEY})
  })

  test('enabling replaces the enabled routes, an empty list clears them', async () => {
    await withOneMachine('0.15')
    const routes = ['192.168.100.0/24']
    expect(await box.ok('EnableMachineRoutes', {machineId: '1', routes})).toEqual({
      routes: {advertisedRoutes: routes, enabledRoutes: routes},
    })
    await box.ok('EnableMachineRoutes', {machineId: '1'})
    expect(await box.ok('GetMachineRoute', {machineId: '1'})).toEqual({
      routes: {advertisedRoutes: routes, enabledRoutes: []},
    })
  })

  test('deleting machine id 0 deletes the first machine', async () => {
    await withOneMachine('0.15')
    await box.ok('DeleteMachine', {machineId: '0'})
    expect((await box.call('DeleteMachine', {machineId: '0'})).message).toBe('record not found')
  })

  test('ids are never reused, addresses are', async () => {
    await withOneMachine('0.15')
    await box.ok('DeleteMachine', {machineId: '1'})
    expect(await box.ok('RegisterMachine', {namespace: 'default', key: KEY})).toMatchObject({
      machine: {id: '2', ipAddresses: ['10.1.0.1']},
    })
    await box.ok('DeleteNamespace', {name: 'other'})
    expect(await box.ok('CreateNamespace', {name: 'other'})).toMatchObject({namespace: {id: '3'}})
  })

  test('deleting a namespace deletes its pre-auth keys and no others', async () => {
    await withOneMachine('0.15')
    await box.ok('CreatePreAuthKey', {namespace: 'default'})
    await box.ok('CreatePreAuthKey', {namespace: 'other'})
    await box.ok('DeleteNamespace', {name: 'other'})
    await box.ok('CreateNamespace', {name: 'other'})
    expect(await box.ok('ListPreAuthKeys', {namespace: 'other'})).toEqual({preAuthKeys: []})
    expect(((await box.ok('ListPreAuthKeys', {namespace: 'default'})) as {preAuthKeys: []}).preAuthKeys).toHaveLength(1)
  })

  test('a pre-auth key without an expiration is expired from the start', async () => {
    await withOneMachine('0.15')
    const {preAuthKey} = (await box.ok('CreatePreAuthKey', {namespace: 'default'})) as {preAuthKey: {key: string}}
    expect(preAuthKey).toEqual({
      namespace: 'default',
      id: '1',
      key: expect.stringMatching(/^[0-9a-f]{48}$/),
      reusable: false,
      ephemeral: false,
      used: false,
      expiration: '0001-01-01T00:00:00.000Z',
      createdAt: '2022-03-09T06:12:06.000Z',
      aclTags: [],
    })
    const expired = await box.call('ExpirePreAuthKey', {namespace: 'default', key: preAuthKey.key})
    expect(expired).toMatchObject({code: 2, message: 'AuthKey expired'})
  })

  test('expiring a pre-auth key checks the key first and the namespace last', async () => {
    box = await sandbox({
      seed: {
        users: [{name: 'default'}, {name: 'other'}],
        preAuthKeys: [
          {user: 'default', key: 'used', used: true},
          {user: 'default', key: 'fresh'},
          {user: 'default', key: 'often', used: true, reusable: true},
        ],
      },
    })
    const expire = async (namespace: string, key: string) =>
      (await box.call('ExpirePreAuthKey', {namespace, key})).message
    expect(await expire('other', 'used')).toBe('AuthKey has already been used')
    expect(await expire('other', 'fresh')).toBe('namespace mismatch')
    expect(await expire('default', 'fresh')).toBe('')
    box.pass(1)
    expect(await expire('default', 'fresh')).toBe('AuthKey expired')
    expect(await expire('default', 'often')).toBe('')
  })

  test('an API key is shown once, then by its first ten characters', async () => {
    box = await sandbox()
    const {apiKey} = await box.ok('CreateApiKey', {expiration: '2022-06-07T06:12:06.000Z'})
    expect(apiKey).toMatch(/^[\w-]{10}\.[\w-]{43}$/)
    const {apiKeys} = (await box.ok('ListApiKeys')) as {apiKeys: Fields[]}
    expect(apiKeys.at(-1)).toEqual({
      id: '2',
      prefix: String(apiKey).slice(0, 10),
      expiration: '2022-06-07T06:12:06.000Z',
      createdAt: '2022-03-09T06:12:06.000Z',
      lastSeen: null,
    })
  })
})

describe('0.16', () => {
  test.each<Row>([
    ['SetMachineTags', {machineId: '9', tags: []}, 2, 'record not found'],
    ['SetMachineTags', {machineId: '1', tags: ['a']}, 3, "tag must start with the string 'tag:'"],
    ['SetMachineTags', {machineId: '1', tags: ['tag:A']}, 3, 'tag should be lowercase'],
    ['SetMachineTags', {machineId: '1', tags: ['tag:a b']}, 3, 'tag should not contains space'],
    [
      'RenameMachine',
      {machineId: '1', newName: 'A'},
      2,
      "DNS segment should be lowercase. A doesn't comply with this rule: Invalid namespace name",
    ],
    ['MoveMachineToNamespace', {machineId: '1', namespace: 'nope'}, 2, 'Namespace not found'],
    ['MoveMachineToNamespace', {machineId: '9', namespace: 'other'}, 2, 'record not found'],
  ])('%s %o is rejected with %i', async (operation, request, code, message) => {
    await withOneMachine('0.16')
    expect(await box.call(operation, request)).toEqual({code, message, reply: null})
  })

  test('a machine gets tags, a name and another namespace', async () => {
    await withOneMachine('0.16')
    await box.ok('SetMachineTags', {machineId: '1', tags: ['tag:b', 'tag:a', 'tag:b']})
    await box.ok('RenameMachine', {machineId: '1', newName: 'router'})
    expect(await box.ok('MoveMachineToNamespace', {machineId: '1', namespace: 'other'})).toMatchObject({
      machine: {name: 'openwrt', givenName: 'router', forcedTags: ['tag:b', 'tag:a'], namespace: {name: 'other'}},
    })
    expect(await box.ok('ListMachines', {namespace: 'default'})).toEqual({machines: []})
  })

  test('pre-auth keys have no tags yet', async () => {
    await withOneMachine('0.16')
    await box.ok('CreatePreAuthKey', {namespace: 'default', aclTags: ['nonsense']})
    expect(await box.ok('ListPreAuthKeys', {namespace: 'default'})).toMatchObject({preAuthKeys: [{aclTags: []}]})
  })
})

describe('0.17', () => {
  test.each<Row>([
    ['RegisterMachine', {namespace: 'nope', key: KEY}, 2, "key hex string doesn't have expected type prefix nodekey:"],
    ['RegisterMachine', {namespace: 'nope', key: 'nodekey:12'}, 2, 'key hex has the wrong size, got 2 want 64'],
    ['RegisterMachine', {namespace: 'nope', key: `nodekey:${'x'.repeat(64)}`}, 2, 'invalid hex character in key'],
    ['RegisterMachine', {namespace: 'default', key: NODE_KEY}, 2, 'machine not found in registration cache'],
    ['CreatePreAuthKey', {namespace: 'default', aclTags: ['a']}, 3, "tag must start with the string 'tag:'"],
    [
      'DebugCreateMachine',
      {namespace: 'default', key: NODE_KEY, name: 'x', routes: ['10.0.0.0/33']},
      2,
      'netip.ParsePrefix("10.0.0.0/33"): prefix length out of range',
    ],
  ])('%s %o is rejected with %i', async (operation, request, code, message) => {
    await withOneMachine('0.17')
    expect(await box.call(operation, request)).toEqual({code, message, reply: null})
  })

  test('a debug registration keeps its namespace, has no node key, and can be registered again', async () => {
    await withOneMachine('0.17')
    await box.ok('DebugCreateMachine', {namespace: 'default', key: NODE_KEY, name: 'x', routes: ['10.0.0.0/24']})
    const confirm = () => box.ok('RegisterMachine', {namespace: 'other', key: NODE_KEY})
    const machine = {nodeKey: '', machineKey: NODE_KEY, givenName: 'x', namespace: {name: 'default'}}
    expect(await confirm()).toMatchObject({
      machine: {...machine, id: '2', lastSeen: '0001-01-01T00:00:00.000Z', expiry: '0001-01-01T00:00:00.000Z'},
    })
    expect(await confirm()).toMatchObject({machine: {...machine, id: '3', ipAddresses: ['10.1.0.3']}})
    expect(await box.ok('GetMachineRoute', {machineId: '3'})).toMatchObject({
      routes: {advertisedRoutes: ['10.0.0.0/24']},
    })
  })

  test('a debug key in another format crashes the server: no answer, and pending registrations are lost', async () => {
    await withOneMachine('0.17')
    await expect(box.call('DebugCreateMachine', {namespace: 'default', key: 'zz', name: 'x'})).rejects.toThrow()
    const other = await sandbox({release: '0.17', seed: guide})
    const request = {method: 'POST', body: '{"namespace":"default","key":"zz"}'}
    const headers = {authorization: `Bearer ${other.apiKey}`}
    await other.ok('CreateNamespace', {name: 'default'})
    await expect(fetch(`${other.url}/api/v1/debug/machine`, {...request, headers})).rejects.toThrow('fetch failed')
    const lost = await other.call('RegisterMachine', {namespace: 'default', key: `nodekey:${KEY}`})
    expect(lost.message).toBe('machine not found in registration cache')
    await other.close()
  })

  test('the reply to creating a tagged key does not show its tags, the list does', async () => {
    await withOneMachine('0.17')
    const request = {namespace: 'default', aclTags: ['tag:b', 'tag:a', 'tag:b']}
    expect(await box.ok('CreatePreAuthKey', request)).toMatchObject({preAuthKey: {aclTags: []}})
    expect(await box.ok('ListPreAuthKeys', {namespace: 'default'})).toMatchObject({
      preAuthKeys: [{aclTags: ['tag:b', 'tag:a']}],
    })
  })
})
