/** Commands that wait: how long, for what, and which errors end the wait. Time is a counter here, so no test waits. */
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type Sandbox, startSandbox} from '../../src/sandbox/index.ts'
import {maskTimes, type Outcome, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SEED = {
  users: [{name: 'ops'}],
  nodes: [
    {name: 'router', user: 'ops', routes: ['10.0.0.0/24']},
    {name: 'web-1', user: 'ops', online: false},
  ],
  pending: [{key: '2'.repeat(24), name: 'web-2', online: true}],
}
const REGISTER = ['nodes', 'register', '-u', 'ops', '--key', `hskey-authreq-${'2'.repeat(24)}`]

/** Runs a line while time passes only in its pauses. @param during what happens in the nth pause */
async function runWaiting(
  line: readonly string[],
  env: Record<string, string | undefined>,
  during: (pause: number) => Promise<unknown> = async () => {},
): Promise<Outcome & {passedMs: number}> {
  let time = Date.parse('2026-01-01T00:00:00Z')
  let pauses = 0
  const start = time
  const outcome = await runHere(line, {
    env,
    now: () => new Date(time),
    async sleep(ms) {
      time += ms
      await during(++pauses)
    },
  })
  return {...outcome, passedMs: time - start}
}

describe('nodes wait', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startTestSandbox({release: '0.29', seed: SEED})
  })
  afterEach(() => server.close())

  test('waits for a node that joins', async () => {
    const {status, stdout, stderr, passedMs} = await runWaiting(
      ['nodes', 'wait', 'web-2', '--for', 'online', '-o', 'json'],
      server.env,
      async (pause) => pause === 5 && (await runHere(REGISTER, {env: server.env})),
    )
    expect([status, stderr, passedMs]).toEqual([0, '', 5000])
    expect(JSON.parse(stdout)).toMatchObject({name: 'web-2', online: true})
  })

  test('prints the nodes as a list', async () => {
    const {stdout} = await runWaiting(['nodes', 'wait', 'router', '--for', 'online'], server.env)
    const listed = await runHere(['nodes', 'list', '--name', 'router'], {
      env: server.env,
      now: () => new Date('2026-01-01'),
    })
    expect(maskTimes(stdout)).toBe(maskTimes(listed.stdout))
  })

  test.for([
    [['--timeout', '10s'], 10_000, '10s'],
    [['--timeout', '90'], 90_000, '1m30s'],
    [['--timeout', '2500ms', '--interval', '1s'], 2500, '2s500ms'],
    [[], 60_000, '1m'],
  ] as const)('%j is the time in all', async ([flags, ms, shown]) => {
    const {status, stdout, stderr, passedMs} = await runWaiting(
      ['nodes', 'wait', 'web-1', '--for', 'online', ...flags],
      server.env,
    )
    expect([status, stdout, stderr, passedMs]).toEqual([
      11,
      '',
      `error: timed out after ${shown}: web-1 (id 2) is offline\nhint: use a longer --timeout, or see: headscale-ts nodes list\n`,
      ms,
    ])
  })

  test.for([
    ['offline', 'router (id 1) is online'],
    ['route=10.0.0.7/24', 'router (id 1) advertises 10.0.0.0/24, which is not approved'],
    ['serving=10.9.0.0/24', 'router (id 1) does not advertise 10.9.0.0/24'],
    ['expired', 'the key of router (id 1) has not expired'],
  ] as const)('--for %s says what is missing', async ([state, missing]) => {
    const {stderr} = await runWaiting(['nodes', 'wait', 'router', '--for', state, '--timeout', '1s'], server.env)
    expect(stderr.split('\n')[0]).toBe(`error: timed out after 1s: ${missing}`)
  })

  test('a route is there when it is approved', async () => {
    const {status, passedMs} = await runWaiting(
      ['nodes', 'wait', '--name', 'rout*', '--for', 'route=10.0.0.0/24', '--for', 'serving=10.0.0.0/24'],
      server.env,
      async (pause) => pause === 2 && (await runHere(['routes', 'enable', 'router', '10.0.0.0/24'], {env: server.env})),
    )
    expect([status, passedMs]).toEqual([0, 2000])
  })

  test('a selector keeps the nodes that matched first, and a removed one ends the wait', async () => {
    const {status, stderr, passedMs} = await runWaiting(
      ['nodes', 'wait', '--offline', '--for', 'online'],
      server.env,
      async (pause) => pause === 3 && (await runHere(['nodes', 'delete', 'web-1', '--force'], {env: server.env})),
    )
    expect([status, stderr, passedMs]).toEqual([
      3,
      'error: removed while waiting for it: node 2\nhint: see: headscale-ts nodes list\n',
      3000,
    ])
  })

  test.for([
    [['nodes', 'wait', '--for', 'online'], 'no node given'],
    [['nodes', 'wait', 'router'], 'missing flag --for'],
    [['nodes', 'wait', 'router', '--for', 'up'], 'invalid --for "up"'],
    [['nodes', 'wait', 'router', '--for', 'online=1'], 'invalid --for "online=1"'],
    [['nodes', 'wait', 'router', '--for', 'route'], 'invalid --for "route"'],
    [['nodes', 'wait', 'router', '--for', 'route='], 'invalid prefix ""'],
    [['nodes', 'wait', 'router', '--online', '--for', 'online'], 'nodes are named and selected'],
    [['nodes', 'wait', 'router', '--for', 'online', '--timeout', '0'], 'invalid value "0" for --timeout: it is zero'],
    [['nodes', 'wait', '', '--for', 'online'], 'the argument NODE has an empty value'],
  ] as const)('%j is rejected', async ([line, message]) => {
    const {status, stdout, stderr} = await runWaiting(line, server.env)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test('Ctrl-C ends the wait', async () => {
    let press = () => {}
    const outcome = await runHere(['nodes', 'wait', 'web-1', '--for', 'online'], {
      env: server.env,
      interrupt: (given) => (press = given),
      sleep: async () => press(),
    })
    expect(outcome).toEqual({status: 130, stdout: '', stderr: 'error: interrupted\n'})
  })
})

