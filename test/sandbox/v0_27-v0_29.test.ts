/** Replies of 0.28 and 0.29: complete results, errors with code and text, and differences between the two. */
import {afterEach, describe, expect, test} from 'vitest'
import type {OperationId} from '../../src/api/operations.ts'
import type {SeedData} from '../../src/sandbox/index.ts'
import {sandbox, type Fields, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box.close())

const AUTH_ID = 'hskey-authreq-abcdefghijklmnopqrstuvwx'
const OLD_ID = 'abcdefghijklmnopqrstuvwx'
const LONG = 'a'.repeat(64)
const TAKEN = 'constraint failed: UNIQUE constraint failed: users.name (2067)'
const POLICY = '{"tagOwners": {"tag:a": [], "tag:b": []}}'

const SEED: SeedData = {
  users: [{name: 'alice', email: 'alice@example.com'}, {name: 'bob'}],
  nodes: [
    {name: 'router', user: 'alice', routes: ['10.0.0.0/24', '0.0.0.0/0', '::/0']},
    {name: 'spare', user: 'alice', routes: ['10.0.0.0/24'], online: false},
    {name: 'phone', user: 'bob'},
  ],
  pending: [{key: OLD_ID, name: 'Box of Bob.local', routes: ['10.1.0.0/24']}],
  policy: POLICY,
}

type Row = [operation: OperationId, request: Fields, code: number, message: string]

const start = async (release: string, seed: SeedData = SEED) => {
  box = await sandbox({release, seed})
}

