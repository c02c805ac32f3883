/** Replies of 0.23 to 0.27 that differ between releases: names, ids, rejected policies, keys, node 0. */
import {afterEach, describe, expect, test} from 'vitest'
import type {OperationId} from '../../src/api/operations.ts'
import type {SeedData} from '../../src/sandbox/index.ts'
import {rest, sandbox, type Fields, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box.close())

const MKEY = `mkey:${'ab'.repeat(32)}`
const ID = 'abcdefghijklmnopqrstuvwx'
const SEED: SeedData = {
  users: [{name: 'alice'}, {name: 'bob', email: 'bob@example.com'}],
  nodes: [
    {name: 'gate', user: 'alice', routes: ['10.0.0.0/24'], tags: ['tag:b', 'tag:a']},
    {name: 'nas', user: 'bob', online: false},
  ],
  pending: [{key: 'ab'.repeat(32), name: 'Na_Me'}],
  preAuthKeys: [{user: 'bob', key: 'k'.repeat(48), expiration: '2022-03-09T06:12:05Z'}],
}

const start = async (release: string) => {
  box = await sandbox({release, seed: SEED})
}
const serverError = async (operation: OperationId, request: Fields) => {
  const {code, message} = await box.call(operation, request)
  return `${code} ${message}`
}

test.each(['0.23', '0.24', '0.26', '0.27'])('the complete list of nodes on %s', async (release) => {
  await start(release)
  const {text} = await rest(box, 'GET /api/v1/node')
  await expect(JSON.stringify(JSON.parse(text), null, 1)).toMatchFileSnapshot(`golden/nodes-${release}.json`)
})

describe('registration', () => {
  test.each([
    ['0.23', MKEY, 'na-me'],
    ['0.24', MKEY, 'na-me'],
    ['0.25', 'ab'.repeat(12), 'name'],
    ['0.26', 'ab'.repeat(12), 'name'],
    ['0.28', 'ab'.repeat(12), expect.stringMatching(/^invalid-[a-z0-9]{8}$/)],
  ])('a client of the seed on %s', async (release, key, givenName) => {
    await start(release)
    expect(await box.ok('RegisterNode', {user: 'alice', key})).toMatchObject({node: {id: '3', givenName}})
    expect(await serverError('RegisterNode', {user: 'alice', key})).toBe('2 node not found in registration cache')
  })

  test.each([
    ['0.23', MKEY.replace('ab', 'cd'), 'failed to find user in register node from auth callback, user not found', true],
    ['0.24', MKEY, 'looking up user: user not found', false],
    ['0.26', ID, 'looking up user: user not found', false],
  ])('an unknown user on %s', async (release, key, message, needsPending) => {
    await start(release)
    if (needsPending) await box.ok('DebugCreateNode', {user: 'alice', key, name: 'x'})
    expect(await serverError('RegisterNode', {user: 'nope', key})).toBe(`2 ${message}`)
  })

  test('a failed attempt uses up an address', async () => {
    await start('0.25')
    await serverError('RegisterNode', {user: 'alice', key: ID})
    const reply = await box.ok('RegisterNode', {user: 'alice', key: 'ab'.repeat(12)})
    expect(reply).toMatchObject({node: {ipAddresses: ['10.1.0.4']}})
  })
})