describe('a server that is away', () => {
  const socketPath = join(scratchFolder(), 'hs.sock')
  const env = {HEADSCALE_UNIX_SOCKET: socketPath}
  let server: Sandbox | null = null
  const start = async () => void (server = await startSandbox({release: '0.29', seed: SEED, socketPath}))
  afterEach(async () => {
    await server?.close()
    server = null
  })

  test('health --wait waits for its start', async () => {
    const {status, stdout, stderr, passedMs} = await runWaiting(['health', '--wait', '60s'], env, async (pause) =>
      pause === 4 ? start() : undefined,
    )
    expect({status, stdout, stderr, passedMs}).toEqual({
      status: 0,
      stdout: `healthy: headscale 0.29 (gRPC on ${socketPath})\n`,
      stderr: '',
      passedMs: 4000,
    })
  })

  test('health --wait names the reason when the time is over', async () => {
    const {status, stdout, stderr} = await runWaiting(['health', '--wait', '3s'], env)
    expect([status, stdout]).toEqual([11, ''])
    expect(stderr).toMatch(new RegExp(`^error: timed out after 3s: .*${socketPath}`))
  })

  test('nodes wait goes on after a restart', async () => {
    await start()
    const {status, passedMs} = await runWaiting(['nodes', 'wait', 'web-2', '--for', 'online'], env, async (pause) => {
      if (pause === 1) await server!.close()
      if (pause === 3) await start()
      if (pause === 4) await runHere(REGISTER, {env})
    })
    expect([status, passedMs]).toEqual([0, 4000])
  })
})

describe('a wrong API key', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', via: 'REST', seed: SEED})
  })
  afterAll(() => server.close())

  test.for([
    ['nodes', 'wait', 'web-1', '--for', 'online'],
    ['health', '--wait', '60s'],
  ])('ends %s %s at once', async (line) => {
    const env = {...server.env, HEADSCALE_CLI_API_KEY: 'hskey-api-aaaaaaaaaaaa-wrong'}
    const {status, passedMs} = await runWaiting(line, env)
    expect([status, passedMs]).toEqual([4, 0])
  })
})
