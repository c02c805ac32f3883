/**
 * Requests that do harm on some releases are not sent to any server. Each case is a command line that an operator may
 * type; the tests check the requests and the state of the server afterwards.
 *
 * What the releases do with such requests was found by sending them: node id 0 is the first node of the database (up to
 * 0.26), an empty user name matches any user (0.24+), a key without an expiration is expired from the start, an unknown
 * field is ignored without an error, a set of routes replaces the previous one.
 */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../../support/fixture.ts'
import {LONG_SUITE_SERVERS} from '../../support/servers.ts'
import {routedTailnet} from '../../support/tailnets.ts'

interface Key {
  id: string
  key: string
  user: {name: string} | null
  expiration: string
}

const HOUR = 3600 * 1000

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  /** Runs a command line and expects this exit status and no request that changes something. */
  async function withoutChange(status: number, ...argv: string[]): Promise<string> {
    server.recorder.changes()
    const outcome = await server.run(argv)
    expect({line: argv, status: outcome.status, stdout: outcome.stdout}).toEqual({line: argv, status, stdout: ''})
    expect({line: argv, changes: server.recorder.changes()}).toEqual({line: argv, changes: []})
    return outcome.stderr
  }

  /** Runs a command line and expects exactly this number of requests that change something. */
  async function changing(count: number, ...argv: string[]) {
    server.recorder.changes()
    const outcome = await server.run(argv)
    expect({line: argv, changes: server.recorder.changes().map(({call}) => call)}).toEqual({
      line: argv,
      changes: Array.from({length: count}, () => expect.any(String)),
    })
    return outcome
  }

  const keys = () => server.json<Key[]>('preauthkeys', 'list')
  const nodeNames = async () => (await server.json<{name: string}[]>('nodes', 'list')).map(({name}) => name)
  const newKey = async (user: string) => (await server.json<Key>('preauthkeys', 'create', '-u', user)).key
  const live = (key: Key) => new Date(key.expiration).getTime() > Date.now() + HOUR / 2

  test.for([
    ['nodes', 'show', '0'],
    ['nodes', 'delete', '-i', '0', '--force'],
    ['nodes', 'delete', '-i', 'id:0', '--force'],
    ['nodes', 'expire', '-i', '0'],
    ['nodes', 'rename', '-i', '0', 'fresh'],
    ['nodes', 'tag', '-i', '0', '-t', 'tag:ci'],
    ['nodes', 'move', '-i', '0', '-u', 'beta'],
    ['nodes', 'approve-routes', '-i', '0', '-r', ''],
    ['routes', 'list', '-i', '0'],
    ['routes', 'enable', '-i', '0', '--all'],
    ['routes', 'disable', '-i', '0', '--all'],
    ['users', 'destroy', '-i', '0', '--force'],
    ['preauthkeys', 'expire', '-i', '0'],
    ['apikeys', 'expire', '-i', '0'],
  ])('finds nothing with the id 0: %o', async (argv) => {
    await withoutChange(3, ...argv)
    expect(await nodeNames()).toEqual(['n1', 'n2', 'n3'])
  })

  test.for([
    ['nodes', 'list', '--user', ''],
    ['nodes', 'register', '--user', '', '--key', 'x'],
    ['nodes', 'delete', '-i', '', '--force'],
    ['nodes', 'delete', '-i', 'id:', '--force'],
    ['nodes', 'rename', '-i', 'n1', ''],
    ['nodes', 'tag', '-i', 'n1', '-t', ''],
    ['nodes', 'tag', '-i', 'n1'],
    ['users', 'create', ''],
    ['users', 'rename', 'alpha', ''],
    ['users', 'destroy', '', '--force'],
    ['users', 'destroy', '-n', '', '--force'],
    ['users', 'destroy', 'name:', '--force'],
    ['users', 'destroy', '--force'],
    ['preauthkeys', 'create', '--user', ''],
    ['preauthkeys', 'create'],
    ['preauthkeys', 'expire'],
    ['apikeys', 'expire', '--prefix', ''],
    ['routes', 'enable', '-i', 'n1', '-r', ''],
    ['routes', 'enable', '-i', 'n1'],
    ['routes', 'disable', '-i', 'n1'],
  ])('rejects an empty or missing value: %o', async (argv) => {
    await withoutChange(2, ...argv)
  })

  test('does not send a registration key in another form, which crashes some servers', async () => {
    for (const key of ['nodekey:12', 'nope', 'ab'.repeat(20), `privkey:${'ab'.repeat(32)}`]) {
      await withoutChange(2, 'debug', 'create-node', '--name', 'x', '-u', 'alpha', '--key', key)
      await withoutChange(2, 'nodes', 'register', '-u', 'alpha', '--key', key)
    }
    // The process of a real server still runs.
    expect(server.server.real?.alive() ?? true).toBe(true)
  })

  test('a dry run changes nothing', async () => {
    for (const argv of [
      ['users', 'create', 'gamma'],
      ['users', 'destroy', 'beta'],
      ['nodes', 'delete', '-i', 'n3'],
      ['nodes', 'expire', '-i', 'n3'],
      ['routes', 'enable', '-i', 'n1', '--all'],
      ['nodes', 'approve-routes', '-i', 'n1', '-r', '10.0.0.0/24'],
      ['preauthkeys', 'create', '-u', 'beta'],
      ['apikeys', 'create'],
    ]) {
      expect(await withoutChange(0, ...argv, '--dry-run')).toMatch(/^(dry run: )?would .*\n$/m)
    }
  })

  test('registers a client only once', async () => {
    const {registrationKey} = await server.json<{registrationKey: string}>(
      ...['debug', 'create-node', '--name', 'twin', '-u', 'alpha'],
    )
    await changing(1, 'nodes', 'register', '-u', 'alpha', '--key', registrationKey)
    const again = ['nodes', 'register', '-u', 'alpha', '--key', registrationKey]
    // Up to 0.22 the server would store it twice; later releases have forgotten the key.
    if (server.minor <= 22 && server.minor >= 17) await withoutChange(12, ...again)
    else expect((await server.run([...again])).status).not.toBe(0)
    expect(await nodeNames()).toEqual(['n1', 'n2', 'n3', 'twin'])
    await changing(1, 'nodes', 'delete', '-i', 'twin', '--force')
  })

  test('keys without --expiration are not expired', async () => {
    const [pre, api] = [await newKey('alpha'), await server.json<Key>('apikeys', 'create')]
    expect((await keys()).filter(live)).toHaveLength(1)
    expect(pre).not.toBe('')
    expect(new Date(api.expiration).getTime()).toBeGreaterThan(Date.now() + 80 * 24 * HOUR)
  })

  test('expiring a key never expires the key of another user or with another id', async () => {
    const secrets = [await newKey('beta'), await newKey('beta'), await newKey('alpha')]
    const before = await keys()
    // beta is user 2: on 0.28 and later a request with the user id would expire key 2.
    await changing(1, 'preauthkeys', 'expire', '-u', 'beta', secrets[1]!)
    const dead = (await keys()).filter((key) => !live(key))
    expect(dead.map(({id}) => id)).toEqual([before.at(-2)!.id])
    await changing(1, 'preauthkeys', 'expire', '-i', before.at(-1)!.id)
    expect((await keys()).filter(live).map(({user}) => user!.name)).toEqual(['alpha', 'beta'])
    const ofBeta = await server.json<Key[]>('preauthkeys', 'list', '-u', 'beta')
    expect(ofBeta.map(({user}) => user!.name)).toEqual(['beta', 'beta'])
    await withoutChange(3, 'preauthkeys', 'expire', '-i', '99')
    await withoutChange(3, 'preauthkeys', 'expire', '-u', 'alpha', secrets[0]!)
  })

  test('a key with a user and tags keeps its user', async () => {
    if (server.minor < 17)
      return void (await withoutChange(8, 'preauthkeys', 'create', '-u', 'beta', '--tags', 'tag:ci'))
    await changing(1, 'preauthkeys', 'create', '-u', 'beta', '--tags', 'tag:ci')
    expect((await keys()).at(-1)!.user!.name).toBe('beta')
  })

  test('does not ask the server to destroy a user with nodes', async () => {
    expect(await withoutChange(6, 'users', 'destroy', 'alpha', '--force')).toMatch(
      /still has 3 nodes: n1 \(id 1, .*\); n2 \(.*\); n3 \(/,
    )
  })

  test('users destroy counts the keys it deletes, and needs --allow-key-loss for keys of others', async () => {
    await changing(1, 'users', 'create', 'spare')
    await changing(1, 'preauthkeys', 'create', '-u', 'spare')
    const others = (await keys()).filter(({user}) => user?.name !== 'spare').length
    expect(others).toBeGreaterThan(2)
    const asked = await withoutChange(9, 'users', 'destroy', 'spare')
    expect(asked).toContain('1 pre-auth key of spare will be deleted: id ')
    if (server.minor === 28) {
      expect(asked).toContain(`${others} keys of others will be lost\n`)
      expect(await withoutChange(9, 'users', 'destroy', 'spare', '--force')).toContain(
        `${others} keys of others will be lost\n`,
      )
    }
    const {stderr} = await changing(1, 'users', 'destroy', 'spare', '--force', '--allow-key-loss')
    expect(stderr).toContain('1 pre-auth key of spare will be deleted: id ')
    expect(await keys()).toHaveLength(server.minor === 28 ? 0 : others)
  })

  test('a name of digits is not read as an id', async () => {
    // From 0.25 on a name must begin with a letter; up to 0.24 it can be 1.
    const {status} = await server.run(['users', 'create', '1'])
    expect(status === 0).toBe(server.minor <= 24)
    if (status === 0) await withoutChange(5, 'users', 'destroy', '1', '--force')
    if (status === 0) await changing(1, 'users', 'destroy', 'name:1', '--force')
    const users = await server.json<{name: string}[]>('users', 'list')
    expect(users.map(({name}) => name)).toEqual(['alpha', 'beta'])
  })

  test('enabling a route keeps the others, and removed routes are named', async () => {
    await server.run(['routes', 'enable', '-i', 'n1', '-r', '10.0.0.0/24'])
    await server.run(['routes', 'enable', '-i', 'n1', '-r', '10.2.0.0/24'])
    const shown = () => server.json<{approvedRoutes: string[]}>('nodes', 'show', 'n1')
    expect((await shown()).approvedRoutes.toSorted()).toEqual(['10.0.0.0/24', '10.2.0.0/24'])
    expect(await withoutChange(6, 'routes', 'enable', '-i', 'n1', '-r', '10.9.0.0/24')).toContain('does not advertise')
    const {stderr} = await server.run(['nodes', 'approve-routes', '-i', 'n1', '-r', '10.2.0.0/24'])
    expect(stderr).toBe('warning: n1 loses 10.0.0.0/24\n')
    expect((await shown()).approvedRoutes).toEqual(['10.2.0.0/24'])
  })

  test('warns that a tagged node permanently leaves its user', async ({skip}) => {
    if (server.minor < 16) skip('this release has no tags')
    const {status, stderr} = await changing(1, 'nodes', 'tag', '-i', 'n3', '-t', 'tag:ci')
    expect(status).toBe(0)
    expect(stderr).toMatch(server.minor >= 28 ? /^warning: n3 permanently leaves user alpha: .*\n$/ : /^$/)
  })

  test('sends a rejected policy once, and the hint describes the state of the server', async ({skip}) => {
    if (server.minor < 23) skip('this release has no policy in its API')
    const bad = server.file('{"acls": [{"action": "nope", "src": ["*"], "dst": ["*:*"]}]}')
    const {status, stderr} = await changing(server.minor >= 29 ? 0 : 1, 'policy', 'set', '-f', bad)
    expect(status).toBe(6)
    const broken =
      'hint: this release is in an inconsistent state after rejecting a policy: set a valid one or restart it'
    expect(stderr.includes(broken)).toBe(server.minor >= 24 && server.minor <= 26)
    await withoutChange(2, 'policy', 'set', '-f', server.file(' \n'))
    const good = server.file(
      '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}], "tagOwners": {"tag:ci": []}}',
    )
    expect((await changing(1, 'policy', 'set', '-f', good)).status).toBe(0)
    expect((await changing(1, 'users', 'create', 'later')).status).toBe(0)
  })
})