describe('users', () => {
  test.each([
    ['0.24', 'Bad', "DNS segment should be lowercase. Bad doesn't comply with this rule: invalid user name"],
    ['0.25', 'x', 'username must be at least 2 characters long'],
    ['0.26', '1x', 'username cannot start with a number'],
    ['0.26', 'a@b@c', "username cannot contain more than one '@'"],
    ['0.25', 'a!b', "username contains invalid character: '!'"],
    ['0.26', 'alice', 'creating user: constraint failed: UNIQUE constraint failed: users.name (2067)'],
  ])('on %s the user name %j is rejected', async (release, name, message) => {
    await start(release)
    expect(await serverError('CreateUser', {name})).toBe(`2 ${message}`)
  })

  test('are sorted by their ids as texts on 0.23', async () => {
    box = await sandbox({
      release: '0.23',
      seed: {users: Array.from({length: 11}, (_, index) => ({name: `u${index + 1}`}))},
    })
    const {users} = (await box.ok('ListUsers')) as {users: Fields[]}
    expect(users.map(({id}) => id)).toEqual(['1', '10', '11', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  test('are shown by e-mail address in keys of 0.24 and 0.25, which requests do not accept', async () => {
    await start('0.25')
    expect(await box.ok('ListPreAuthKeys', {user: 'bob'})).toMatchObject({preAuthKeys: [{user: 'bob@example.com'}]})
    const request = {user: 'bob@example.com', key: 'k'.repeat(48)}
    expect(await serverError('ExpirePreAuthKey', request)).toBe('2 preauth key does not belong to user')
  })
})

test('an expired key can be expired again since 0.25 only', async () => {
  await start('0.24')
  expect(await serverError('ExpirePreAuthKey', {user: 'bob', key: 'k'.repeat(48)})).toBe('2 AuthKey expired')
  await box.close()
  await start('0.25')
  await box.ok('ExpirePreAuthKey', {user: 'bob', key: 'k'.repeat(48)})
})

describe('node 0', () => {
  test.each(['0.23', '0.24', '0.25', '0.26'])(
    'means the first node on %s: it is shown, not changed, but deleted',
    async (release) => {
      await start(release)
      expect(await box.ok('GetNode', {nodeId: '0'})).toMatchObject({node: {id: '1'}})
      expect(await box.ok('ExpireNode', {nodeId: '0'})).toMatchObject({node: {id: '1', expiry: null}})
      expect(await box.ok('RenameNode', {nodeId: '0', newName: 'zero'})).toMatchObject({node: {givenName: 'gate'}})
      await box.ok('DeleteNode', {nodeId: '0'})
      expect(await serverError('GetNode', {nodeId: '1'})).toBe('2 record not found')
    },
  )

  test('does not exist on 0.27', async () => {
    await start('0.27')
    expect(await serverError('GetNode', {nodeId: '0'})).toBe('5 node not found')
    expect(await serverError('ExpireNode', {nodeId: '0'})).toBe('2 node not found in NodeStore: 0')
  })
})

describe('a rejected policy', () => {
  const bad = '{"acls":[{"action":"drop","src":["*"],"dst":["*:*"]}]}'
  const good = '{"acls":[{"action":"accept","src":["*"],"dst":["*:*"]}]}'

  test.each(['0.24', '0.25', '0.26'])('makes changes on %s fail until a valid policy is set', async (release) => {
    await start(release)
    const fault = 'compiling filter rules: invalid action'
    expect(await serverError('SetPolicy', {policy: bad})).toBe(`2 setting policy: ${fault}`)
    expect(await serverError('GetPolicy', {})).toBe('2 loading ACL from database: acl policy not found')
    expect(await serverError('CreateUser', {name: 'carol'})).toBe(`2 updating resources using user: ${fault}`)
    expect(await serverError('DeleteUser', {id: '3'})).toBe(`2 updating resources using user: ${fault}`)
    const key = release === '0.24' ? MKEY : 'ab'.repeat(12)
    expect(await serverError('RegisterNode', {user: 'alice', key})).toBe(`2 updating resources using node: ${fault}`)
    expect(await box.ok('GetNode', {nodeId: '3'})).toMatchObject({node: {name: 'Na_Me'}})
    await box.ok('SetTags', {nodeId: '1', tags: ['tag:c']})
    await box.ok('SetPolicy', {policy: good})
    await box.ok('CreateUser', {name: 'dave'})
  })

  test('has no effect on 0.23', async () => {
    await start('0.23')
    expect(await serverError('SetPolicy', {policy: bad})).toBe('2 verifying policy rules: invalid action')
    await box.ok('CreateUser', {name: 'carol'})
  })

  test('a policy with only tag owners counts as empty up to 0.25', async () => {
    await start('0.25')
    const policy = '{"tagOwners":{"tag:x":[]}}'
    expect(await serverError('SetPolicy', {policy})).toBe('2 setting policy: parsing policy: empty policy')
    await box.close()
    await start('0.26')
    await box.ok('SetPolicy', {policy})
  })

  test('the empty text is rejected by 0.23 and stored by 0.25', async () => {
    await start('0.23')
    expect(await serverError('SetPolicy', {policy: ''})).toMatch(
      /^2 loading ACL policy file: parsing hujson, err: hujson/,
    )
    await box.close()
    await start('0.25')
    await box.ok('SetPolicy', {policy: ''})
    expect(await box.ok('GetPolicy')).toMatchObject({policy: ''})
  })
})

test.each([
  ['0.25', ['tag:b', 'tag:a']],
  ['0.26', ['tag:a', 'tag:b']],
  ['0.27', ['tag:b', 'tag:a', 'tag:b']],
])('tags on %s come back as %j', async (release, forcedTags) => {
  await start(release)
  expect(await box.ok('SetTags', {nodeId: '2', tags: ['tag:b', 'tag:a', 'tag:b']})).toMatchObject({node: {forcedTags}})
})

test('the time of an expiry is ignored before 0.27.1', async () => {
  for (const [release, expiry] of [
    ['0.27.0', '2022-03-09T06:12:06.000Z'],
    ['0.27.1', '2040-01-01T00:00:00.000Z'],
  ]) {
    box = await sandbox({release, seed: SEED})
    expect(await box.ok('ExpireNode', {nodeId: '1', expiry: '2040-01-01T00:00:00Z'})).toMatchObject({node: {expiry}})
    if (release === '0.27.0') await box.close()
  }
})

test('MoveNode reads the user from the query on 0.23 and from the body later', async () => {
  await start('0.23')
  expect((await rest(box, 'POST /api/v1/node/1/user?user=bob')).status).toBe(200)
  expect((await rest(box, 'POST /api/v1/node/1/user', '{"user":"bob"}')).text).toContain('user not found')
  await box.close()
  await start('0.26')
  expect((await rest(box, 'POST /api/v1/node/1/user?user=2')).text).toContain('user not found')
  expect((await rest(box, 'POST /api/v1/node/1/user', '{"user":"2"}')).status).toBe(200)
})
