/** Renaming and destroying users on every server: by name and by id, as users and as namespaces. */
import {beforeAll, describe, expect, test} from 'vitest'
import {SERVERS} from '../support/servers.ts'
import {useFixture} from '../support/fixture.ts'
import {smallTailnet} from '../support/tailnets.ts'

interface UserJson {
  id: string
  name: string
}

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  let word: 'Namespace' | 'User'
  beforeAll(async () => {
    word = server.word === 'namespace' ? 'Namespace' : 'User'
  })

  const json = <T>(...argv: string[]) => server.json<T>(...argv)
  const users = async () => (await json<UserJson[]>('users', 'list')).map(({name}) => name)
  const spare = async () => (await json<UserJson[]>('users', 'list')).find(({name}) => name.startsWith('spare'))!
  const done = (what: string) => ({status: 0, stdout: `${word} ${what}\n`, stderr: ''})

  test('renames a user by name or by id', async () => {
    const {id} = await spare()
    expect(await server.run(['namespaces', 'rename', 'spare', 'spare-two'])).toEqual(done('renamed'))
    expect(await json<UserJson>('users', 'rename', '-i', id, '--new-name', 'spare-three')).toMatchObject({
      id,
      name: 'spare-three',
    })
    expect(await server.run(['users', 'rename', '-n', 'spare-three', '-r', 'spare-four'])).toEqual(done('renamed'))
    expect(await server.run(['users', 'rename', `id:${id}`, 'spare'])).toEqual(done('renamed'))
    expect(await users()).toContain('spare')
  })

  test('a renamed user keeps its nodes', async () => {
    expect(await server.run(['users', 'rename', 'default', 'home'])).toEqual(done('renamed'))
    // Servers from 0.28 on show the old name in nodes until they are restarted; the id is right.
    const nodes = await json<{user: UserJson}[]>('nodes', 'list', '--user', 'home')
    expect(nodes.map(({user}) => user.id)).toEqual(['1', '1', '1', '1'])
    await server.run(['users', 'rename', 'home', 'default'])
  })

  test('rejects the name of another user', async () => {
    const before = await server.snapshot()
    const {status, stdout, stderr} = await server.run(['users', 'rename', 'spare', 'default'])
    expect([status, stdout]).toEqual([12, ''])
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/)
    expect(await server.snapshot()).toEqual(before)
  })

  test('users destroy asks, and names what is deleted with the user', async () => {
    await server.run(['preauthkeys', 'create', '-u', 'spare'])
    const before = await server.snapshot()
    const {status, stdout, stderr} = await server.run(['users', 'destroy', 'spare'], false)
    expect([status, stdout]).toEqual([9, ''])
    expect(stderr).toBe(
      'warning: 1 pre-auth key of spare will be deleted: id 1\n' +
        `? Do you want to remove the ${server.word} spare (id ${(await spare()).id}) and any associated preauthkeys?\n` +
        'error: declined; nothing was changed\nhint: run the command again and answer y, or add --force\n',
    )
    expect(await server.snapshot()).toEqual(before)
  })

  test('destroying a user deletes no other user', async () => {
    const {id} = await spare()
    const names = await users()
    expect(await server.run(['users', 'destroy', '-i', id, '--dry-run'])).toEqual({
      status: 0,
      stdout: '',
      stderr: `warning: 1 pre-auth key of spare will be deleted: id 1\nwould destroy ${server.word} spare (id ${id})\n`,
    })
    expect(await users()).toEqual(names)
    const outcome = await server.run(['namespaces', 'destroy', 'spare', '--force'])
    expect([outcome.status, outcome.stdout]).toEqual([0, `${word} destroyed\n`])
    expect(await users()).toEqual(names.filter((name) => name !== 'spare'))

    const made = await json<UserJson>('users', 'create', 'other')
    expect(await json<UserJson>('users', 'destroy', '-n', 'other', '-y')).toEqual(made)
    expect(await users()).toEqual(names.filter((name) => name !== 'spare'))
  })
})
