/**
 * The rules of changing routes where only a made-up server shows them: others who change the same node meanwhile, a
 * server that does not keep what it was given, releases that switch route by route. And clients that do advertise their
 * routes, on the oldest and the newest sandbox, by both programs.
 */
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {ControlApi} from '../../src/api/control-api.ts'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {RELEASE_GROUPS} from '../../src/api/releases.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import type {Node} from '../../src/domain/node.ts'
import type {Route} from '../../src/domain/route.ts'
import {changeRoutes} from '../../src/usecases/routes/change-routes.ts'
import {PROGRAM_NAMES, runChild} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const A = '10.0.0.0/24'
const B = '10.0.1.0/24'

/** A server that keeps one set of routes, with a hook before each write. */
function server({write = (set) => set}: {write?: (set: string[], count: number) => string[] | Promise<string[]>} = {}) {
  let approved: string[] = []
  let writes = 0
  const node = {id: '71', hostName: 'router', givenName: 'router'} as Node
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
  return {
    enable: (prefix: string) => changeRoutes(api, node, {approve: true, prefixes: [prefix]}),
    approve: (set: string[]) => void (approved = set),
    approved: () => approved.toSorted(),
    writes: () => writes,
  }
}

describe('others change the node meanwhile', () => {
  test('another run on this machine waits for its turn', async () => {
    // The slower of two that have both read takes the other's change back, and nobody would see it.
    const {enable, approved} = server({
      write: async (set, count) => {
        if (count === 1 && set[0] === A) await new Promise((resolve) => setTimeout(resolve, 200))
        return set
      },
    })
    await Promise.all([enable(A), enable(B)])
    expect(approved()).toEqual([A, B])
  })

  test('a change that somebody took back is made once more, on top of theirs', async () => {
    const {enable, approved, writes} = server({write: (set, count) => (count === 1 ? [B] : set)})
    await enable(A)
    expect([approved(), writes()]).toEqual([[A, B], 2])
  })

  test('one that does not last is an error with both sets', async () => {
    const {enable, writes} = server({write: () => [B]})
    await expect(enable(A)).rejects.toMatchObject({
      exitCode: 6,
      message: `the routes of router are not what was set: wanted ${B}, ${A}; found ${B}`,
      hint: 'somebody or auto-approval is changing them at the same time; look again: headscale-ts routes list',
      details: {wanted: [B, A], found: [B]},
    })
    expect(writes()).toBe(2)
  })

  test('what is so already is not written', async () => {
    const {enable, approve, writes} = server()
    approve([A])
    await enable(A)
    expect(writes()).toBe(0)
  })
})

describe.for(RELEASE_GROUPS.filter(({capabilities}) => capabilities.routes === 'rows'))('headscale $id', (group) => {
  test('is sent the routes that change, one by one, both halves of an exit node', async () => {
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
    const after = await changeRoutes(api, node!, {approve: true, prefixes: [A, '::/0']})
    expect(sent.toSorted()).toEqual(['EnableRoute 1', 'EnableRoute 3', 'EnableRoute 4'])
    expect(after.filter(({approved}) => approved).map(({prefix}) => prefix)).toEqual(prefixes)

    sent.length = 0
    await changeRoutes(api, node!, {approve: false, prefixes: ['0.0.0.0/0', B]})
    expect(sent.toSorted()).toEqual(['DisableRoute 2', 'DisableRoute 3', 'DisableRoute 4'])
  })
})

describe.for(PROGRAM_NAMES.flatMap((program) => ['0.15', '0.29'].map((release) => ({program, release}))))(
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

    test('changes the routes it was told to and no others', async () => {
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
