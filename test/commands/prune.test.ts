/** What the defaults of `prune`, `nodes dedupe` and `users destroy` choose and leave alone, on a tailnet with a history. */
import {afterEach, describe, expect, test} from 'vitest'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {RELEASE_GROUPS} from '../../src/api/releases.ts'
import type {SeedData, SeedNode} from '../../src/sandbox/index.ts'
import {planTagChange} from '../../src/usecases/nodes/set-tags.ts'
import {type Outcome, runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const NOW = new Date('2026-11-27T12:00:00Z')
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * 3_600_000).toISOString()

let server: TestServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

async function start(seed: SeedData, {release = '0.29', via = 'socket' as 'socket' | 'REST'} = {}) {
  server = await startTestSandbox({release, via, seed, now: () => NOW})
  return {
    run: (argv: string[], now = NOW): Promise<Outcome> => runHere(argv, {env: server!.env, now: () => now}),
    planned: async (argv: string[], now = NOW): Promise<string[]> => {
      const outcome = await runHere([...argv, '--dry-run', '-o', 'json'], {env: server!.env, now: () => now})
      expect(outcome).toMatchObject({status: 0})
      return (JSON.parse(outcome.stdout) as {changes: {summary: string}[]}).changes.map(({summary}) => summary)
    },
  }
}

const offline = (name: string, days: number, more: Partial<SeedNode> = {}): SeedNode => ({
  name,
  user: 'anna',
  online: false,
  lastSeen: daysAgo(days),
  createdAt: daysAgo(400),
  ...more,
})

describe('nodes prune', () => {
  const seed: SeedData = {
    users: [{name: 'anna'}],
    preAuthKeys: [{user: 'anna', ephemeral: true, reusable: true}],
    nodes: [
      offline('old', 91),
      offline('recent', 89),
      offline('runner', 2, {preAuthKey: 1}),
      offline('runner-now', 0.5, {preAuthKey: 1}),
      {name: 'never', user: 'anna', online: false, createdAt: daysAgo(100)},
      {name: 'alive', user: 'anna', createdAt: daysAgo(400)},
      offline('server', 200, {tags: ['tag:server']}),
      offline('router', 200, {routes: ['10.0.0.0/8'], approved: ['10.0.0.0/8']}),
      offline('candidate', 200, {routes: ['10.0.0.0/8']}),
    ],
  }

  test('deletes nodes that were offline for 90 days, and ephemeral ones after a day', async () => {
    const {planned, run} = await start(seed)
    expect(await planned(['nodes', 'prune'])).toEqual([
      'delete node old (id 1, anna, 10.1.0.1, offline): offline for 91 days',
      'delete node runner (id 3, anna, 10.1.0.3, offline): ephemeral, offline for 2 days',
      'delete node never (id 5, anna, 10.1.0.5, offline): never seen, registered 100 days ago',
      'delete node candidate (id 9, anna, 10.1.0.9, offline): offline for 200 days',
    ])
    const {stdout, stderr} = await run(['nodes', 'prune', '--name', 'o*', '--force'])
    expect(stdout).toBe('deleted node old (id 1, anna, 10.1.0.1, offline): offline for 91 days\n')
    expect(stderr).toBe('')
  })

  test('shows the reason of each change before it asks', async () => {
    await start(seed)
    const {status, stderr} = await runHere(['nodes', 'prune'], {env: server!.env, now: () => NOW, answer: false})
    expect(status).toBe(9)
    expect(stderr).toBe(
      'note: left alone: 1 tagged node (--include-tagged includes them)\n' +
        'note: left alone: 1 node with approved routes (--include-routers includes them)\n' +
        'ID | Name      | Owner | Address  | Change\n' +
        '1  | old       | anna  | 10.1.0.1 | delete: offline for 91 days\n' +
        '3  | runner    | anna  | 10.1.0.3 | delete: ephemeral, offline for 2 days\n' +
        '5  | never     | anna  | 10.1.0.5 | delete: never seen, registered 100 days ago\n' +
        '9  | candidate | anna  | 10.1.0.9 | delete: offline for 200 days\n' +
        'A deleted node must be registered again to come back.\n' +
        '? Do you want to delete 4 nodes?\n' +
        'error: declined; nothing was changed\nhint: run the command again and answer y, or add --force\n',
    )
  })

  test('--offline-for replaces the default, for ephemeral nodes too', async () => {
    const {planned} = await start(seed)
    const names = (lines: string[]) => lines.map((line) => line.split(' ')[2])
    expect(names(await planned(['nodes', 'prune', '--offline-for', '95d']))).toEqual(['never', 'candidate'])
    const all = ['nodes', 'prune', '--offline-for', '95d', '--include-tagged', '--include-routers']
    expect(names(await planned(all))).toEqual(['never', 'server', 'router', 'candidate'])
    expect(names(await planned(['nodes', 'prune', '--ephemeral']))).toEqual(['runner'])
  })
})