describe('0.29', () => {
  test.each<Row>([
    ['CreateUser', {name: 'bob'}, 13, `creating user: creating user: ${TAKEN}`],
    ['RenameUser', {oldId: '9', newName: 'x'}, 2, 'user not found'],
    ['RenameUser', {oldId: '0', newName: 'x'}, 2, 'user not found'],
    ['RenameUser', {oldId: '1', newName: 'bob'}, 2, `updating user: ${TAKEN}`],
    ['RenameUser', {oldId: '1', newName: ''}, 2, 'expected exactly one user, found 2'],
    ['DeleteUser', {id: '9'}, 2, 'user not found'],
    ['DeleteUser', {id: '1'}, 2, 'user not empty: node(s) found'],
    ['ListNodes', {user: 'nope'}, 2, 'user not found'],
    ['GetNode', {nodeId: '9'}, 5, 'node not found'],
    ['GetNode', {nodeId: '0'}, 5, 'node not found'],
    ['DeleteNode', {nodeId: '9'}, 5, 'node not found'],
    ['DeleteNode', {nodeId: '0'}, 5, 'node not found'],
    ['ExpireNode', {nodeId: '9'}, 2, 'node no longer exists in NodeStore: 9'],
    [
      'ExpireNode',
      {nodeId: '1', disableExpiry: true, expiry: '2030-01-01T00:00:00Z'},
      3,
      'cannot set both disable_expiry and expiry',
    ],
    ['RenameNode', {nodeId: '9', newName: 'x'}, 2, 'node no longer exists in NodeStore: 9'],
    ['RenameNode', {nodeId: '1', newName: 'phone'}, 2, 'node name is not unique: phone'],
    ['RenameNode', {nodeId: '9', newName: ''}, 2, 'renaming node: "" is not a valid DNS label: empty DNS label'],
    [
      'RenameNode',
      {nodeId: '1', newName: 'a.b'},
      2,
      'renaming node: "a.b" is not a valid DNS label: "a.b" is not a valid DNS label: contains invalid character \'.\'',
    ],
    [
      'RenameNode',
      {nodeId: '1', newName: '-a'},
      2,
      'renaming node: "-a" is not a valid DNS label: "-a" is not a valid DNS label: must start with a letter or number',
    ],
    [
      'RenameNode',
      {nodeId: '1', newName: 'a-'},
      2,
      'renaming node: "a-" is not a valid DNS label: "a-" is not a valid DNS label: must end with a letter or number',
    ],
    [
      'RenameNode',
      {nodeId: '1', newName: LONG},
      2,
      `renaming node: "${LONG}" is not a valid DNS label: "${LONG}" is too long, max length is 63 bytes`,
    ],
    [
      'SetTags',
      {nodeId: '9', tags: []},
      3,
      'cannot remove all tags from a node - tagged nodes must have at least one tag',
    ],
    ['SetTags', {nodeId: '9', tags: ['x']}, 2, "tag must start with the string 'tag:'"],
    ['SetTags', {nodeId: '1', tags: ['tag:A']}, 2, 'tag should be lowercase'],
    ['SetTags', {nodeId: '1', tags: ['tag:a b']}, 2, 'tags must not contain spaces'],
    ['SetTags', {nodeId: '9', tags: ['tag:a']}, 5, 'node not found'],
    [
      'SetTags',
      {nodeId: '1', tags: ['tag:a', 'tag:y', 'tag:z']},
      3,
      'requested tags [tag:y tag:z] are invalid or not permitted',
    ],
    ['SetApprovedRoutes', {nodeId: '9', routes: []}, 3, 'node no longer exists in NodeStore: 9'],
    ['SetApprovedRoutes', {nodeId: '9', routes: ['x']}, 2, 'parsing route: netip.ParsePrefix("x"): no \'/\''],
    ['RegisterNode', {user: 'nope', key: OLD_ID}, 2, 'auth ID has invalid prefix: expected prefix "hskey-authreq-"'],
    ['AuthRegister', {user: 'nope', authId: 'hskey-authreq-x'}, 2, 'auth ID has invalid length: expected 38, got 15'],
    ['AuthRegister', {user: 'nope', authId: AUTH_ID}, 2, 'looking up user: user not found'],
    ['AuthRegister', {user: '', authId: AUTH_ID}, 2, 'looking up user: expected exactly one user, found 2'],
    [
      'AuthRegister',
      {user: 'bob', authId: `hskey-authreq-${'0'.repeat(24)}`},
      2,
      'node not found in registration cache',
    ],
    ['AuthApprove', {authId: 'x'}, 3, 'invalid auth_id: auth ID has invalid prefix: expected prefix "hskey-authreq-"'],
    [
      'AuthReject',
      {authId: `hskey-authreq-${'0'.repeat(24)}`},
      5,
      `no pending auth session for auth_id hskey-authreq-${'0'.repeat(24)}`,
    ],
    ['DebugCreateNode', {user: 'nope', key: AUTH_ID, name: 'x'}, 2, 'user not found'],
    [
      'DebugCreateNode',
      {user: 'bob', key: OLD_ID, name: 'x'},
      2,
      'auth ID has invalid prefix: expected prefix "hskey-authreq-"',
    ],
    ['BackfillNodeIPs', {}, 2, 'not confirmed, aborting'],
    ['CreatePreAuthKey', {}, 2, 'auth-key must be either tagged or owned by user'],
    ['CreatePreAuthKey', {user: '9'}, 2, 'user not found'],
    ['CreatePreAuthKey', {user: '9', aclTags: ['x']}, 3, "tag must start with the string 'tag:'"],
    ['ExpireApiKey', {}, 3, 'must provide id or prefix'],
    ['ExpireApiKey', {id: '1', prefix: 'x'}, 3, 'provide either id or prefix, not both'],
    ['ExpireApiKey', {id: '9'}, 2, 'record not found'],
    ['DeleteApiKey', {prefix: 'nope'}, 2, 'record not found'],
    ['DeleteApiKey', {prefix: 'hskey-api-short'}, 2, 'failed to parse ApiKey: prefix too short'],
    [
      'SetPolicy',
      {policy: '{\n'},
      2,
      'setting policy: parsing policy: parsing HuJSON: hujson: line 2, column 1: parsing value: unexpected EOF',
    ],
    ['SetPolicy', {policy: '{"foo": 1}'}, 2, 'setting policy: parsing policy: unknown field: "foo"'],
    ['CheckPolicy', {policy: '{"foo": 1}'}, 3, 'parsing policy: unknown field: "foo"'],
    ['ListUsers', {}, 0, ''],
    ['MoveNode', {nodeId: '1', user: '2'}, 12, 'unknown method MoveNode for service headscale.v1.HeadscaleService'],
  ])('%s %o is answered with %i', async (operation, request, code, message) => {
    await start('0.29')
    expect(await box.call(operation, request)).toMatchObject({code, message})
  })

  test('a policy that is not set is an error', async () => {
    await start('0.29', {})
    expect(await box.call('GetPolicy')).toMatchObject({
      code: 2,
      message: 'loading ACL from database: acl policy not found',
    })
    await box.ok('SetPolicy', {policy: ''})
    expect(await box.ok('GetPolicy')).toEqual({policy: '', updatedAt: '2022-03-09T06:12:06.000Z'})
  })

  test('comments and trailing commas are part of a policy and kept', async () => {
    await start('0.29')
    const policy = '{\n  // who may tag\n  "tagOwners": {"tag:web": ["alice@",],}, /* no more */\n}'
    expect(await box.ok('SetPolicy', {policy})).toMatchObject({policy})
    await box.ok('SetTags', {nodeId: '1', tags: ['tag:web']})
  })

  test('a complete node of a client', async () => {
    await start('0.29')
    const {node} = await box.ok('AuthRegister', {user: 'bob', authId: AUTH_ID})
    await expect(JSON.stringify(node, null, 1)).toMatchFileSnapshot('golden/node-0.29.json')
  })

  test('DNS names come from the host name, with a number if the name is taken', async () => {
    await start('0.29', {users: [{name: 'bob'}]})
    const names: unknown[] = []
    for (const name of ['Web Box.local', 'web_box', 'WEB@BOX', '__']) {
      await box.ok('DebugCreateNode', {user: 'bob', key: AUTH_ID, name})
      const {node} = (await box.ok('AuthRegister', {user: 'bob', authId: AUTH_ID})) as {node: Fields}
      names.push(node.givenName)
    }
    expect(names).toEqual(['web-box', 'web-box-1', 'web-box-2', 'node'])
  })

  test('the reply to a debug registration has its routes, the node has none', async () => {
    await start('0.29')
    const request = {user: 'bob', key: AUTH_ID, name: 'x', routes: ['10.0.0.0/24']}
    expect(await box.ok('DebugCreateNode', request)).toMatchObject({
      node: {id: '0', availableRoutes: ['10.0.0.0/24'], expiry: '0001-01-01T00:00:00.000Z'},
    })
    const {node} = (await box.ok('RegisterNode', {user: 'alice', key: AUTH_ID})) as {node: Fields}
    expect(node).toMatchObject({
      user: {name: 'alice'},
      availableRoutes: [],
      online: false,
      expiry: '0001-01-01T00:00:00.000Z',
      discoKey: `discokey:${'0'.repeat(64)}`,
    })
    expect(await box.call('RegisterNode', {user: 'alice', key: AUTH_ID})).toMatchObject({
      message: 'node not found in registration cache',
    })
  })

  test('approving replaces the list, one exit route means both, and order is by address', async () => {
    await start('0.29')
    const routes = ['10.9.0.5/24', '::/0', '10.0.0.0/24', '10.0.0.0/24']
    expect(await box.ok('SetApprovedRoutes', {nodeId: '1', routes})).toMatchObject({
      node: {
        approvedRoutes: ['0.0.0.0/0', '10.0.0.0/24', '10.9.0.5/24', '::/0'],
        subnetRoutes: ['10.0.0.0/24'],
      },
    })
    expect(((await box.ok('ListNodes')) as {nodes: Fields[]}).nodes[0]!.subnetRoutes).toEqual([
      '10.0.0.0/24',
      '0.0.0.0/0',
      '::/0',
    ])
    expect(await box.ok('SetApprovedRoutes', {nodeId: '1'})).toMatchObject({node: {approvedRoutes: []}})
  })

  test('an offline node serves nothing, and of two nodes the first serves', async () => {
    await start('0.29')
    const served = async () =>
      ((await box.ok('ListNodes')) as {nodes: Fields[]}).nodes.map(({subnetRoutes}) => subnetRoutes)
    await box.ok('SetApprovedRoutes', {nodeId: '2', routes: ['10.0.0.0/24']})
    expect(await served()).toEqual([[], [], []])
    await box.ok('SetApprovedRoutes', {nodeId: '1', routes: ['10.0.0.0/24']})
    expect(await served()).toEqual([['10.0.0.0/24'], [], []])
  })

  test('tagging removes the user of a node', async () => {
    await start('0.29')
    const tags = ['tag:b', 'tag:a', 'tag:b']
    expect(await box.ok('SetTags', {nodeId: '3', tags})).toMatchObject({node: {user: null, tags: ['tag:a', 'tag:b']}})
    const {nodes} = (await box.ok('ListNodes')) as {nodes: Fields[]}
    expect(nodes[2]!.user).toMatchObject({id: '2147455555', name: 'tagged-devices', displayName: 'Tagged Devices'})
    expect(await box.ok('ListNodes', {user: 'bob'})).toEqual({nodes: []})
    await box.ok('DeleteUser', {id: '2'})
  })

  test('expiry: now, a given time, never', async () => {
    await start('0.29')
    const expiry = async (request: Fields) =>
      ((await box.ok('ExpireNode', {nodeId: '1', ...request})) as {node: Fields}).node.expiry
    expect(await expiry({})).toBe('2022-03-09T06:12:06.000Z')
    expect(await expiry({expiry: '2030-01-01T00:00:00.000Z'})).toBe('2030-01-01T00:00:00.000Z')
    expect(await expiry({disableExpiry: true})).toBeNull()
  })

  test('users are filtered by name, else by email, else by id', async () => {
    await start('0.29')
    const names = async (request: Fields) =>
      ((await box.ok('ListUsers', request)) as {users: Fields[]}).users.map(({name}) => name)
    expect(await names({})).toEqual(['alice', 'bob'])
    expect(await names({name: 'bob', id: '1', email: 'alice@example.com'})).toEqual(['bob'])
    expect(await names({id: '2', email: 'alice@example.com'})).toEqual(['alice'])
    expect(await names({id: '2'})).toEqual(['bob'])
    expect(await names({id: '9'})).toEqual([])
  })

  test('a user may have the empty name: it is shown as the id, and finds the user if there is only one', async () => {
    await start('0.29', {})
    expect(await box.ok('CreateUser', {name: ''})).toMatchObject({user: {id: '1', name: '1'}})
    expect(await box.call('ListNodes', {user: '1'})).toMatchObject({message: 'user not found'})
    await box.ok('DebugCreateNode', {user: '', key: AUTH_ID, name: 'x'})
  })

  test('pre-auth keys show the secret once, are masked afterwards, and are identified by id', async () => {
    await start('0.29')
    const {preAuthKey} = (await box.ok('CreatePreAuthKey', {user: '1', aclTags: ['tag:b', 'tag:a', 'tag:b']})) as {
      preAuthKey: Fields
    }
    expect(preAuthKey).toMatchObject({
      id: '1',
      key: expect.stringMatching(/^hskey-auth-[\w-]{12}-[\w-]{64}$/),
      user: {name: 'alice'},
      aclTags: ['tag:a', 'tag:b'],
      expiration: '0001-01-01T00:00:00.000Z',
    })
    await box.ok('CreatePreAuthKey', {aclTags: ['tag:new']})
    await box.ok('ExpirePreAuthKeyById', {id: '2'})
    await box.ok('ExpirePreAuthKeyById', {id: '9'})
    const masked = `${String(preAuthKey.key).slice(0, 23)}-***`
    expect(await box.ok('ListAllPreAuthKeys')).toMatchObject({
      preAuthKeys: [
        {key: masked, user: {name: 'alice'}},
        {user: null, expiration: '2022-03-09T06:12:06.000Z'},
      ],
    })
    await box.ok('DeletePreAuthKey', {id: '1'})
    await box.ok('DeletePreAuthKey', {id: '9'})
    expect(((await box.ok('ListAllPreAuthKeys')) as {preAuthKeys: []}).preAuthKeys).toHaveLength(1)
  })

  test('API keys are found by id, by prefix and by the masked form in lists', async () => {
    await start('0.29')
    for (let count = 0; count < 3; count++) await box.ok('CreateApiKey')
    const prefixes = async () =>
      ((await box.ok('ListApiKeys')) as {apiKeys: Fields[]}).apiKeys.map(({prefix}) => String(prefix))
    const [own, second, third, last] = await prefixes()
    expect(second).toMatch(/^hskey-api-[\w-]{12}-\*\*\*$/)
    await box.ok('DeleteApiKey', {prefix: second!})
    await box.ok('DeleteApiKey', {prefix: third!.slice('hskey-api-'.length, -4)})
    await box.ok('DeleteApiKey', {id: '4'})
    expect([await prefixes(), last]).toEqual([[own], expect.any(String)])
  })

  test('nodes without an address get one', async () => {
    await start('0.29', {
      nodes: [
        {name: 'a', user: 'u'},
        {name: 'b', user: 'u', ip: []},
      ],
    })
    expect(await box.ok('BackfillNodeIPs', {confirmed: true})).toEqual({
      changes: ['assigned IPv4 "10.1.0.2" to Node(2) "b"'],
    })
    expect(await box.ok('BackfillNodeIPs', {confirmed: true})).toEqual({changes: []})
  })

  test('the address of a deleted node is not reused', async () => {
    await start('0.29')
    await box.ok('DeleteNode', {nodeId: '3'})
    expect(await box.ok('AuthRegister', {user: 'bob', authId: AUTH_ID})).toMatchObject({
      node: {id: '4', ipAddresses: ['10.1.0.4']},
    })
  })

  test('health', async () => {
    await start('0.29')
    expect(await box.ok('Health')).toEqual({databaseConnectivity: true})
  })
})

