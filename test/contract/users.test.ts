/** Users on every server: the same commands, JSON and errors, whether the release calls them users or namespaces. */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'

interface UserJson {
  id: string
  name: string
  createdAt: string
  displayName: string | null
  email: string | null
}

const FIELDS = ['id', 'name', 'createdAt', 'displayName', 'email', 'providerId', 'provider', 'profilePicUrl']

describe.for(SERVERS)('users of $label', (spec) => {
  const server = useFixture(spec)

  test('the list is empty at first', async () => {
    expect(await server.json('users', 'list')).toEqual([])
  })

  test('a new user is printed and listed with the same values', async () => {
    const before = Date.now()
    const made = await server.json<UserJson>('namespaces', 'create', 'default')
    expect(Object.keys(made)).toEqual(FIELDS)
    expect(made).toMatchObject({id: '1', name: 'default'})
    expect(Math.abs(Date.parse(made.createdAt) - before)).toBeLessThan(60_000)
    expect(await server.json('users', 'list')).toEqual([made])
  })

  test('the text output uses the word of the release', async () => {
    const word = server.api.server.capabilities.ownerWord === 'namespace' ? 'Namespace' : 'User'
    expect(await server.run(['users', 'create', 'second'])).toEqual({
      status: 0,
      stdout: `${word} created\n`,
      stderr: '',
    })
  })

  test('the list is sorted by id as a number', async () => {
    for (let i = 3; i <= 11; i++) await server.run(['users', 'create', `user-${i}`])
    const ids = (await server.json<UserJson[]>('users', 'list')).map(({id}) => id)
    expect(ids).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'])
  })

  test('rejects a name that exists', async () => {
    expect(await server.error('users', 'create', 'default')).toMatchObject({code: 'already-exists', exitCode: 12})
    expect(await server.api.users.list()).toHaveLength(11)
  })

  test.for(['in valid', 'a/b', 'x–y', '<b>'])('rejects the name %j', async (name) => {
    expect(await server.error('users', 'create', name)).toMatchObject({exitCode: 6})
    expect(await server.api.users.list()).toHaveLength(11)
  })

  test('stores a profile if the release has profiles, and rejects it otherwise', async () => {
    const argv = ['users', 'create', 'carson', '-d', 'Carson', '-e', 'carson@example.com']
    if (server.api.server.capabilities.userProfiles) {
      const made = await server.json<UserJson>(...argv)
      expect(made).toMatchObject({name: 'carson', displayName: 'Carson', email: 'carson@example.com'})
      return
    }
    expect(await server.error(...argv)).toMatchObject({code: 'unsupported-by-server', exitCode: 8})
    expect(await server.api.users.list()).toHaveLength(11)
    expect(await server.json<UserJson>('users', 'create', 'carson')).toMatchObject({displayName: null, email: null})
  })

  test('a dry run creates nothing', async () => {
    const before = await server.api.users.list()
    expect(await server.run(['users', 'create', 'nobody', '--dry-run'])).toEqual({
      status: 0,
      stdout: '',
      stderr: `would create ${server.api.server.capabilities.ownerWord} nobody\n`,
    })
    expect(await server.api.users.list()).toEqual(before)
  })
})
