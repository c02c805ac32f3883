/**
 * Changing routes, over a fake server where nothing else can show the case: other clients change the same node at the
 * same time, a server does not keep what it was sent, releases change one route per call. Nodes that advertise routes
 * are tested on the oldest and the newest sandbox, with both programs.
 */
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {ControlApi} from '../../src/api/control-api.ts'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {RELEASE_GROUPS} from '../../src/api/releases.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import type {Node} from '../../src/domain/node.ts'
import type {Route} from '../../src/domain/route.ts'
import {planRouteChange} from '../../src/usecases/routes/change-routes.ts'
import type {UpdateOptions} from '../../src/usecases/routes/update-routes.ts'
import {runChild, withPrograms} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const A = '10.0.0.0/24'
const B = '10.0.1.0/24'

/** A server that keeps one set of routes, with a hook before each write. */
function server({write = (set) => set}: {write?: (set: string[], count: number) => string[] | Promise<string[]>} = {}) {
  let approved: string[] = []
  let writes = 0
  const notices: string[] = []
  const node = {
    id: '71',
    hostName: 'router',
    givenName: 'router',
    ipAddresses: [],
    tags: [],
    user: null,
  } as unknown as Node
  const row = (prefix: string): Route => ({
    ...{id: null, node, prefix, available: true, serving: null},
    approved: approved.includes(prefix),
  })
  const api = {
    server: {capabilities: {routes: 'machine-sets'}, releases: '0.15'},
    routes: {
      ofNode: async () => [A, B].map(row),
      setApproved: async (_: Node, set: readonly string[]) => {
        approved = await write([...set], ++writes)
      },
    },
  } as unknown as ControlApi
  const options: UpdateOptions = {lock: (_, work) => work(), timeoutMs: 5000, note: (text) => notices.push(text)}
  return {
    enable: async (prefix: string) =>
      (await planRouteChange(api, node, {approve: true, prefixes: [prefix]}, options)).apply(),
    approve: (set: string[]) => void (approved = set),
    approved: () => approved.toSorted(),
    writes: () => writes,
    notices,
  }
}

describe('other clients change the node at the same time', () => {
  test('a client that read the routes before the change does not undo it', async () => {
    // Both read the empty set. The first to write is overwritten by the slower one, and must notice.
    const {enable, approved, notices} = server({
      write: async (set, count) => {
        await new Promise((resolve) => setTimeout(resolve, count * 30))
        return set
      },
    })
    await Promise.all([enable(A), enable(B)])
    expect(approved()).toEqual([A, B])
    expect(notices).toEqual(['another client changed the routes of router meanwhile; they were set 2 times'])
  })

  test('a change that another client overwrites is repeated on top of the other change', async () => {
    const {enable, approved, writes} = server({write: (set, count) => (count === 1 ? [B] : set)})
    await enable(A)
    expect([approved(), writes()]).toEqual([[A, B], 2])
  })

  test('a change that is overwritten again and again is an error that shows both sets', async () => {
    const {enable, writes} = server({write: () => [B]})
    await expect(enable(A)).rejects.toMatchObject({
      exitCode: 6,
      message: `the approved routes of router are not as set: expected ${B}, ${A}, got ${B}`,
      hint: 'another client or auto-approval is changing them; see: headscale-ts routes list -i 71',
      details: {expected: [B, A], found: [B]},
    })
    expect(writes()).toBe(3)
  })

  test('nothing is written when the routes are as requested', async () => {
    const {enable, approve, writes, notices} = server()
    approve([A])
    await enable(A)
    expect([writes(), notices]).toEqual([0, []])
  })
})

