/**
 * Routes on every server: enabling and disabling touch nothing else, an exit node means both families, approve-routes
 * replaces the whole set, and two changes at once are both made.
 *
 * Where a made-up client has lost its routes (0.29), they are approved beforehand instead; the sets are the same.
 */
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type Outcome, runChild} from '../support/program.ts'
import {SERVERS} from '../support/servers.ts'
import {startWorld, type World} from './world.ts'

const A = '10.0.0.0/24'
const B = '10.0.1.0/24'
const EXIT = ['0.0.0.0/0', '::/0']

interface RouteDocument {
  prefix: string
  enabled: boolean
}

const enabled = (routes: RouteDocument[]) => routes.filter((route) => route.enabled).map(({prefix}) => prefix)

describe.for(SERVERS)('$label', (spec) => {
  let world: World
  /** What lets a route be approved that the made-up client does not advertise any more. */
  let beforehand: string[]
  beforeAll(async () => {
    world = await startWorld(spec, {routes: [A, B, ...EXIT]})
    beforehand = world.offers.length > 0 ? [] : ['--allow-unadvertised']
  })
  afterAll(() => world?.close())
  beforeEach(async ({skip}) => {
    if (!world.canHaveRoutes) skip('a made-up client has no routes here')
    const outcome = await world.run(['nodes', 'approve-routes', '-i', '1', '-r', ''])
    expect(outcome.status).toBe(0)
  })

  /** Types a line that prints routes. @returns those that are enabled, sorted */
  async function routes(...argv: string[]): Promise<string[]> {
    const {status, stdout, stderr} = await world.run([...argv, '-o', 'json'])
    expect([status, stderr]).toEqual([0, ''])
    const shown = enabled(JSON.parse(stdout) as RouteDocument[]).toSorted()
    const listed = await world.run(['routes', 'list', '-i', '1', '-o', 'json'])
    expect(enabled(JSON.parse(listed.stdout) as RouteDocument[]).toSorted()).toEqual(shown)
    return shown
  }
  const enable = (...prefixes: string[]) =>
    routes('routes', 'enable', '-i', '1', ...beforehand, ...prefixes.flatMap((prefix) => ['-r', prefix]))
  const disable = (...prefixes: string[]) =>
    routes('routes', 'disable', '-i', '1', ...prefixes.flatMap((prefix) => ['-r', prefix]))

  test('enabling and disabling leave other routes alone', async () => {
    expect(await enable(A)).toEqual([A])
    expect(await enable(B)).toEqual([A, B])
    expect(await enable(A)).toEqual([A, B])
    expect(await disable(A)).toEqual([B])
    expect(await enable(`${A},${B}`)).toEqual([A, B])
    expect(await routes('routes', 'disable', '-i', 'router', '--all')).toEqual([])
  })

  test('an exit route means both families', async () => {
    expect(await enable(A, '0.0.0.0/0')).toEqual(['0.0.0.0/0', A, '::/0'])
    expect(await disable('::/0')).toEqual([A])
    expect(await enable('::/0')).toEqual(['0.0.0.0/0', A, '::/0'])
    expect(await disable('0.0.0.0/0')).toEqual([A])
  })

  test('a prefix may be written in another way', async () => {
    expect(await enable('10.0.0.7/24')).toEqual([A])
    expect(await disable(' 10.0.0.0/24')).toEqual([])
  })

  test('--all is all the node advertises', async () => {
    if (world.offers.length === 0) await enable(A, B, ...EXIT)
    expect(await routes('routes', 'enable', '-i', '1', '--all')).toEqual(['0.0.0.0/0', A, B, '::/0'])
  })

  test('approve-routes makes the set exactly this one and says what it takes away', async () => {
    await enable(A)
    const word = world.capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'
    const approve = (...more: string[]) => world.run(['nodes', 'approve-routes', '-i', '1', ...beforehand, ...more])
    expect(await approve('-r', `${B},0.0.0.0/0`)).toEqual({
      status: 0,
      stdout: `${word} updated\n`,
      stderr: `note: router loses ${A}\n`,
    })
    expect(await routes('routes', 'list', '-i', '1')).toEqual(['0.0.0.0/0', B, '::/0'])
    const {stdout} = await approve('-r', '', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      id: '1',
      approvedRoutes: [],
      subnetRoutes: spec.line < '0.18' ? null : [],
    })
  })

  test('approve-routes at a terminal asks before it takes routes away, and only then', async () => {
    await enable(A)
    const approve = (answer: boolean, ...set: string[]) =>
      world.run(['nodes', 'approve-routes', '-i', '1', ...beforehand, '-r', set.join(',')], answer)
    expect(await approve(false, B)).toEqual({
      status: 9,
      stdout: '',
      stderr:
        `router loses ${A}\n? Do you want to remove these routes?\n` +
        'error: declined; nothing was changed\nhint: run the command again and answer y, or add --force\n',
    })
    expect(await routes('routes', 'list', '-i', '1')).toEqual([A])
    expect((await approve(false, A, B)).stderr).toBe('')
    expect(await approve(true, B)).toMatchObject({status: 0})
    expect(await routes('routes', 'list', '-i', '1')).toEqual([B])
  })

  test('a dry run changes nothing and says what would be', async () => {
    const before = await world.look()
    expect(await world.run(['routes', 'enable', '-i', 'router', '-r', A, ...beforehand, '--dry-run'])).toEqual({
      status: 0,
      stdout: '',
      stderr: `dry run: would enable ${A} of node "router"; nothing was changed\n`,
    })
    expect(await world.look()).toEqual(before)
  })

  // Thirty child processes: on the oldest and the newest sandbox, and on every real server.
  const often = spec.kind === 'real' || ['0.15', '0.29'].includes(spec.line)
  test.runIf(often)('two changes at once are both made', {timeout: 120_000}, async () => {
    const line = (prefix: string) => ['routes', 'enable', '-i', '1', ...beforehand, '-r', prefix]
    for (let round = 0; round < 10; round++) {
      await world.run(['routes', 'disable', '-i', '1', '--all'])
      const outcomes: Outcome[] = await Promise.all([
        runChild('npm program', line(A), {env: world.server.env}),
        ...[B, '0.0.0.0/0'].map((prefix) => world.spawn(line(prefix))),
      ])
      expect(outcomes.map(({status, stderr}) => [status, stderr])).toEqual([
        [0, ''],
        [0, ''],
        [0, ''],
      ])
      expect(await routes('routes', 'list', '-i', '1')).toEqual(['0.0.0.0/0', A, B, '::/0'])
    }
  })
})
