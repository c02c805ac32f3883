/**
 * Every selector of every list on every server: the flag and its opposite choose the right objects, or the release does not
 * report the fact and the command fails with exit code 8. The results are written to docs/selectors.md.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {headscaleVersions} from '../../support/real-servers.ts'
import {runHere} from '../../support/program.ts'
import {useFixture} from '../../support/fixture.ts'
import {ALL_SERVERS, SERVERS} from '../../support/servers.ts'
import {type Sight, writeTable} from './table.ts'
import {factsOf, selectorTailnet} from './tailnet.ts'

const DAY = 86_400_000
const sights: Sight[] = []

/** Only a complete run may write the document. */
afterAll(() => {
  const real = SERVERS.filter(({kind}) => kind === 'real').length
  const servers = new Set(sights.map(({server}) => server))
  if (real === 2 * headscaleVersions().length && servers.size === ALL_SERVERS.length) writeTable(sights)
})

interface Selected {
  status: number
  stderr: string
  items: string[]
}

interface NodeJson {
  name: string
}
interface RouteJson {
  node: {name: string}
  prefix: string
  isPrimary: boolean | null
}

describe.for(process.env.HEADSCALE_TS_REAL === '1' ? ALL_SERVERS : SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: selectorTailnet, recorded: true})
  let facts: ReturnType<typeof factsOf>
  beforeAll(() => {
    facts = factsOf(server)
  })

  async function list<T>(name: (item: T) => string, argv: readonly string[], now = new Date()): Promise<Selected> {
    server.recorder.changes()
    const {status, stdout, stderr} = await runHere([...argv, '-o', 'json'], {env: server.env, now: () => now})
    expect(server.recorder.changes()).toEqual([])
    const items = stdout === '' ? [] : (JSON.parse(stdout) as T[]).map(name)
    return {status, stderr, items: items.toSorted()}
  }

  /** Runs a list with a flag and with its opposite. @param unknown objects of which the server does not report the fact */
  async function selects<T>(
    {command, name, all, now}: {command: string; name: (item: T) => string; all: readonly string[]; now?: Date},
    flag: string,
    value: string | null,
    matching: readonly string[],
    unknown: readonly string[] = [],
  ): Promise<void> {
    for (const [spelling, expected] of [
      [flag, matching],
      [flag === 'offline' ? 'online' : `not-${flag}`, all.filter((one) => ![...matching, ...unknown].includes(one))],
    ] as const) {
      const line = [...command.split(' '), `--${spelling}`, ...(value === null ? [] : [value])]
      const {status, stderr, items} = await list(name, line, now)
      expect([line, status, items], stderr).toEqual([line, 0, [...expected].toSorted()])
    }
    sights.push({command, flag, server: spec.label, line: spec.line, seen: 'done'})
  }

  /** The release does not report the fact: exit code 8, and no request that reads a list. */
  async function isRejected(command: string, flag: string, value: string | null): Promise<void> {
    for (const spelling of [`--${flag}`, `--not-${flag}`]) {
      const line = [...command.split(' '), spelling, ...(value === null ? [] : [value])]
      const {status, stdout, stderr} = await server.run(line)
      expect([status, stdout]).toEqual([8, ''])
      expect(stderr).toMatch(
        new RegExp(`^error: "${command} ${spelling}" needs headscale 0\\.\\d\\d or later; the server is `),
      )
    }
    sights.push({command, flag, server: spec.label, line: spec.line, seen: 'rejected'})
  }

  /** Each fact about nodes: its flag, a value, and the nodes of which it is true. */
  function aboutNodes(): [flag: string, value: string | null, matching: readonly string[]][] {
    const {capabilities} = server
    return [
      ['user', 'bob', facts.ofBob],
      ['user', 'id:1', ['web-1']],
      ['name', 'WEB-?', ['web-1', 'web-2']],
      ['name', '*4', ['db-4']],
      ['name', 'gate', capabilities.givenNames ? ['db-4'] : []],
      ['offline', null, facts.nodes.filter((node) => !facts.online.includes(node))],
      ['offline-for', '30d', ['web-2', 'db-3']],
      ['offline-for', '45d', ['db-3']],
      ['expired', null, ['db-3']],
      ['expires-within', '7d', ['db-4']],
      ['ephemeral', null, ['db-3']],
      ['older-than', '90d', ['web-1']],
      ['older-than', '55d', ['web-1', 'db-3']],
      ...(facts.sso.length > 0
        ? (
            [
              ['user', 'https://idp.example.com/u/4', facts.sso],
              ['user', 'id:5', facts.otherAlice],
            ] as const
          ).map(([flag, value, nodes]) => [flag, value, nodes] as [string, string, readonly string[]])
        : []),
    ]
  }
  const aboutTheirRoutes: [flag: string, value: string | null, matching: readonly string[]][] = [
    ['route', '10.0.0.99/24', ['web-1', 'web-2']],
    ['route', '10.2.0.0/24', ['web-2']],
    ['pending-routes', null, ['web-2']],
  ]

  test('nodes list', async () => {
    const lists = {command: 'nodes list', name: ({name}: NodeJson) => name, all: facts.nodes}
    for (const row of [...aboutNodes(), ...aboutTheirRoutes]) await selects(lists, ...row)
    if (server.capabilities.nodeTags) await selects(lists, 'tag', 'tag:ci', ['web-2'])
    else await isRejected('nodes list', 'tag', 'tag:ci')
  })

  test('nodes list-routes', async () => {
    const all = Object.keys(facts.routesOf)
    const lists = {command: 'nodes list-routes', name: ({name}: NodeJson) => name, all}
    for (const [flag, value, matching] of [...aboutNodes(), ...aboutTheirRoutes]) {
      await selects(
        lists,
        flag,
        value,
        matching.filter((node) => all.includes(node)),
      )
    }
    if (server.capabilities.nodeTags) await selects(lists, 'tag', 'tag:ci', ['web-2'])
    else await isRejected('nodes list-routes', 'tag', 'tag:ci')
    expect((await list(lists.name, ['nodes', 'list-routes', '-i', '2', '--user', 'id:1'])).items).toEqual([])
  })

  test('routes list', async () => {
    const name = ({node, prefix}: RouteJson) => `${node.name} ${prefix}`
    const rows = (nodes: readonly string[]) =>
      nodes.flatMap((node) => (facts.routesOf[node] ?? []).map((prefix) => `${node} ${prefix}`))
    const lists = {command: 'routes list', name, all: rows(facts.nodes)}
    for (const [flag, value, matching] of aboutNodes()) await selects(lists, flag, value, rows(matching))
    await selects(lists, 'route', '10.0.0.0/24', ['web-1 10.0.0.0/24', 'web-2 10.0.0.0/24'])
    await selects(lists, 'pending', null, rows(['web-2']))
    await selects(lists, 'enabled', null, rows(['web-1', 'db-4']))
    await selects(lists, 'conflicts', null, ['web-1 10.0.0.0/24', 'web-2 10.0.0.0/24'])
    const one = (await list(name, ['routes', 'list', '-i', 'web-2', '--conflicts'])).items
    expect(one).toEqual(['web-2 10.0.0.0/24'])
    if (server.capabilities.nodeTags) await selects(lists, 'tag', 'tag:ci', rows(['web-2']))
    else await isRejected('routes list', 'tag', 'tag:ci')
    if (server.capabilities.routes === 'machine-sets') return isRejected('routes list', 'serving', null)
    // Which node serves a subnet is decided by the server: the list itself tells it.
    const {stdout} = await server.run(['routes', 'list', '-o', 'json'])
    const subnets = (JSON.parse(stdout) as RouteJson[]).filter(
      ({prefix, isPrimary}) => isPrimary === true && prefix.startsWith('10.'),
    )
    if (spec.kind === 'sandbox') expect(subnets.map(name)).toEqual(['web-1 10.0.0.0/24'])
    await selects(lists, 'serving', null, [...subnets.map(name), ...rows(['db-4'])])
    const own = (await list(name, ['routes', 'list', '-i', 'web-1', '--serving'])).items
    expect(own).toEqual(subnets.map(name).filter((route) => route.startsWith('web-1 ')))
  })

  test('routes check', async () => {
    const {status, stdout, stderr} = await server.run(['routes', 'check', '-o', 'json'])
    expect([status, (JSON.parse(stderr) as {error: {code: string}}).error.code]).toEqual([6, 'invalid-input'])
    const checks = JSON.parse(stdout) as {prefix: string; status: string; nodes: {name: string}[]}[]
    const isServed = facts.online.includes('web-1')
    expect(checks.map(({prefix, status, nodes}) => [prefix, status, ...nodes.map(({name}) => name)])).toEqual([
      ['10.0.0.0/24', isServed ? 'ok' : 'no-server', 'web-1', 'web-2'],
      ['10.2.0.0/24', 'pending', 'web-2'],
      ['0.0.0.0/0', 'no-server', 'db-4'],
      ['::/0', 'no-server', 'db-4'],
    ])
    const prefixes = async (...argv: string[]) =>
      JSON.parse((await server.run(['routes', 'check', ...argv, '-o', 'json'])).stdout) as typeof checks
    // A prefix has all its nodes, also those that the selector leaves out.
    expect(await prefixes('--route', '10.0.0.9/24', '--name', 'web-2')).toEqual(checks.slice(0, 1))
    expect(await prefixes('-i', 'web-2', '--pending')).toEqual(checks.slice(0, 2))
    expect(await prefixes('--conflicts')).toEqual(checks.slice(0, 1))
    expect(await prefixes('--not-user', 'bob', '--not-enabled')).toEqual(
      server.capabilities.tagsArePermanent ? checks.slice(0, 2) : [],
    )
  })

  test('preauthkeys list', async () => {
    const {recordsReusableKeyUse, preAuthKeyTags} = server.capabilities
    const lists = {command: 'preauthkeys list', name: ({id}: {id: string}) => id, all: ['1', '2', '3']}
    await selects(lists, 'user', 'bob', ['2', '3'])
    await selects(lists, 'user', 'id:3', ['1'])
    await selects(lists, 'expired', null, ['2'])
    await selects(lists, 'expires-within', '7d', ['3'])
    await selects(lists, 'ephemeral', null, ['1'])
    await selects(lists, 'used', null, ['2'], recordsReusableKeyUse ? [] : ['1'])
    await selects(lists, 'older-than', '90d', ['1'])
    await selects(lists, 'older-than', '5d', ['1', '2'])
    if (preAuthKeyTags) await selects(lists, 'tag', 'tag:ci', ['3'])
    else await isRejected('preauthkeys list', 'tag', 'tag:ci')
    const {stderr} = await server.run(['preauthkeys', 'list', '--not-used', '--user', 'carol'])
    expect(stderr.includes('reusable keys left out: 1')).toBe(!recordsReusableKeyUse)
  })

  test('apikeys list', async () => {
    const ids = async () => (await server.json<{id: string}[]>('apikeys', 'list')).map(({id}) => id)
    const others = await ids()
    for (const expiration of ['1d', '400d']) await server.json('apikeys', 'create', '--expiration', expiration)
    const all = await ids()
    const [short, long] = all.filter((id) => !others.includes(id))
    const now = new Date(Date.now() + 2 * DAY)
    const lists = {command: 'apikeys list', name: ({id}: {id: string}) => id, all}
    await selects({...lists, now}, 'expired', null, [short!])
    await selects({...lists, now}, 'expires-within', '390d', others)
    await selects({...lists, now}, 'expires-within', '2y', [...others, long!])
    await selects({...lists, now}, 'older-than', '1d', all)
    await selects(lists, 'older-than', '1d', [])
  })

  test('users list', async () => {
    const second = facts.otherAlice.length > 0 ? ['4', '5'] : []
    const lists = {command: 'users list', name: ({id}: {id: string}) => id, all: ['1', '2', '3', ...second]}
    await selects(lists, 'name', 'a*', ['1', ...second.filter((id) => id === '5')])
    await selects(lists, 'name', 'Alice', [])
    await selects(lists, 'older-than', '90d', ['2'])
  })

  test('oauth-clients list', async ({skip}) => {
    if (server.minor < 30) return skip('this release has no OAuth clients')
    const made = async (...tags: string[]) =>
      (await server.json<{id: string}>('oauth-clients', 'create', '-s', 'users:read', ...tags)).id
    const [tagged, plain] = [await made('-t', 'tag:ci'), await made()]
    const lists = {command: 'oauth-clients list', name: ({id}: {id: string}) => id, all: [tagged, plain]}
    await selects(lists, 'tag', 'tag:ci', [tagged])
    await selects({...lists, now: new Date(Date.now() + 2 * DAY)}, 'older-than', '1d', [tagged, plain])
  })

  test('all conditions must hold', async () => {
    const names = async (...flags: string[]) =>
      (await list(({name}: NodeJson) => name, ['nodes', 'list', ...flags])).items
    expect(await names('--user', 'bob', '--offline', '--name', 'db-*')).toEqual(['db-3', 'db-4'])
    expect(await names('--name', 'db-*', '--not-name', '*-4')).toEqual(['db-3'])
    expect(await names('--not-user', 'bob', '--not-user', 'id:1')).not.toContain('web-1')
    expect(await names('--user', 'id:1', '--expired')).toEqual([])
  })

  test('a user who cannot be found is an error, also of a selector that would match nothing', async () => {
    for (const argv of [
      ['nodes', 'list', '--user', 'nobody'],
      ['nodes', 'list', '--not-user', 'nobody', '--expired'],
      ['routes', 'list', '--user', 'nobody'],
      ['preauthkeys', 'list', '--not-user', 'nobody'],
    ]) {
      const {status, stderr} = await server.run(argv)
      expect([argv, status, stderr.split('\n')[0]]).toEqual([argv, 3, `error: ${server.word} "nobody" not found`])
    }
    const shared = await server.run(['nodes', 'list', '--not-user', 'alice'])
    expect(shared.status).toBe(facts.sso.length > 0 ? 5 : 0)
  })

  test('reads every list at most once, however many nodes there are', async () => {
    const requests = async (...argv: string[]) => {
      server.recorder.requests()
      expect((await server.run(argv)).status).toBe(0)
      return server.recorder.requests()
    }
    const plain = await requests('nodes', 'list')
    expect(await requests('nodes', 'list', '--older-than', '1d', '--offline', '--name', '*')).toBe(plain)
    expect(await requests('nodes', 'list', '--not-user', 'bob', '--not-user', 'id:1')).toBe(plain + 1)
    // Up to 0.17 routes are read node by node: only those of nodes that meet the other conditions.
    expect((await requests('nodes', 'list', '--name', 'web-1', '--pending-routes')) - plain).toBeLessThanOrEqual(1)
  })
})
