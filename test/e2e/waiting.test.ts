/** On a terminal, a wait shows what it waits for; the line is removed afterwards. */
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {PROGRAM_NAMES, PROGRAMS, runChild, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal} from '../support/terminal.ts'

let silent: Server
const socket = join(scratchFolder(), 'hs.sock')
beforeAll(() => void (silent = createServer(() => {}).listen(socket)))
afterAll(() => void silent.close())

test.for(PROGRAM_NAMES)('the %s shows what it waits for', async (program) => {
  const line = [...PROGRAMS[program], 'users', 'list', '--socket', socket, '--timeout', '4s'].join(' ')
  const terminal = openTerminal(line, {})
  await terminal.shows(`waiting for the socket ${socket}…`)
  expect(await terminal.ended).toBe(7)
  expect(await terminal.screen()).toMatch(/^error: /)
  expect(await terminal.screen()).not.toContain('waiting for')
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
