/**
 * Users that no name identifies, in every command that takes a user: without a user name (single sign-on gave none),
 * with the name of another user, or with the e-mail address of another as name. Each command acts on the right user,
 * node or key, or fails; it never acts on those of another user. On real servers the users are written into the
 * database, as single sign-on would; the sandbox has them in its seed.
 */
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Capabilities} from '../../src/api/capabilities.ts'
import {runHere} from '../support/program.ts'
import {available, headscaleVersions, startHeadscale} from '../support/real-servers.ts'
import {startTestSandbox, TEST_RELEASES, type TestServer, testServer, type Via} from '../support/servers.ts'

const IDP = 'https://idp.example.com/u'
const JANE = 'jane.roe@example.com'

/** User N has the id N, and owns node N, whose client is called `nN`. */
const USERS = [
  {name: 'alice'},
  {displayName: 'Jane Roe', email: JANE, providerId: `${IDP}/2`},
  {providerId: `${IDP}/3`},
  {name: 'alice', email: 'alice@example.com', providerId: `${IDP}/4`},
  {name: 'bob', email: 'bob@example.com', providerId: `${IDP}/5`},
  {name: JANE},
]
const IDS = USERS.map((_, index) => String(index + 1))

interface Spec {
  label: string
  start(): Promise<TestServer>
}

/** Single sign-on makes such users since 0.24. */
const hasProfiles = (version: string) => Number(version.split('.')[1]) >= 24

const sandboxes = TEST_RELEASES.filter(hasProfiles).map((release): Spec => {
  const nodes = IDS.map((id) => ({name: `n${id}`, user: `id:${id}`}))
  return {
    label: `sandbox ${release}`,
    start: () => startTestSandbox({release, via: 'REST', seed: {users: USERS, nodes}}),
  }
})

const real = (process.env.HEADSCALE_TS_REAL === '1' ? headscaleVersions() : [])
  .filter((version) => hasProfiles(version) && available(version).ok)
  .flatMap((version) =>
    (['socket', 'REST'] as const).map((via): Spec => ({
      label: `headscale ${version} over ${via}`,
      start: () => startReal(version, via),
    })),
  )

