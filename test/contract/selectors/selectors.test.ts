/**
 * Every selector of every list, and of every command that changes, waits for or watches what it selects, on every server:
 * the flag and its opposite choose the right objects, or the release does not report the fact and the command fails with
 * exit code 8. The results are written to docs/selectors.md.
 *
 * Selectors are about what a server reports, not about how it is reached, so in a complete run every server is tested over
 * its socket. In `npm test` the releases take turns where they need not all do the same.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {useFixture} from '../../support/fixture.ts'
import {MATRIX, type Outcome, runHere} from '../../support/program.ts'
import {headscaleVersions} from '../../support/real-servers.ts'
import {recorderFor} from '../../support/recorder.ts'
import {ALL_SERVERS, SERVERS} from '../../support/servers.ts'
import {CHANGE_COMMANDS, type ChangeCommand, dryRun} from './changes.ts'
import {
  apiKeyRows,
  firstRows,
  nodeRows,
  opposite,
  preAuthKeyRows,
  ROUTES_OF_NODE_ROWS,
  type Row,
  userRows,
} from './rows.ts'
import {type Sight, writeTables} from './table.ts'
import {type Facts, factsOf, selectorTailnet} from './tailnet.ts'

const DAY = 86_400_000
/** In `npm test` one server for each way that releases keep routes. */
const SPECS = MATRIX
  ? ALL_SERVERS.filter(({via}) => via === 'socket')
  : SERVERS.filter(({line}) => ['0.15', '0.25', '0.29'].includes(line))
const sights: Sight[] = []

/** Only a complete run may write the document. */
afterAll(() => {
  const real = SPECS.filter(({kind}) => kind === 'real').length
  const servers = new Set(sights.map(({server}) => server))
  if (real === headscaleVersions().length && servers.size === SPECS.length) writeTables(sights)
})

interface RouteJson {
  node: {name: string}
  prefix: string
  isPrimary: boolean | null
}

/** A list, its items as JSON, and those that it has without selectors. */
interface List<T> {
  command: string
  name(item: T): string
  all: readonly string[]
}