describe.for(RELEASE_GROUPS.filter(({capabilities}) => capabilities.routes === 'rows'))('headscale $id', (group) => {
  test('receives only the routes that change, one by one, and both routes of an exit node', async () => {
    const prefixes = [A, B, '0.0.0.0/0', '::/0']
    const enabled = new Set([B])
    const sent: string[] = []
    const machine = {id: '1', name: 'router', givenName: 'router'}
    const transport: Transport = {
      async call(operation, request) {
        const {routeId} = request as {routeId?: string}
        if (routeId !== undefined) {
          sent.push(`${operation} ${routeId}`)
          const prefix = prefixes[Number(routeId) - 1]!
          if (operation === 'EnableRoute') enabled.add(prefix)
          else enabled.delete(prefix)
        }
        return {
          machines: [machine],
          nodes: [machine],
          routes: prefixes.map((prefix, i) => ({
            ...{id: String(i + 1), prefix, machine, node: machine, advertised: true},
            enabled: enabled.has(prefix),
          })),
        }
      },
      close() {},
    }
    const api = createControlApi(transport, group, {via: 'a fake', version: null, now: () => new Date(0)})
    const [node] = await api.nodes.list()
    const options: UpdateOptions = {lock: (_, work) => work(), timeoutMs: 5000, note: () => {}}
    const plan = await planRouteChange(api, node!, {approve: true, prefixes: [A, '::/0']}, options)
    expect(plan.changes.map(({summary}) => summary.split(' of ')[0])).toEqual([
      `enable route ${A}`,
      'enable route ::/0',
      'enable route 0.0.0.0/0',
    ])
    const after = await plan.apply()
    expect(sent.toSorted()).toEqual(['EnableRoute 1', 'EnableRoute 3', 'EnableRoute 4'])
    expect(after.filter(({approved}) => approved).map(({prefix}) => prefix)).toEqual(prefixes)

    sent.length = 0
    await (await planRouteChange(api, node!, {approve: false, prefixes: ['0.0.0.0/0', B]}, options)).apply()
    expect(sent.toSorted()).toEqual(['DisableRoute 2', 'DisableRoute 3', 'DisableRoute 4'])
  })
})

describe.for(withPrograms([{release: '0.15'}, {release: '0.29'}]))(
  'the $program at sandbox $release',
  ({program, release}) => {
    let sandbox: TestServer
    beforeEach(async () => {
      const routes = [A, B, '0.0.0.0/0', '::/0']
      const nodes = [
        {name: 'router', user: 'default', routes, approved: [A]},
        {name: 'other', user: 'default', routes: [B], approved: [B]},
      ]
      sandbox = await startTestSandbox({release, seed: {nodes}})
    })
    afterEach(() => sandbox.close())
    const type = (...argv: string[]) => runChild(program, argv, {env: sandbox.env})
    const table = (...rows: string[]) => ({
      status: 0,
      stdout: ['Route       | Enabled', ...rows, ''].join('\n'),
      stderr: '',
    })

    test('changes the specified routes and no others', async () => {
      expect(await type('routes', 'enable', '-i', 'router', '-r', B)).toEqual(
        table(`${A} | true`, `${B} | true`, '0.0.0.0/0   | false', '::/0        | false'),
      )
      expect(await type('routes', 'enable', '-i', '1', '-r', '::/0')).toEqual(
        table(`${A} | true`, `${B} | true`, '0.0.0.0/0   | true', '::/0        | true'),
      )
      expect(await type('routes', 'disable', '-i', '1', '-r', A)).toEqual(
        table(`${A} | false`, `${B} | true`, '0.0.0.0/0   | true', '::/0        | true'),
      )
      expect(await type('routes', 'list', '-i', 'other')).toEqual(table(`${B} | true`))
    })

    test('lists the routes of all nodes', async () => {
      const primary = release === '0.15' ? ['-', '-', '-'] : ['true', 'false', 'true']
      expect(await type('routes', 'list')).toEqual({
        status: 0,
        stdout: [
          'Node ID | Node   | Prefix      | Advertised | Enabled | Primary',
          `1       | router | ${A} | true       | true    | ${primary[0]}`,
          `1       | router | ${B} | true       | false   | ${primary[1]}`,
          '1       | router | 0.0.0.0/0   | true       | false   | -',
          '1       | router | ::/0        | true       | false   | -',
          `2       | other  | ${B} | true       | true    | ${primary[2]}`,
          '',
        ].join('\n'),
        stderr: '',
      })
    })
  },
)