async function startReal(version: string, via: Via): Promise<TestServer> {
  const server = await startHeadscale({version})
  const {socketPath, url, apiKey} = server
  try {
    const started = testServer(via === 'socket' ? {socketPath} : {url, apiKey}, () => server.stop())
    const run = (...argv: string[]) => runHere(argv, {env: started.env})
    await run('users', 'create', 'alice')
    for (const id of IDS) await register(run, `n${id}`, 'alice')
    await server.halt()
    const database = new DatabaseSync(join(server.folder, 'db.sqlite'))
    const created = '2026-01-02 03:04:05+00:00'
    const insert = database.prepare(
      `INSERT INTO users (created_at, updated_at, name, display_name, email, provider_identifier, provider, profile_pic_url)
       VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
    )
    for (const {name = '', displayName = '', email = '', providerId = null} of USERS.slice(1) as Partial<
      (typeof USERS)[1] & {name: string}
    >[]) {
      insert.run(created, created, name, displayName, email, providerId, providerId ? 'oidc' : '')
    }
    database.exec('UPDATE nodes SET user_id = id')
    database.close()
    await server.start()
    return started
  } catch (error) {
    await server.stop()
    throw error
  }
}

type Run = (...argv: string[]) => ReturnType<typeof runHere>

/** Creates a pending node and registers it. @returns the exit status of the registration */
async function register(run: Run, name: string, user: string, pendingUser = user): Promise<number> {
  const {stdout} = await run('debug', 'create-node', '--name', name, '-u', pendingUser, '-o', 'json')
  const {registrationKey} = JSON.parse(stdout) as {registrationKey: string}
  return (await run('nodes', 'register', '-u', user, '-k', registrationKey)).status
}

interface UserJson {
  id: string
  name: string
}
interface NodeJson {
  id: string
  name: string
  user: UserJson | null
}
interface KeyJson {
  id: string
  user: {id: string | null; name: string} | null
  expiration: string
}

describe.for(real.length > 0 ? real : sandboxes)('$label', ({start}) => {
  let server: TestServer
  let capabilities: Capabilities
  beforeAll(async () => {
    server = await start()
    const {api, close} = await server.connect()
    close()
    capabilities = api.server.capabilities
  })
  afterAll(() => server?.close())

  /** The exit status where a request holds only a name: 0, no name (8), or a name of several users (5). */
  const byName = (user: string): number => {
    if (user === '3') return 8
    if (user === '2') return capabilities.preAuthKeysHaveIds ? 5 : 8
    return user === '1' || user === '4' ? 5 : 0
  }
  const byOwner = (user: string) => (capabilities.preAuthKeyOwner === 'id' ? 0 : byName(user))

  const run: Run = (...argv) => runHere(argv, {env: server.env})
  async function json<T>(...argv: string[]): Promise<T> {
    const {status, stdout, stderr} = await run(...argv, '-o', 'json')
    expect([status, stderr], argv.join(' ')).toEqual([0, ''])
    return JSON.parse(stdout) as T
  }
  const owners = async () => (await json<NodeJson[]>('nodes', 'list')).map(({name, user}) => [name, user?.id])

  test('nodes list shows only the nodes of that user', async () => {
    for (const [ref, user] of [
      ...IDS.map((given) => [`id:${given}`, given]),
      [`${IDP}/3`, '3'],
      ['alice@example.com', '4'],
      ['bob@example.com', '5'],
      ['bob', '5'],
      ['3', '3'],
    ]) {
      expect([ref, (await json<NodeJson[]>('nodes', 'list', '-u', ref!)).map(({name}) => name)]).toEqual([
        ref,
        [`n${user}`],
      ])
    }
  })

  test('tables name the owner of every node', async () => {
    const {stdout} = await run('nodes', 'list')
    const owners = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' | ')[3]!.trim())
    expect(owners).toEqual(['User', 'alice', JANE, `${IDP}/3`, 'alice', 'bob', JANE])
    expect((await run('nodes', 'show', '3')).stdout).toMatch(/^User: +https:\/\/idp\.example\.com\/u\/3$/m)
  })

  test('rejects a reference that matches several users', async () => {
    for (const [ref, ...ids] of [
      ['alice', '1', '4'],
      [JANE, '2', '6'],
    ]) {
      const {status, stderr} = await run('nodes', 'list', '-u', ref!)
      expect([status, stderr.split('\n')[1]]).toEqual([
        5,
        `hint: specify one: ${ids.map((one) => `id:${one}`).join(' or ')}`,
      ])
    }
  })

  test('the hint for an unknown address does not suggest creating a user with that name', async () => {
    const {status, stderr} = await run('nodes', 'list', '-u', 'nobody@example.com')
    expect([status, stderr]).toEqual([
      3,
      'error: user "nobody@example.com" not found\nhint: see: headscale-ts users list\n',
    ])
    const display = await run('nodes', 'list', '-u', 'Jane Roe')
    expect([display.status, display.stderr]).toEqual([
      3,
      'error: user "Jane Roe" not found\nhint: a display name does not identify a user; use id:2\n',
    ])
  })

  test.for(IDS)('pre-auth keys of user %s are created, listed and expired, or rejected', async (user) => {
    const {status, stdout} = await run('preauthkeys', 'create', '-u', `id:${user}`, '-o', 'json')
    expect(status).toBe(byOwner(user))
    if (status !== 0) return
    const {id: key, user: owner} = JSON.parse(stdout) as KeyJson
    expect(owner?.id).toBe(user)
    const {stdout: table} = await run('preauthkeys', 'list', '-u', `id:${user}`)
    expect(table.trimEnd().split(' | ').at(-1)).toBe(owner?.name || `id ${user}`)
    const mine = await json<KeyJson[]>('preauthkeys', 'list', '-u', `id:${user}`)
    expect(mine.map((one) => [one.id, one.user?.id])).toEqual([[key, user]])
    // The first two of the users who share a name are named in a warning where keys are listed by name.
    const others = async () => {
      const all = await run('preauthkeys', 'list', '-o', 'json')
      expect([all.status, all.stderr === '']).toEqual([0, capabilities.preAuthKeyOwner === 'id'])
      return (JSON.parse(all.stdout) as KeyJson[]).filter((one) => one.id !== key)
    }
    const before = await others()
    const {expiration} = await json<KeyJson>('preauthkeys', 'expire', key)
    expect(Date.parse(expiration)).toBeLessThanOrEqual(Date.now() + 1000)
    expect(await others()).toEqual(before)
  })

  test.for(IDS)('a node is registered for user %s, or rejected', async (user) => {
    const before = await owners()
    const status = await register(run, `r${user}`, `id:${user}`, 'bob')
    expect(status).toBe(byName(user))
    expect(await owners()).toEqual(status === 0 ? [...before, [`r${user}`, user]] : before)
    const pending = await run('debug', 'create-node', '--name', 'x', '-u', `id:${user}`)
    expect(pending.status).toBe(byName(user))
  })

  test.for(IDS)('a node moves to user %s and back, or the move is rejected', async (user, {skip}) => {
    if (!capabilities.movesNodes) skip('this release cannot move nodes')
    const before = await owners()
    const {status} = await run('nodes', 'move', '-i', '5', '-u', `id:${user}`)
    expect(status).toBe(byOwner(user))
    const expected = before.map(([name, owner]) => (name === 'n5' && status === 0 ? [name, user] : [name, owner]))
    expect(await owners()).toEqual(expected)
    expect((await run('nodes', 'move', '-i', '5', '-u', 'id:5')).status).toBe(0)
  })

  test('names the users whose keys are not listed when a key is not found', async () => {
    const {status, stderr} = await run('preauthkeys', 'expire', '999')
    const hint = 'hint: the server cannot list the keys of users who share a name: alice'
    expect([status, stderr.includes(hint)]).toEqual([3, capabilities.preAuthKeyOwner === 'name'])
  })

  test('warns about a name or an address that means another user in a policy', async () => {
    const address = 'bob@example.com'
    const warning = (text: string, what: string) =>
      `warning: ${text} is also the ${what} of user bob (id 5, ${address}): ` +
      'headscale does not start with a policy that names it\n'
    for (const [line, warned] of [
      [['users', 'create', 'bob'], warning('bob', 'name')],
      [['users', 'create', 'carol', '--email', address], warning(address, 'address')],
      [['users', 'create', address], warning(address, 'address')],
      [['users', 'rename', '-i', '1', '-r', 'bob'], warning('bob', 'name')],
      [['users', 'rename', '-i', '1', '-r', 'carol'], ''],
    ] as const) {
      const {status, stderr} = await run(...line, '--dry-run')
      expect([line, status, stderr.replace(/would .*\n$/, '')]).toEqual([line, 0, warned])
    }
  })

  test('a rename changes only that user', async () => {
    const before = await json<UserJson[]>('users', 'list')
    await json('users', 'rename', '-i', '1', '-r', 'anna')
    const after = before.map((user) => (user.id === '1' ? {...user, name: 'anna'} : user))
    expect(await json<UserJson[]>('users', 'list')).toEqual(after)
  })

  test('a user without a name can be destroyed once it has no nodes, and no other user changes', async () => {
    const rejected = await run('users', 'destroy', `${IDP}/3`, '--force', '--allow-key-loss')
    expect(rejected.status).toBe(6)
    expect(rejected.stderr).toContain(`${IDP}/3 (id 3`)
    expect(rejected.stderr).toContain('headscale-ts nodes list --user id:3')
    await json('nodes', 'delete', '-i', '3', '--force')
    const asked = await run('users', 'destroy', '-i', '3')
    expect([asked.status, asked.stderr]).toEqual([9, expect.stringContaining(`${IDP}/3 (id 3`)])
    const before = await json<UserJson[]>('users', 'list')
    const nodes = await owners()
    expect((await run('users', 'destroy', '-i', '3', '--force', '--allow-key-loss')).status).toBe(0)
    expect(await json<UserJson[]>('users', 'list')).toEqual(before.filter((user) => user.id !== '3'))
    expect(await owners()).toEqual(nodes)
  })
})