describe.for(SPECS.map((spec, number) => ({...spec, number})))('$label', (spec) => {
  const server = useFixture(spec, {tailnet: selectorTailnet})
  let facts: Facts
  let before: unknown
  beforeAll(async () => {
    facts = await factsOf(server)
    before = await state()
  })

  /** All that a change could affect. The time of the last contact changes by itself. */
  async function state(): Promise<unknown> {
    const lists = ['users', 'nodes', 'routes', 'preauthkeys', 'apikeys'].map(async (topic) => {
      const items = JSON.parse((await run([topic, 'list', '-o', 'json'])).stdout) as object[]
      return items.map((item) => ({...item, lastSeen: null}))
    })
    return Promise.all(lists)
  }

  let turn = 0
  /** Whether it is the turn of this server, of so many; always in a complete run. */
  const isTurn = (of = SPECS.length) => MATRIX || turn++ % of === spec.number
  /** A flag and its opposite: both in a complete run, otherwise in turn. */
  const spellings = ({flag}: Row) => {
    const both = [flag, opposite(flag)]
    return MATRIX ? both : [both[(turn++ + spec.number) % 2]!]
  }
  const see = (command: string, flag: string, seen: Sight['seen']) =>
    sights.push({command, flag, server: spec.label, line: spec.line, seen})

  const run = (line: readonly string[], now = new Date()): Promise<Outcome> =>
    runHere(line, {env: server.env, now: () => now})

  async function list<T>({command, name}: List<T>, flags: readonly string[], now?: Date): Promise<string[]> {
    const line = [...command.split(' '), ...flags]
    const {status, stdout, stderr} = await run([...line, '-o', 'json'], now)
    expect([line, status], stderr).toEqual([line, command === 'routes check' && status === 6 ? 6 : 0])
    return (JSON.parse(stdout) as T[]).map(name).toSorted()
  }

  const withFlag = (flag: string, value: string | null) => [`--${flag}`, ...(value === null ? [] : [value])]
  const without = (all: readonly string[], ...others: readonly (readonly string[])[]) =>
    all.filter((one) => !others.flat().includes(one))

  /** The flag, or its opposite, chooses the right items of a list. */
  async function selects<T>(of: List<T>, row: Row): Promise<void> {
    const {flag, value, matching, unknown = [], now} = row
    if (row.rejected) return isRejected(of.command, row)
    for (const spelling of spellings(row)) {
      const expected = spelling === flag ? matching : without(of.all, matching, unknown)
      expect([spelling, value, await list(of, withFlag(spelling, value), now)]).toEqual([
        spelling,
        value,
        [...expected].toSorted(),
      ])
    }
    see(of.command, flag, 'done')
  }

  /** The release does not report the fact. */
  async function isRejected(command: string, {flag, value}: Row): Promise<void> {
    for (const spelling of [flag, opposite(flag)]) {
      const {status, stdout, stderr} = await run([...command.split(' '), ...withFlag(spelling, value)])
      expect([status, stdout]).toEqual([8, ''])
      expect(stderr).toMatch(
        new RegExp(`^error: "${command} --${spelling}" needs headscale 0\\.\\d\\d or later; the server is `),
      )
    }
    see(command, flag, 'rejected')
  }

  test('nodes list', async () => {
    const lists = {command: 'nodes list', name: ({name}: {name: string}) => name, all: facts.nodes}
    for (const row of [...nodeRows(facts, server.capabilities), ...ROUTES_OF_NODE_ROWS]) await selects(lists, row)
  })

  test('nodes list-routes', async () => {
    const all = Object.keys(facts.routesOf)
    const lists = {command: 'nodes list-routes', name: ({name}: {name: string}) => name, all}
    for (const row of [...nodeRows(facts, server.capabilities), ...ROUTES_OF_NODE_ROWS]) {
      const matching = row.matching.filter((node) => all.includes(node))
      if (isTurn()) await selects(lists, {...row, matching})
    }
    expect(await list(lists, ['-i', '2', '--user', 'id:1'])).toEqual([])
  })

  const routeName = ({node, prefix}: RouteJson) => `${node.name} ${prefix}`
  const routesOf = (nodes: readonly string[]) =>
    nodes.flatMap((node) => (facts.routesOf[node] ?? []).map((prefix) => `${node} ${prefix}`))

  /** Facts about nodes and routes, by route. */
  async function routeRows(): Promise<Row[]> {
    const shared = ['web-1 10.0.0.0/24', 'web-2 10.0.0.0/24']
    const reportsServing = server.capabilities.routes !== 'machine-sets'
    // Which node serves a subnet is decided by the server: the list itself tells it.
    const subnets = (await server.json<RouteJson[]>('routes', 'list')).filter(
      ({prefix, isPrimary}) => isPrimary === true && prefix.startsWith('10.'),
    )
    if (spec.kind === 'sandbox' && reportsServing) expect(subnets.map(routeName)).toEqual(['web-1 10.0.0.0/24'])
    return [
      ...nodeRows(facts, server.capabilities).map((row) => ({...row, matching: routesOf(row.matching)})),
      {flag: 'route', value: '10.0.0.0/24', matching: shared},
      {flag: 'pending', value: null, matching: routesOf(['web-2'])},
      {flag: 'enabled', value: null, matching: routesOf(['web-1', 'db-4'])},
      {flag: 'conflicts', value: null, matching: shared},
      {
        flag: 'serving',
        value: null,
        matching: [...subnets.map(routeName), ...routesOf(['db-4'])],
        rejected: !reportsServing,
      },
    ]
  }

  test('routes list', async () => {
    const lists = {command: 'routes list', name: routeName, all: routesOf(facts.nodes)}
    const ofNodes = new Set(nodeRows(facts, server.capabilities).map(({flag}) => flag))
    for (const row of await routeRows()) if (!ofNodes.has(row.flag) || isTurn()) await selects(lists, row)
    expect(await list(lists, ['-i', 'web-2', '--conflicts'])).toEqual(['web-2 10.0.0.0/24'])
    if (server.capabilities.routes === 'machine-sets') return
    const serving = (await list(lists, ['--serving'])).filter((route) => route.startsWith('web-1 '))
    expect(await list(lists, ['-i', 'web-1', '--serving'])).toEqual(serving)
  })

  test('routes check', async () => {
    interface Check {
      prefix: string
      status: string
      nodes: {name: string}[]
    }
    const {status, stdout} = await run(['routes', 'check', '-o', 'json'])
    const checks = JSON.parse(stdout) as Check[]
    const isServed = facts.online.includes('web-1')
    // 0.25.1 numbers the routes of a node in any order.
    const sorted = checks.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1))
    const shown = sorted.map(({prefix, status: state, nodes}) => [prefix, state, ...nodes.map(({name}) => name)])
    expect([status, shown]).toEqual([
      6,
      [
        ['0.0.0.0/0', 'no-server', 'db-4'],
        ['10.0.0.0/24', isServed ? 'ok' : 'no-server', 'web-1', 'web-2'],
        ['10.2.0.0/24', 'pending', 'web-2'],
        ['::/0', 'no-server', 'db-4'],
      ],
    ])
    // A prefix is chosen by the route of any node, and has all its nodes, also those that the selector leaves out.
    const lists = {command: 'routes check', name: ({prefix}: Check) => prefix, all: []}
    const all = routesOf(facts.nodes)
    const prefixes = (routes: readonly string[]) => [...new Set(routes.map((route) => route.split(' ')[1]!))].toSorted()
    for (const row of await routeRows()) {
      if (!isTurn()) continue
      if (row.rejected) {
        await isRejected('routes check', row)
        continue
      }
      for (const spelling of spellings(row)) {
        const routes = spelling === row.flag ? row.matching : without(all, row.matching)
        expect([spelling, await list(lists, withFlag(spelling, row.value))]).toEqual([spelling, prefixes(routes)])
      }
      see('routes check', row.flag, 'done')
    }
    const one = await run(['routes', 'check', '-i', 'web-2', '--name', 'web-2', '--route', '10.0.0.9/24', '-o', 'json'])
    expect(JSON.parse(one.stdout)).toEqual(checks.slice(0, 1))
  })

  test('preauthkeys list', async () => {
    const lists = {command: 'preauthkeys list', name: ({id}: {id: string}) => id, all: ['1', '2', '3']}
    for (const row of preAuthKeyRows(server.capabilities)) if (isTurn()) await selects(lists, row)
    const {stderr} = await run(['preauthkeys', 'list', '--not-used', '--user', 'carol'])
    expect(stderr.includes('reusable keys left out: 1')).toBe(!server.capabilities.recordsReusableKeyUse)
  })

  test('apikeys list', async () => {
    const lists = {command: 'apikeys list', name: ({id}: {id: string}) => id, all: facts.apiKeys.all}
    for (const row of apiKeyRows(facts)) if (isTurn()) await selects(lists, row)
  })

  test('users list', async () => {
    const all = ['1', '2', '3', ...(facts.otherAlice.length > 0 ? ['4', '5'] : [])]
    const lists = {command: 'users list', name: ({id}: {id: string}) => id, all}
    for (const row of userRows(facts)) if (isTurn()) await selects(lists, row)
  })

  test('oauth-clients list', async ({skip}) => {
    if (server.minor < 30) return skip('this release has no OAuth clients')
    const made = async (...tags: string[]) =>
      (await server.json<{id: string}>('oauth-clients', 'create', '-s', 'users:read', ...tags)).id
    const [tagged, plain] = [await made('-t', 'tag:ci'), await made()]
    const lists = {command: 'oauth-clients list', name: ({id}: {id: string}) => id, all: [tagged, plain]}
    await selects(lists, {flag: 'tag', value: 'tag:ci', matching: [tagged]})
    const now = new Date(Date.now() + 2 * DAY)
    await selects(lists, {flag: 'older-than', value: '1d', matching: [tagged, plain], now})
  })

  describe('dry runs', () => {
    const idOf = (name: string) => String(facts.nodes.indexOf(name) + 1)

    /** The objects of a command by id, and the first row of each of its selectors. */
    function rowsFor({objects, without: missing = []}: ChangeCommand): {all: readonly string[]; rows: Row[]} {
      const inIds = (row: Row) => ({...row, matching: row.matching.map(idOf)})
      const {all, rows} = {
        nodes: () => ({
          all: facts.nodes.map(idOf),
          rows: [...nodeRows(facts, server.capabilities), ...ROUTES_OF_NODE_ROWS].map(inIds),
        }),
        'pre-auth keys': () => ({all: ['1', '2', '3'], rows: preAuthKeyRows(server.capabilities)}),
        'API keys': () => ({all: facts.apiKeys.all, rows: apiKeyRows(facts)}),
      }[objects]()
      return {all, rows: firstRows(rows).filter(({flag}) => !missing.includes(flag))}
    }

    test.for(CHANGE_COMMANDS)('$command', async (change) => {
      const {command, line, objects, among, renamed = {}, since = 0, until = 99, choose = dryRun} = change
      const {all, rows} = rowsFor(change)
      const able = server.minor >= since && server.minor <= until
      const choosable = among ? among(facts).map((one) => (objects === 'nodes' ? idOf(one) : one)) : all
      for (const [i, row] of rows.entries()) {
        const {matching, unknown = [], value, now = new Date()} = row
        const flag = renamed[row.flag] ?? row.flag
        if (!able || row.rejected) {
          if (i === 0 || row.rejected) {
            const {status, stdout} = await choose([...line, ...withFlag(flag, value)], server, now)
            expect([command, flag, status, stdout]).toEqual([command, flag, 8, ''])
          }
          see(command, flag, 'rejected')
          continue
        }
        // In `npm test` every second row: the commands share the code that selects.
        if (!isTurn(2 * SPECS.length)) continue
        const spelling = (i + spec.number) % 2 === 0 ? flag : opposite(flag)
        const expected = choosable.filter((id) =>
          spelling === flag ? matching.includes(id) : !matching.includes(id) && !unknown.includes(id),
        )
        const {status, stderr, ids, count} = await choose([...line, ...withFlag(spelling, value)], server, now)
        expect([spelling, status, count], stderr).toEqual([spelling, 0, expected.length])
        if (ids) expect([spelling, ids]).toEqual([spelling, expected])
        see(command, flag, 'done')
      }
    })

    test('change nothing', async () => {
      expect(await state()).toEqual(before)
    })
  })

  const isOnlyOn = (line: string) => MATRIX || spec.line === line
  const nodeNames = (...flags: string[]) =>
    list({command: 'nodes list', name: ({name}: {name: string}) => name, all: []}, flags)

  test.runIf(isOnlyOn('0.25'))('all conditions must hold', async () => {
    expect(await nodeNames('--user', 'bob', '--offline', '--name', 'db-*')).toEqual(['db-3', 'db-4'])
    expect(await nodeNames('--name', 'db-*', '--not-name', '*-4')).toEqual(['db-3'])
    expect(await nodeNames('--not-user', 'bob', '--not-user', 'id:1')).not.toContain('web-1')
    expect(await nodeNames('--user', 'id:1', '--expired')).toEqual([])
  })

  test.runIf(isOnlyOn('0.25'))(
    'a user who cannot be found is an error, also of a selector that would match nothing',
    async () => {
      for (const argv of [
        ['nodes', 'list', '--user', 'nobody'],
        ['nodes', 'list', '--not-user', 'nobody', '--expired'],
        ['routes', 'list', '--user', 'nobody'],
        ['preauthkeys', 'list', '--not-user', 'nobody'],
      ]) {
        const {status, stderr} = await run(argv)
        expect([argv, status, stderr.split('\n')[0]]).toEqual([argv, 3, `error: ${server.word} "nobody" not found`])
      }
      const shared = await run(['nodes', 'list', '--not-user', 'alice'])
      expect(shared.status).toBe(facts.sso.length > 0 ? 5 : 0)
    },
  )

  test.runIf(isOnlyOn('0.15'))('reads every list at most once, however many nodes there are', async () => {
    const recorder = await recorderFor(server.env, {http: server.minor >= 30})
    const requests = async (...argv: string[]) => {
      recorder.requests()
      expect((await runHere(argv, {env: recorder.env})).status).toBe(0)
      return recorder.requests()
    }
    try {
      await requests('nodes', 'list')
      const plain = await requests('nodes', 'list')
      expect(await requests('nodes', 'list', '--older-than', '1d', '--offline', '--name', '*')).toBe(plain)
      expect(await requests('nodes', 'list', '--not-user', 'bob', '--not-user', 'id:1')).toBe(plain + 1)
      // Up to 0.17 routes are read node by node: only those of nodes that meet the other conditions.
      expect((await requests('nodes', 'list', '--name', 'web-1', '--pending-routes')) - plain).toBeLessThanOrEqual(1)
    } finally {
      recorder.close()
    }
  })
})
