/**
 * Users without a unique name: with no user name, or with the name of another user. test/real/sandbox/users.test.ts
 * compares how each release shows and finds them with real servers; these tests use seeds and need none.
 */
import {afterEach, describe, expect, test} from 'vitest'
import type {SeedData} from '../../src/sandbox/index.ts'
import {sandbox, type Fields, type TestSandbox} from './support/client.ts'

const IDP = 'https://idp.example.com/u'
const SEED: SeedData = {
  users: [
    {name: 'alice'},
    {displayName: 'Jane Roe', email: 'jane.roe@example.com', providerId: `${IDP}/2`},
    {providerId: `${IDP}/3`},
    {name: 'alice', email: 'alice@example.com', providerId: `${IDP}/4`},
  ],
  nodes: [
    {name: 'n1', user: 'id:1'},
    {name: 'n2', user: 'jane.roe@example.com'},
    {name: 'n3', user: `${IDP}/3`},
    {name: 'n4', user: 'alice@example.com'},
  ],
}

let box: TestSandbox
afterEach(() => box?.close())

const nodesOf = (reply: Fields) => (reply.nodes as Fields[]).map(({name, user}) => [name, (user as Fields).name])

describe.for(['0.24', '0.25', '0.26', '0.27.0', '0.27'])('on %s', (release) => {
  test('a user without a name has an empty one', async () => {
    box = await sandbox({release, seed: SEED})
    expect(await box.ok('ListUsers')).toMatchObject({
      users: [
        {id: '1', name: 'alice', email: '', providerId: '', provider: ''},
        {id: '2', name: '', displayName: 'Jane Roe', email: 'jane.roe@example.com', provider: 'oidc'},
        {id: '3', name: '', email: '', providerId: `${IDP}/3`},
        {id: '4', name: 'alice', email: 'alice@example.com'},
      ],
    })
  })

  test('the empty name as a filter lists all nodes', async () => {
    box = await sandbox({release, seed: SEED})
    expect(nodesOf(await box.ok('ListNodes', {user: ''}))).toEqual([
      ['n1', 'alice'],
      ['n2', ''],
      ['n3', ''],
      ['n4', 'alice'],
    ])
  })
})

describe.for(['0.28', '0.29'])('on %s', (release) => {
  test('a user without a name is shown by e-mail address or provider id', async () => {
    box = await sandbox({release, seed: SEED})
    const {users} = (await box.ok('ListUsers')) as {users: Fields[]}
    expect(users.map(({name}) => name)).toEqual(['alice', 'jane.roe@example.com', `${IDP}/3`, 'alice'])
    expect(nodesOf(await box.ok('ListNodes', {user: ''})).map(([, user]) => user)).toEqual(users.map(({name}) => name))
  })
})

test.for(['0.24', '0.26', '0.29'])('the text shown in place of a name finds no user on %s', async (release) => {
  box = await sandbox({release, seed: SEED})
  expect(await box.call('ListNodes', {user: 'jane.roe@example.com'})).toMatchObject({
    code: 2,
    message: 'user not found',
  })
  expect(await box.call('ListNodes', {user: 'alice'})).toMatchObject({
    code: 2,
    message: 'expected exactly one user, found 2',
  })
})

test.for(['0.24', '0.25'])('pre-auth keys name the user by e-mail address first on %s', async (release) => {
  const preAuthKeys = [{user: 'alice@example.com', key: 'k'}]
  box = await sandbox({release, seed: {users: SEED.users!.slice(1), preAuthKeys}})
  expect(await box.ok('ListPreAuthKeys', {user: 'alice'})).toMatchObject({preAuthKeys: [{user: 'alice@example.com'}]})
})

test.for([
  ['0.24', 'cannot edit OIDC user'],
  ['0.26', 'cannot edit OIDC user'],
  ['0.27', null],
  ['0.29', null],
] as const)('renaming a user of single sign-on on %s: %s', async ([release, message]) => {
  box = await sandbox({release, seed: SEED})
  const answer = await box.call('RenameUser', {oldId: '2', newName: 'jane'})
  expect(answer.code === 0 ? null : answer.message).toBe(message)
})

test.for(['0.24', '0.29'])('names are unique among the users without a provider id on %s', async (release) => {
  box = await sandbox({release, seed: {users: [{name: 'bob', providerId: `${IDP}/1`}, {name: 'carol'}]}})
  await box.ok('CreateUser', {name: 'bob'})
  expect(await box.call('CreateUser', {name: 'bob'})).toMatchObject({message: expect.stringContaining('UNIQUE')})
  expect(await box.call('RenameUser', {oldId: '2', newName: 'bob'})).toMatchObject({
    message: expect.stringContaining('UNIQUE'),
  })
})

describe('a seed is rejected', () => {
  const message = async (release: string, seed: SeedData) => {
    try {
      box = await sandbox({release, seed})
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  test.for<[string, SeedData, string]>([
    ['0.23', {users: [{email: 'a@example.com'}]}, 'invalid seed: users.0: headscale 0.23 requires a user name'],
    [
      '0.15',
      {users: [{name: 'a'}, {name: 'a', providerId: 'x'}]},
      'invalid seed: users.1: another user has the name "a"',
    ],
    ['0.24', {users: [{}, {}]}, 'invalid seed: users.1: another user without a providerId has the name ""'],
    [
      '0.29',
      {
        users: [
          {name: 'a', providerId: 'x'},
          {name: 'b', providerId: 'x'},
        ],
      },
      'invalid seed: users.1: another user has the providerId "x"',
    ],
    [
      '0.29',
      {...SEED, nodes: [{name: 'n', user: 'alice'}]},
      'invalid seed: nodes.0: ambiguous user "alice": id:1, id:4',
    ],
    ['0.29', {nodes: [{name: 'n', user: 'id:9'}]}, 'invalid seed: nodes.0: user not found: "id:9"'],
  ])('on %s: %j', async ([release, seed, expected]) => {
    expect(await message(release, seed)).toBe(expected)
  })
})
