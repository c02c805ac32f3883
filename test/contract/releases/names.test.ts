/**
 * Names that are unusual in a path, for a proxy or by the rules, on every server: every command accepts them, or rejects
 * them with the rule they break and changes nothing.
 */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../../support/fixture.ts'
import {LONG_SUITE_SERVERS} from '../../support/servers.ts'
import {routedTailnet} from '../../support/tailnets.ts'

interface Named {
  name: string
  givenName: string | null
  user: {name: string} | null
}

const LONG = 'a'.repeat(64)

/** A name and the first release that accepts it for a user; Infinity for none. */
const USER_NAMES = [
  {name: 'a.b', since: 15},
  {name: 'a/b', since: Infinity},
  {name: 'a%b', since: Infinity},
  {name: 'a%2Fb', since: Infinity},
  {name: 'aüb', since: 25},
  {name: LONG, since: 25},
]

const NODE_NAMES = ['a.b', 'a/b', 'a%b', 'a%2Fb', 'aüb', LONG]

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  const users = async () => (await server.json<Named[]>('users', 'list')).map(({name}) => name)

  test.for(USER_NAMES)('a user with the name $name works in every command, or is rejected', async ({name, since}) => {
    const {json} = server
    if (server.minor < since) {
      for (const argv of [
        ['create', name],
        ['rename', 'beta', name],
      ]) {
        const {status, stderr} = await server.run(['users', ...argv])
        expect(status).toBe(6)
        expect(stderr).toMatch(/^error: .+\nhint: .+\n$/)
      }
      expect(await users()).toEqual(['alpha', 'beta'])
      for (const argv of [
        ['users', 'destroy', name, '--force'],
        ['nodes', 'list', '--user', name],
        ['preauthkeys', 'create', '--user', name],
      ]) {
        expect((await server.run(argv)).status).toBe(3)
      }
      return
    }
    expect(await json('users', 'create', name)).toMatchObject({name})
    expect(await json('preauthkeys', 'create', '--user', name)).toMatchObject({user: {name}})
    const [key] = await json<{id: string}[]>('preauthkeys', 'list', '--user', name)
    expect(await json('preauthkeys', 'expire', '--user', name, '-i', key!.id)).toMatchObject({user: {name}})
    const {registrationKey} = await json<{registrationKey: string}>(
      'debug',
      'create-node',
      '--name',
      'guest',
      '-u',
      name,
    )
    const joined = await json<Named>('nodes', 'register', '--user', name, '--key', registrationKey)
    expect(joined).toMatchObject({name: 'guest', user: {name}})
    expect((await json<Named[]>('nodes', 'list', '--user', name)).map((node) => node.name)).toEqual(['guest'])
    await json('nodes', 'delete', '-i', 'guest', '--force')
    expect(await json('users', 'rename', name, 'plain')).toMatchObject({name: 'plain'})
    expect(await json('users', 'rename', 'plain', name)).toMatchObject({name})
    // Prints a warning about the key.
    expect(await server.run(['users', 'destroy', name, '--force', '--allow-key-loss'])).toMatchObject({status: 0})
    expect(await users()).toEqual(['alpha', 'beta'])
  })

  test.for(NODE_NAMES)('a node is renamed to %s, or the name is rejected', async (name) => {
    const before = await server.json<Named>('nodes', 'show', 'n3')
    const {status, stderr} = await server.run(['nodes', 'rename', '-i', 'n3', name])
    const after = await server.json<Named>('nodes', 'show', 'name:n3')
    if (server.minor < 16) return void expect({status, after}).toEqual({status: 8, after: before})
    if (status === 0) {
      expect(after).toEqual({...before, givenName: name})
      expect(await server.json<Named>('nodes', 'show', name)).toEqual(after)
      await server.json('nodes', 'rename', '-i', 'n3', 'n3')
    } else {
      expect({status, stderr}).toEqual({status: 6, stderr: expect.stringMatching(/^error: .+\nhint: .+\n$/)})
      expect(after).toEqual(before)
    }
    expect([name, status === 0]).toEqual([name, name === 'a.b' && server.minor <= 28])
  })

  test.for(['a.b', 'a/b', 'a%b', 'aüb', LONG])('does not find a node with the name %s', async (name) => {
    expect((await server.run(['nodes', 'show', name])).status).toBe(3)
    expect((await server.run(['nodes', 'delete', '-i', name, '--force'])).status).toBe(3)
  })
})