describe('preauthkeys prune', () => {
  const seed: SeedData = {
    users: [{name: 'anna'}],
    preAuthKeys: [
      {user: 'anna', expiration: daysAgo(1)},
      {user: 'anna', used: true},
      {user: 'anna', used: true, reusable: true},
      {user: 'anna'},
      {user: 'anna', used: true, ephemeral: true},
    ],
    nodes: [{name: 'runner', user: 'anna', preAuthKey: 5}],
  }

  test('deletes expired and used-up keys, except for those that nodes joined with', async () => {
    const {planned, run} = await start(seed)
    const reasons = (lines: string[]) => lines.map((line) => line.replace(/^.*\(id (\d).*\): /, '$1 '))
    const line = ['preauthkeys', 'prune']
    expect(reasons(await planned(line))).toEqual(['1 expired', '2 used up'])
    expect(reasons(await planned([...line, '--expired']))).toEqual(['1 expired'])
    expect(reasons(await planned([...line, '--include-in-use']))).toEqual(['1 expired', '2 used up', '5 used up'])
    const {stderr} = await run([...line, '--force'])
    expect(stderr).toBe('note: left alone: 1 key that a node joined with (--include-in-use includes them)\n')
    expect(await planned(line)).toEqual([])
  })
})

describe('apikeys prune', () => {
  test.for(['0.23', '0.29'])('never deletes the key in use on %s, even if the clock is wrong', async (release) => {
    const {planned, run} = await start({}, {release, via: 'REST'})
    await run(['apikeys', 'create', '--expiration', '1d'])
    const {stdout} = await run(['apikeys', 'list', '-o', 'json'])
    const keys = JSON.parse(stdout) as {id: string; prefix: string}[]
    expect(keys.length).toBe(2)
    const later = new Date('2100-01-01T00:00:00Z')
    expect(await planned(['apikeys', 'prune'], later)).toEqual([
      `delete API key ${keys[1]!.prefix} (id ${keys[1]!.id}): expired`,
    ])
    const {stderr} = await run(['apikeys', 'prune', '--dry-run'], later)
    const secret = server!.env.HEADSCALE_CLI_API_KEY!
    expect([stderr.includes(' stays: it is in use, although it looks expired'), stderr.includes(secret)]).toEqual([
      true,
      false,
    ])
  })
})

describe.for(['expire', 'delete'])('apikeys %s', (verb) => {
  test('with selectors leaves the key in use alone, which can be named', async () => {
    const {run, planned} = await start({}, {via: 'REST'})
    await run(['apikeys', 'create', '--expiration', '1d'])
    expect(await planned(['apikeys', verb, '--not-expired'])).toEqual([expect.stringContaining('(id 2)')])
    const {status, stderr} = await run(['apikeys', verb, '--not-expired', '--force'])
    expect([status, stderr]).toEqual([0, expect.stringContaining(` stays: it is in use; to ${verb} it, name it\n`)])
    expect(await planned(['apikeys', verb, '1'])).toEqual([expect.stringContaining('(id 1)')])
  })
})

