/** On a terminal, a wait shows what it waits for; the line is removed afterwards. Tests run together, since they mostly wait. */
import {mkdirSync, writeFileSync} from 'node:fs'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type Env, MATRIX_PROGRAMS, PROGRAM_NAMES, PROGRAMS, runChild, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal} from '../support/terminal.ts'

let silent: Server
const socket = join(scratchFolder(), 'hs.sock')
beforeAll(() => void (silent = createServer(() => {}).listen(socket)))
afterAll(() => void silent.close())

test.concurrent.for(PROGRAM_NAMES)('the %s shows what it waits for', async (program) => {
  const line = [...PROGRAMS[program], 'users', 'list', '--socket', socket, '--timeout', '4s'].join(' ')
  const terminal = openTerminal(line, {})
  await terminal.shows(`waiting for the socket ${socket}…`)
  expect(await terminal.ended).toBe(7)
  expect(await terminal.screen()).toMatch(/^error: /)
  expect(await terminal.screen()).not.toContain('waiting for')
})

describe('a slow request', () => {
  let server: TestServer
  let slow: HttpServer
  const env: Env = {}
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', via: 'REST', seed: {users: [{name: 'ops'}]}})
    slow = createHttpServer((request, response) => void forward(request, response)).listen(0, '127.0.0.1')
    await new Promise((done) => slow.once('listening', done))
    const {port} = slow.address() as {port: number}
    Object.assign(env, server.env, {HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`})
  })
  afterAll(() => {
    slow.close()
    return server.close()
  })

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/api/v1/user') await new Promise((done) => setTimeout(done, 2500))
    const {authorization = ''} = request.headers
    const reply = await fetch(server.env.HEADSCALE_CLI_ADDRESS! + request.url!, {headers: {authorization}})
    response.writeHead(reply.status, {'content-type': reply.headers.get('content-type') ?? ''}).end(await reply.text())
  }

  test.concurrent.for(MATRIX_PROGRAMS)('is named on the terminal of the %s, and in no pipe', async (program) => {
    const argv = ['users', 'list', '--columns', 'name']
    const piped = runChild(program, argv, {env})
    const terminal = openTerminal([...PROGRAMS[program], ...argv].join(' '), env)
    await terminal.shows(`waiting for ${env.HEADSCALE_CLI_ADDRESS} (list users)…`)
    expect(await terminal.ended).toBe(0)
    expect(await terminal.screen()).toBe('Name\nops')
    expect(await piped).toEqual({status: 0, stdout: 'Name\nops\n', stderr: ''})
  })

  test.concurrent('is named in one line of a narrow terminal', async () => {
    const terminal = openTerminal([...PROGRAMS.executable, 'users', 'list', '--columns', 'name'].join(' '), env, 30)
    await terminal.shows('waiting for http://127.0.0.1')
    expect(await terminal.screen()).toMatch(/^.{28,29}…$/)
    expect(await terminal.ended).toBe(0)
    expect(await terminal.screen()).toBe('Name\nops')
  })
})

test.concurrent('a lock that another command holds is named on the terminal', async () => {
  const seed = {users: [{name: 'ops'}], nodes: [{name: 'router', user: 'ops', routes: ['10.0.0.0/8']}]}
  const server = await startTestSandbox({release: '0.29', seed})
  const cache = scratchFolder()
  const locks = join(cache, 'headscale-ts/locks')
  mkdirSync(locks, {recursive: true, mode: 0o700})
  writeFileSync(join(locks, 'routes-1'), `${Date.now() + 60_000} ${process.pid} - x`, {mode: 0o600})
  const line = [...PROGRAMS.executable, 'routes', 'enable', 'router', '10.0.0.0/8', '--timeout', '2s'].join(' ')
  const terminal = openTerminal(line, {...server.env, XDG_CACHE_HOME: cache})
  await terminal.shows('waiting for another command that changes the routes of this node…')
  expect(await terminal.ended).toBe(0)
  expect(await terminal.screen()).not.toContain('waiting for')
  await server.close()
})

describe.for(PROGRAM_NAMES)('nodes wait of the %s', (program) => {
  let server: TestServer
  beforeAll(async () => {
    const nodes = [{name: 'web-1', user: 'ops', online: false}]
    server = await startTestSandbox({release: '0.29', seed: {users: [{name: 'ops'}], nodes}})
  })
  afterAll(() => server.close())

  test('shows on a terminal what is missing, and ends with 130 at Ctrl-C', async () => {
    const terminal = openTerminal(
      [...PROGRAMS[program], 'nodes', 'wait', 'web-1', '--for', 'online'].join(' '),
      server.env,
    )
    await terminal.shows('s: web-1 (id 1) is offline')
    terminal.type('\u0003')
    expect(await terminal.ended).toBe(130)
    expect(await terminal.screen()).toBe('error: interrupted')
  })

  test('prints nothing but the error in a pipe', async () => {
    const outcome = await runChild(program, ['nodes', 'wait', 'web-1', '--for', 'online', '--timeout', '1s'], {
      env: server.env,
    })
    expect(outcome).toMatchObject({
      status: 11,
      stdout: '',
      stderr: expect.stringMatching(/^error: timed out after 1s: /),
    })
  })
})
