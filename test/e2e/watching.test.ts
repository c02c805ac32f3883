/** `nodes watch` of both programs: on a terminal, in a pipe that is closed, and with a program for each event. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {PROGRAM_NAMES, PROGRAMS, runScript, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal} from '../support/terminal.ts'

describe.for(PROGRAM_NAMES)('the %s', (program) => {
  let server: TestServer
  beforeEach(async () => {
    const nodes = [{name: 'web-1', user: 'ops'}]
    server = await startTestSandbox({release: '0.29', seed: {users: [{name: 'ops'}], nodes}})
  })
  afterEach(() => server.close())

  /** Renames the node again and again, until the work is done. */
  async function renaming<Result>(work: Promise<Result>): Promise<Result> {
    const {api, close} = await server.connect()
    let done = false
    const end = work.finally(() => void (done = true))
    for (let count = 1; !done; count++) {
      const [node] = await api.nodes.list()
      await api.nodes.rename(node!, `web-${count}x`)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    close()
    return end
  }

  test('prints events on a terminal, and ends with 130 at Ctrl-C', async () => {
    const line = [...PROGRAMS[program], 'nodes', 'watch', '--interval', '100ms'].join(' ')
    const terminal = openTerminal(line, server.env)
    await renaming(terminal.shows('| renamed '))
    terminal.type('\u0003')
    expect(await terminal.ended).toBe(130)
    expect(await terminal.screen()).toMatch(/^note: watching 1 node: the list is read every 0.1 s/)
    expect(await terminal.screen()).not.toContain('error')
  })

  test('ends with 0 when its reader has ended', async () => {
    const script = 'headscale-ts nodes watch --interval 100ms -o json-line | head -1; echo "${PIPESTATUS[0]}"'
    const {stdout, stderr} = await renaming(runScript(program, script, {env: server.env}))
    const [event, status] = stdout.split('\n')
    expect(JSON.parse(event!)).toMatchObject({type: 'renamed', node: {id: '1'}})
    expect([status, JSON.parse(stderr === '' ? 'null' : stderr)]).toEqual(['0', expect.anything()])
  })

  test('runs a program for each event, whose output goes to standard error', async () => {
    const seen = join(scratchFolder(), 'seen')
    const exec = `--exec sh -- -c 'cat >>${seen}; echo "saw $HEADSCALE_TS_EVENT_TYPE"'`
    const script = `headscale-ts nodes watch --interval 100ms ${exec} | head -1`
    const {stdout, stderr} = await renaming(runScript(program, script, {env: server.env}))
    expect(stdout).toMatch(/^[\d: -]+ \| renamed +\| web-\d+x \(id 1, /)
    expect(stderr).toContain('saw renamed\n')
    const [first] = readFileSync(seen, 'utf8').split('\n')
    expect(JSON.parse(first!)).toMatchObject({type: 'renamed', node: {id: '1'}})
  })
})
