/** On a terminal, a wait of more than a second shows what it waits for; the line is removed afterwards. */
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {PROGRAM_NAMES, PROGRAMS, scratchFolder} from '../support/program.ts'
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