describe('nodes dedupe', () => {
  const KEY = 'ab'.repeat(32)
  const twin = (givenName: string, days: number, more: Partial<SeedNode> = {}) =>
    offline('nas', days, {machineKey: KEY, givenName, ...more})

  test('of one machine key, keeps the node that is online and gives it the clean name', async () => {
    const nodes = [twin('nas', 9), twin('nas-1', 5), twin('nas-2', 0, {online: true}), offline('other', 9)]
    const {run, planned} = await start({users: [{name: 'anna'}], nodes})
    expect(await planned(['nodes', 'dedupe'])).toEqual([
      'delete node nas-1 (id 2, anna, 10.1.0.2, offline): duplicate of nas-2 (id 3, anna, 10.1.0.3, online)',
      'delete node nas (id 1, anna, 10.1.0.1, offline): duplicate of nas-2 (id 3, anna, 10.1.0.3, online)',
      'rename node nas-2 (id 3, anna, 10.1.0.3, online) to nas',
    ])
    expect(await planned(['nodes', 'dedupe', '--offline-for', '7d'])).toHaveLength(2)
    expect((await run(['nodes', 'dedupe', '--max', '1', '--force'])).status).toBe(6)
    const {status, stdout} = await run(['nodes', 'dedupe', '--force'])
    expect([status, stdout.split('\n').length]).toEqual([0, 4])
    const {stdout: left} = await run(['nodes', 'list', '-o', 'json'])
    const names = (JSON.parse(left) as {id: string; givenName: string}[]).map(({id, givenName}) => `${id} ${givenName}`)
    expect(names).toEqual(['3 nas', '4 other'])
  })

  test('leaves a machine alone that has two nodes online, or would lose its tags or routes', async () => {
    const nodes = [
      twin('a', 0, {online: true}),
      twin('b', 0, {online: true}),
      offline('gate', 9, {machineKey: 'cd'.repeat(32), routes: ['10.0.0.0/8'], approved: ['10.0.0.0/8']}),
      offline('gate', 1, {machineKey: 'cd'.repeat(32)}),
    ]
    const {run, planned} = await start({users: [{name: 'anna'}], nodes})
    const {status, stderr} = await run(['nodes', 'dedupe', '--force'])
    expect([status, stderr]).toEqual([
      0,
      'warning: left alone, since more than one is online: b (id 2, anna, 10.1.0.2, online); a (id 1, anna, 10.1.0.1, online)\n' +
        'warning: gate-1 (id 4, anna, 10.1.0.4, offline) and its duplicates are left alone: it lacks the approved routes ' +
        '10.0.0.0/8 of gate (id 3, anna, 10.1.0.3, offline)\n' +
        'nothing to change: no duplicate nodes match\n',
    ])
    expect(await planned(['nodes', 'dedupe', '--allow-loss'])).toHaveLength(2)
  })

  test('takes nodes of other users only with --across-users', async () => {
    const nodes = [twin('nas', 9), twin('nas-1', 5, {user: 'ben'})]
    const {planned} = await start({users: [{name: 'anna'}, {name: 'ben'}], nodes})
    expect(await planned(['nodes', 'dedupe', '--by-name'])).toEqual([])
    expect(await planned(['nodes', 'dedupe', '--across-users'])).toHaveLength(2)
  })
})

describe('users destroy', () => {
  test('names ten of the nodes in the way, and how many there are beside', async () => {
    const nodes = Array.from({length: 12}, (_, i) => ({name: `n${i + 1}`, user: 'anna'}))
    const {run} = await start({users: [{name: 'anna'}], nodes})
    const {status, stderr} = await run(['users', 'destroy', 'anna', '--dry-run'])
    expect(status).toBe(6)
    expect(stderr).toMatch(/anna \(id 1\) still has 12 nodes: n1 \(id 1, anna, .*; n10 \(id 10, [^;]*\); and 2 more\n/)
  })

  test('names ten of the keys that are deleted', async () => {
    const preAuthKeys = Array.from({length: 11}, () => ({user: 'anna'}))
    const {run} = await start({users: [{name: 'anna'}], preAuthKeys})
    const {stderr} = await run(['users', 'destroy', 'anna', '--dry-run'])
    expect(stderr).toContain('11 pre-auth keys of anna will be deleted: id 1; id 2; ')
    expect(stderr).toContain('; id 10; and 1 more\n')
  })
})

describe('tags that the client requests', () => {
  const group = RELEASE_GROUPS.find(({id}) => id === '0.27.1')!
  const user = {id: '1', name: 'anna'}
  const wire = {
    id: '7',
    name: 'web',
    givenName: 'web',
    user,
    forcedTags: ['tag:a', 'tag:b'],
    validTags: ['tag:a', 'tag:c'],
  }
  const sent: unknown[] = []
  const api = createControlApi(
    {
      async call(operation, request) {
        if (operation === 'SetTags') sent.push(request)
        return {nodes: [wire], node: wire}
      },
      close() {},
    },
    group,
    {via: 'a fake', version: null, now: () => NOW},
  )

  test('cannot be removed, and are not stored by a change of other tags', async () => {
    const [node] = await api.nodes.list()
    await expect(planTagChange(api, node!, {add: [], remove: ['tag:c']})).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'tag:c of web cannot be removed here: its client requests it and the policy allows it',
    })
    await (await planTagChange(api, node!, {add: ['tag:d'], remove: ['tag:b']})).apply()
    expect(sent).toEqual([{nodeId: '7', tags: ['tag:a', 'tag:d']}])
    expect((await planTagChange(api, node!, {add: ['tag:c'], remove: []})).changes).toEqual([])
  })
})
