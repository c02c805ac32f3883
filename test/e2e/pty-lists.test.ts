/** Lists of both programs on a real terminal of several widths, and their piped twins. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {MATRIX_PROGRAMS, PROGRAMS, runChild} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal} from '../support/terminal.ts'

const key = (digits: string) => digits.repeat(32)

const SEED = {
  prefixes: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'],
  users: [{name: 'default'}, {name: 'carson@example.com'}],
  nodes: [
    {
      name: 'carsondemacbook-pro',
      user: 'carson@example.com',
      nodeKey: key('1b'),
      ip: ['100.64.0.1', 'fd7a:115c:a1e0::1'],
      online: true,
    },
    {name: 'coredns', user: 'default', nodeKey: key('2b'), ip: ['100.64.0.2', 'fd7a:115c:a1e0::2']},
  ],
}

describe.for(MATRIX_PROGRAMS)('the %s', (program) => {
  const called = PROGRAMS[program].map((word) => `'${word}'`).join(' ')
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', seed: SEED, now: () => new Date('2026-05-01T12:00:00Z')})
  })
  afterAll(() => server.close())

  async function screen(line: string, cols: number): Promise<string[]> {
    const terminal = openTerminal(line.replaceAll('headscale-ts', called), server.env, cols)
    expect(await terminal.ended).toBe(0)
    return (await terminal.screen()).split('\n').map((text) => text.trimEnd())
  }

  test('at 60 columns texts are cut', async () => {
    expect(await screen('headscale-ts nodes list', 60)).toEqual([
      'ID | Name           | User           | IP addresses | Online',
      '1  | carsondemacbo… | carson@exampl… | 100.64.0.1   | online',
      '2  | coredns        | default        | 100.64.0.2   | online',
      'note: not shown: NodeKey, Ephemeral, Last seen, Expired (-o',
      'wide shows them)',
    ])
  })

  test('at 80 columns a node is one line', async () => {
    expect(await screen('headscale-ts nodes list', 80)).toEqual([
      'ID | Name                | User               | IP addresses | Online | Expired',
      '1  | carsondemacbook-pro | carson@example.com | 100.64.0.1   | online | no',
      '2  | coredns             | default            | 100.64.0.2   | online | no',
      'note: not shown: NodeKey, Ephemeral, Last seen (-o wide shows them)',
    ])
  })

  test('at 160 columns nothing is missing', async () => {
    const {stdout} = await runChild(program, ['nodes', 'list'], {env: server.env})
    expect((await screen('headscale-ts nodes list', 160)).join('\n')).toBe(stdout.trimEnd())
  })

  test('the width counts that the terminal has when the list is printed', async () => {
    const line = `${called} nodes wait coredns --for expired --timeout 30s`
    const terminal = openTerminal(line, server.env, 160)
    await terminal.shows('waiting, ')
    terminal.resize(60)
    expect((await runChild(program, ['nodes', 'expire', 'coredns'], {env: server.env})).status).toBe(0)
    expect(await terminal.ended).toBe(0)
    expect((await terminal.screen()).split('\n').map((text) => text.trimEnd())).toEqual([
      'ID | Name    | User    | IP addresses | Online | Expired',
      '2  | coredns | default | 100.64.0.2   | online | yes',
      'note: not shown: NodeKey, Ephemeral, Last seen (-o wide show',
      's them)',
    ])
  })

  test('through a pipe nothing is cut at any width', async () => {
    const {stdout} = await runChild(program, ['nodes', 'list'], {env: server.env})
    const [header = '', ...lines] = stdout.trimEnd().split('\n')
    expect(header).toContain('NodeKey')
    // The terminal wraps the lines that the pipe passes on.
    const shown = (await screen('headscale-ts nodes list | cat', 60)).join('')
    expect(shown.replaceAll(' ', '')).toBe([header, ...lines].join('').replaceAll(' ', ''))
  })

  test('no colour code is counted as width', async () => {
    const plain = await screen('NO_COLOR=1 headscale-ts nodes list', 80)
    expect(await screen('headscale-ts nodes list', 80)).toEqual(plain)
  })
})
