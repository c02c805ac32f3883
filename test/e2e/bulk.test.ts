/**
 * Changes of many nodes that do not come to an end: Ctrl-C, a server that goes away, a key that expires. The report is
 * compared with the server, and the same command run again does the rest. A proxy delays and counts the changes.
 */
import {spawn} from 'node:child_process'
import {createServer, request, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {
  childEnv,
  type Env,
  MATRIX_PROGRAMS,
  type Outcome,
  type ProgramName,
  PROGRAMS,
  runHere,
} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal} from '../support/terminal.ts'

const NODES = Array.from({length: 12}, (_, i) => ({name: `node-${i + 1}`, user: 'default', online: false}))

interface Proxy {
  env: Env
  /** Changes that arrived. */
  arrived(): number
  close(): void
}

/** @param after what happens to the changes after this many */
async function slowProxy(
  target: TestServer,
  {after, fate}: {after: number; fate: 'go on' | 'die' | 'reject'},
): Promise<Proxy> {
  const upstream = new URL(target.env.HEADSCALE_CLI_ADDRESS!)
  let arrived = 0
  const server: Server = createServer((incoming, reply) => {
    void (async () => {
      const changes = incoming.method !== 'GET'
      if (changes && ++arrived > after) {
        if (fate === 'die') {
          server.closeAllConnections()
          return void server.close()
        }
        if (fate === 'reject') return void reply.writeHead(401).end('Unauthorized')
      }
      if (changes) await sleep(200)
      const {method, url: path, headers} = incoming
      const outgoing = request({host: upstream.hostname, port: upstream.port, method, path, headers}, (answer) => {
        reply.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(reply)
      })
      outgoing.on('error', () => reply.destroy())
      incoming.pipe(outgoing)
    })()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const HEADSCALE_CLI_ADDRESS = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: {...target.env, HEADSCALE_CLI_ADDRESS},
    arrived: () => arrived,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe.for(MATRIX_PROGRAMS)('the %s', (program) => {
  let sandbox: TestServer
  let proxy: Proxy | null = null
  beforeEach(async () => {
    sandbox = await startTestSandbox({release: '0.29', via: 'REST', seed: {nodes: NODES}})
  })
  afterEach(async () => {
    proxy?.close()
    await sandbox.close()
  })

  async function left(): Promise<string[]> {
    const {stdout} = await runHere(['nodes', 'list', '-o', 'json'], {env: sandbox.env})
    return (JSON.parse(stdout) as {id: string}[]).map(({id}) => id)
  }

  const DELETE = ['nodes', 'delete', '--user', 'default', '--force', '--concurrency', '2']

  test('reports after Ctrl-C what was done, exactly', async () => {
    proxy = await slowProxy(sandbox, {after: 100, fate: 'go on'})
    const {ended, interrupt} = start(program, [...DELETE, '-o', 'json'], proxy.env)
    while (proxy.arrived() < 3) await sleep(10)
    interrupt()
    const {status, stdout, stderr} = await ended
    const {done, failed, notTried, code} = (JSON.parse(stderr) as {error: Report}).error
    expect([status, code, failed]).toEqual([130, 'cancelled', []])
    expect(done.length).toBeGreaterThanOrEqual(3)
    expect((JSON.parse(stdout) as {id: string}[]).map(({id}) => id)).toEqual(done)
    expect(await left()).toEqual(notTried)
    expect(done.length + notTried.length).toBe(NODES.length)

    const again = await runHere(DELETE, {env: sandbox.env})
    expect([again.status, await left()]).toEqual([0, []])
  })

  test('reports which nodes were not tried after the server went away', async () => {
    proxy = await slowProxy(sandbox, {after: 4, fate: 'die'})
    const {status, stdout, stderr} = await start(program, [...DELETE, '-o', 'json'], proxy.env).ended
    const {done, failed, notTried, code} = (JSON.parse(stderr) as {error: Report}).error
    expect([status, code]).toEqual([10, 'partial'])
    expect((JSON.parse(stdout) as {id: string}[]).map(({id}) => id)).toEqual(done)
    // A change whose connection broke may have been applied; it is reported as failed.
    expect(failed.map((one) => one.code)).toEqual(failed.map(() => 'unreachable'))
    const remaining = await left()
    expect(remaining.filter((id) => done.includes(id))).toEqual([])
    expect(notTried.filter((id) => !remaining.includes(id))).toEqual([])
    expect(done.length + failed.length + notTried.length).toBe(NODES.length)

    const again = await runHere(DELETE, {env: sandbox.env})
    expect([again.status, await left()]).toEqual([0, []])
  })

  test('stops when the key is not accepted any more', async () => {
    proxy = await slowProxy(sandbox, {after: 4, fate: 'reject'})
    const {status, stdout, stderr} = await start(program, DELETE, proxy.env).ended
    expect([status, stdout.match(/^deleted node /gm)?.length]).toEqual([10, 4])
    expect(stderr).toMatch(/^failed: node node-5 \(id 5, .*\): .*\n/)
    expect(stderr).toMatch(/error: not all nodes were changed: 4 changed, [12] failed, [67] not tried\n/)
    expect(proxy.arrived()).toBeLessThan(8)
    expect((await left()).length).toBe(8)
  })
})

describe.for(MATRIX_PROGRAMS)('the %s on a terminal', (program) => {
  let sandbox: TestServer
  beforeEach(async () => {
    sandbox = await startTestSandbox({release: '0.29', seed: {nodes: NODES.slice(0, 3)}})
  })
  afterEach(() => sandbox.close())
  const open = (line: string) =>
    openTerminal(`${PROGRAMS[program].map((word) => `'${word}'`).join(' ')} ${line}`, sandbox.env)

  test('shows what would change, and asks once', async () => {
    const terminal = open('nodes delete node-1 node-3 nope')
    await terminal.shows('Do you want to delete 2 nodes? (y/N)')
    expect(await terminal.screen()).toBe(
      [
        'ID | Name   | Owner   | Address  | Change',
        '1  | node-1 | default | 10.1.0.1 | delete',
        '3  | node-3 | default | 10.1.0.3 | delete',
        'failed: node "nope" not found',
        'A deleted node must be registered again to come back.',
        '? Do you want to delete 2 nodes? (y/N)',
      ].join('\n'),
    )
    terminal.type('y\r')
    expect(await terminal.ended).toBe(10)
    expect(await terminal.screen()).toContain('deleted node node-3 (id 3, default, 10.1.0.3, offline)')
  })

  test.for([
    ['n', 'n\r', 9, 'declined; nothing was changed'],
    ['Ctrl-C', '\u0003', 130, 'interrupted; nothing was changed'],
    ['Ctrl-D', '\u0004', 9, 'declined; nothing was changed'],
  ] as const)('changes nothing after %s', async ([, keys, status, message]) => {
    const terminal = open('nodes expire --user default')
    await terminal.shows('Do you want to expire 3 nodes? (y/N)')
    terminal.type(keys)
    expect([await terminal.ended, await terminal.screen()]).toEqual([status, expect.stringContaining(message)])
  })
})

interface Report {
  code: string
  done: string[]
  failed: {id: string; code: string}[]
  notTried: string[]
}

function start(program: ProgramName, argv: readonly string[], env: Env): {ended: Promise<Outcome>; interrupt(): void} {
  const [file, ...first] = PROGRAMS[program]
  const child = spawn(file, [...first, ...argv], {env: childEnv(env), stdio: ['ignore', 'pipe', 'pipe']})
  const out = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (code, signal) => resolve({...out, status: code ?? (signal === null ? 1 : 128)}))
  })
  return {ended, interrupt: () => void child.kill('SIGINT')}
}