describe('0.28', () => {
  test.each<Row>([
    ['CreateUser', {name: 'bob'}, 13, `failed to create user: creating user: ${TAKEN}`],
    ['RegisterNode', {user: 'bob', key: 'x'}, 2, 'registration ID must be 24 characters long'],
    ['SetTags', {nodeId: '1', tags: ['tag:a b']}, 2, 'tag should not contains space'],
    [
      'RenameNode',
      {nodeId: '1', newName: 'x'},
      2,
      'renaming node: hostname "x" is too short, must be at least 2 characters',
    ],
    [
      'RenameNode',
      {nodeId: '1', newName: LONG},
      2,
      `renaming node: hostname "${LONG}" is too long, must not exceed 63 characters`,
    ],
    ['RenameNode', {nodeId: '1', newName: 'AB'}, 2, 'renaming node: hostname "AB" must be lowercase (try "ab")'],
    ['RenameNode', {nodeId: '1', newName: '-a'}, 2, 'renaming node: hostname "-a" cannot start or end with a hyphen'],
    ['RenameNode', {nodeId: '1', newName: 'a.'}, 2, 'renaming node: hostname "a." cannot start or end with a dot'],
    [
      'RenameNode',
      {nodeId: '1', newName: 'a b'},
      2,
      'renaming node: hostname "a b" contains invalid characters, only lowercase letters, numbers, hyphens and dots are allowed',
    ],
    [
      'AuthRegister',
      {user: 'bob', authId: AUTH_ID},
      12,
      'unknown method AuthRegister for service headscale.v1.HeadscaleService',
    ],
    ['CheckPolicy', {}, 12, 'unknown method CheckPolicy for service headscale.v1.HeadscaleService'],
  ])('%s %o is rejected with %i', async (operation, request, code, message) => {
    await start('0.28')
    expect(await box.call(operation, request)).toMatchObject({code, message})
  })

  test('disable_expiry is ignored, so the node expires', async () => {
    await start('0.28')
    expect(await box.ok('ExpireNode', {nodeId: '1', disableExpiry: true})).toMatchObject({
      node: {expiry: '2022-03-09T06:12:06.000Z'},
    })
  })

  test('deleting any user deletes the pre-auth keys of everybody', async () => {
    await start('0.28', {users: [{name: 'alice'}, {name: 'bob'}], preAuthKeys: [{user: 'alice'}, {user: 'alice'}]})
    await box.ok('DeleteUser', {id: '2'})
    expect(await box.ok('ListAllPreAuthKeys')).toEqual({preAuthKeys: []})
  })

  test('a tagged node keeps the user who made it, who then cannot be deleted', async () => {
    await start('0.28')
    expect(await box.ok('SetTags', {nodeId: '3', tags: ['tag:a']})).toMatchObject({node: {user: {name: 'bob'}}})
    expect(await box.call('DeleteUser', {id: '2'})).toMatchObject({message: 'user not empty: node(s) found'})
    expect(((await box.ok('ListNodes')) as {nodes: Fields[]}).nodes[2]!.user).toMatchObject({name: 'tagged-devices'})
  })

  test('an offline node serves what is approved; a debug registration keeps its routes', async () => {
    await start('0.28')
    await box.ok('DebugCreateNode', {user: 'bob', key: 'x'.repeat(24), name: 'x', routes: ['10.7.0.0/24']})
    const {node} = (await box.ok('RegisterNode', {user: 'bob', key: 'x'.repeat(24)})) as {node: Fields}
    expect(node).toMatchObject({availableRoutes: ['10.7.0.0/24'], online: false})
    expect(await box.ok('SetApprovedRoutes', {nodeId: node.id, routes: ['10.7.0.0/24']})).toMatchObject({
      node: {subnetRoutes: ['10.7.0.0/24']},
    })
  })
})
