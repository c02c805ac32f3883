/**
 * Routes on every server: enabling and disabling change no other route, an exit route means both address families,
 * approve-routes replaces all approved routes, and simultaneous changes are all kept.
 *
 * On 0.29 a fake client loses its routes, so the tests approve routes that it does not advertise there.
 */
import {beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type Outcome, runChild} from '../support/program.ts'
import {LONG_SUITE_SERVERS} from '../support/servers.ts'
import {useFixture} from '../support/fixture.ts'
import {smallTailnet} from '../support/tailnets.ts'

const A = '10.0.0.0/24'
const B = '10.0.1.0/24'
const EXIT = ['0.0.0.0/0', '::/0']

interface RouteDocument {
  prefix: string
  enabled: boolean
}

const enabled = (routes: RouteDocument[]) => routes.filter((route) => route.enabled).map(({prefix}) => prefix)

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet([A, B, ...EXIT])})
  /** The flag for routes that the fake client no longer advertises. */
  let unadvertised: string[]
  beforeAll(() => {
    unadvertised = server.offers.length > 0 ? [] : ['--allow-unadvertised']
  })
  beforeEach(async ({skip}) => {
    if (!server.canHaveRoutes) skip('a fake client has no routes here')
    const outcome = await server.run(['nodes', 'approve-routes', '-i', '1', '-r', '', '--force'])
    expect(outcome.status).toBe(0)
  })

  /** Runs a command that prints routes. @returns those that are enabled, sorted */
  async function routes(...argv: string[]): Promise<string[]> {
    const {status, stdout, stderr} = await server.run([...argv, '-o', 'json'])
    expect([status, stderr]).toEqual([0, ''])
    const shown = enabled(JSON.parse(stdout) as RouteDocument[]).toSorted()
    const listed = await server.run(['routes', 'list', '-i', '1', '-o', 'json'])
    expect(enabled(JSON.parse(listed.stdout) as RouteDocument[]).toSorted()).toEqual(shown)
    return shown
  }
  const enable = (...prefixes: string[]) =>
    routes('routes', 'enable', '-i', '1', ...unadvertised, ...prefixes.flatMap((prefix) => ['-r', prefix]))
  const disable = (...prefixes: string[]) =>
    routes('routes', 'disable', '-i', '1', ...prefixes.flatMap((prefix) => ['-r', prefix]))

  test('enabling and disabling do not change other routes', async () => {
    expect(await enable(A)).toEqual([A])
    expect(await enable(B)).toEqual([A, B])
    expect(await enable(A)).toEqual([A, B])
    expect(await disable(A)).toEqual([B])
    expect(await enable(`${A},${B}`)).toEqual([A, B])
    expect(await routes('routes', 'disable', '-i', 'router', '--all', '--force')).toEqual([])
  })

  test('an exit route means both address families', async () => {
    expect(await enable(A, '0.0.0.0/0')).toEqual(['0.0.0.0/0', A, '::/0'])
    expect(await disable('::/0')).toEqual([A])
    expect(await enable('::/0')).toEqual(['0.0.0.0/0', A, '::/0'])
    expect(await disable('0.0.0.0/0')).toEqual([A])
  })

  test('accepts other spellings of a prefix', async () => {
    expect(await enable('10.0.0.7/24')).toEqual([A])
    expect(await disable(' 10.0.0.0/24')).toEqual([])
  })

  test('--all enables all routes that the node advertises, after a confirmation', async () => {
    if (server.offers.length === 0) await enable(A, B, ...EXIT)
    else expect((await server.error('routes', 'enable', '-i', '1', '--all')).code).toBe('needs-confirmation')
    expect(await routes('routes', 'enable', '-i', '1', '--all', '--force')).toEqual(['0.0.0.0/0', A, B, '::/0'])
  })

  test('approve-routes replaces the approved routes and names those it removes', async () => {
    await enable(A)
    const word = server.capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'
    const approve = (...more: string[]) => server.run(['nodes', 'approve-routes', '-i', '1', ...unadvertised, ...more])
    expect(await approve('-r', `${B},0.0.0.0/0`)).toEqual({
      status: 0,
      stdout: `${word} updated\n`,
      stderr: `warning: router loses ${A}\n`,
    })
    expect(await routes('routes', 'list', '-i', '1')).toEqual(['0.0.0.0/0', B, '::/0'])
    const {stdout} = await approve('-r', '', '-o', 'json', '--force')
    expect(JSON.parse(stdout)).toMatchObject({
      id: '1',
      approvedRoutes: [],
      subnetRoutes: spec.line < '0.18' ? null : [],
    })
  })

  const APPROVE_NONE = ['nodes', 'approve-routes', '-i', '1', '-r', '']
  const DISABLE_ALL = ['routes', 'disable', '-i', '1', '--all']
  test.for([
    [APPROVE_NONE, 'Do you want to remove all approved routes of node router (id 1, default, '],
    [DISABLE_ALL, 'Do you want to disable all routes of node router (id 1, default, '],
  ] as const)('removing all routes needs a confirmation: %j', async ([line, question]) => {
    await enable(A, B)
    const empty = [...line]
    const {status, stdout, stderr} = await server.run(empty)
    expect([status, stdout]).toEqual([9, ''])
    expect(stderr).toContain(`error: confirmation needed ("${question}`)
    // 0.25.1 numbers the routes of a node in any order.
    expect([`${A}, ${B}`, `${B}, ${A}`]).toContain(stderr.match(/: ([^:?]+)\?/)?.[1])
    expect((await server.run(empty, false)).stderr).toContain(`? ${question}`)
    expect((await routes('routes', 'list', '-i', '1')).toSorted()).toEqual([A, B].toSorted())
    const dry = await server.run([...empty, '--dry-run'])
    expect([dry.status, dry.stdout]).toEqual([0, ''])
    expect(dry.stderr).toMatch(/^would /)
    expect((await routes('routes', 'list', '-i', '1')).toSorted()).toEqual([A, B].toSorted())
    expect((await server.run(empty, true)).status).toBe(0)
    expect(await routes('routes', 'list', '-i', '1')).toEqual([])
    // No routes are left, so nothing is asked.
    expect(await server.run(empty)).toMatchObject({status: 0, stderr: ''})
  })

  test('replacing some routes needs no confirmation', async () => {
    await enable(A)
    const line = ['nodes', 'approve-routes', '-i', '1', ...unadvertised, '-r', B]
    expect(await server.run(line, false)).toMatchObject({status: 0, stderr: `warning: router loses ${A}\n`})
    expect(await routes('routes', 'list', '-i', '1')).toEqual([B])
  })

  test('rejects an empty value for --route, and nothing changes', async () => {
    await enable(A)
    for (const verb of ['enable', 'disable']) {
      for (const value of ['', ' ']) {
        expect((await server.run(['routes', verb, '-i', '1', '-r', value])).status).toBe(2)
      }
    }
    expect((await server.run(['nodes', 'approve-routes', '-i', '1', '-r', ' '])).status).toBe(9)
    expect(await routes('routes', 'list', '-i', '1')).toEqual([A])
  })

  test('a dry run changes nothing and prints what would change', async () => {
    await enable(B)
    const before = await server.snapshot()
    const dryRun = (...line: string[]) => server.run(['routes', ...line, ...unadvertised, '--dry-run'])
    const line = ['enable', '-i', 'router', '-r', A]
    expect(await dryRun(...line)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(
        /^would enable route 10\.0\.0\.0\/24 of node router \(id 1, default, .*\)\n$/,
      ) as string,
    })
    const {stdout} = await dryRun(...line, '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      changes: [{action: 'enable', kind: 'route', name: A, owner: {name: 'default'}, after: {enabled: true}}],
    })
    expect(await dryRun('enable', '-i', '1', '-r', B)).toEqual({status: 0, stdout: '', stderr: 'nothing to change\n'})
    expect(await server.snapshot()).toEqual(before)
  })

  // Many child processes: on the oldest and the newest sandbox, and on every real server. No server can compare and set,
  // so without a common lock a client that pauses for long between reading and writing can still undo a change.
  const often = spec.kind === 'real' || ['0.15', '0.29'].includes(spec.line)
  test.runIf(often)('simultaneous changes are all kept', {timeout: 300_000, retry: 2}, async () => {
    const line = (prefix: string) => ['routes', 'enable', '-i', '1', ...unadvertised, '-r', prefix]
    for (let round = 0; round < 2; round++) {
      await server.run(['routes', 'disable', '-i', '1', '--all', '--force'])
      const outcomes: Outcome[] = await Promise.all([
        runChild('npm program', line(A), {env: server.server.env}),
        ...[B, '0.0.0.0/0'].map((prefix) => server.spawn(line(prefix))),
      ])
      // Each child has its own home, as in containers, so there is no common lock and a change may be repeated.
      for (const {status, stderr} of outcomes) {
        expect([status, stderr.replace(/^note: another client changed the routes of router .*\n$/, '')]).toEqual([
          0,
          '',
        ])
      }
      expect(await routes('routes', 'list', '-i', '1')).toEqual(['0.0.0.0/0', A, B, '::/0'])
    }
  })
})
