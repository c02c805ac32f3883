/** Filters and columns of lists that headscale's own command line also has, on the oldest and the newest sandbox. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const DAY = 24 * 60 * 60 * 1000
const NOW = new Date('2026-05-01T12:00:00Z')
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString()

describe.for(['0.15', '0.29'])('sandbox %s', (release) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({
      release,
      now: () => NOW,
      seed: {
        users: [{name: 'alice'}, {name: 'bob', ...(release === '0.29' && {email: 'bob@example.com'})}],
        nodes: [
          {name: 'a1', user: 'alice', expiry: later(4.5 * DAY)},
          {name: 'b1', user: 'bob', expiry: later(8 * DAY)},
          {name: 'b2', user: 'bob', expiry: later(-DAY)},
          {name: 'b3', user: 'bob', expiry: later(30_000)},
        ],
      },
    })
  })
  afterAll(() => server.close())
  const run = (...argv: string[]) => runHere(argv, {env: server.env, now: () => NOW})
  async function names(...argv: string[]): Promise<string[]> {
    const {status, stdout, stderr} = await run(...argv, '-o', 'json')
    expect([status, stderr]).toEqual([0, ''])
    return (JSON.parse(stdout) as {name: string}[]).map(({name}) => name)
  }

  test('users list -i, -n and -e show one user', async () => {
    expect(await names('users', 'list', '-i', '2')).toEqual(['bob'])
    expect(await names('users', 'list', '-n', 'alice')).toEqual(['alice'])
    expect(await names('users', 'list', '--name', 'al')).toEqual([])
    expect(await names('users', 'list', '-e', 'bob@example.com')).toEqual(release === '0.29' ? ['bob'] : [])
    expect(await names('users', 'list', '-i', '2', '-n', 'alice')).toEqual([])
    expect(await run('users', 'list', '-i', 'bob')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: invalid ID "bob"\nhint: an ID is a number\n',
    })
  })

  test('nodes show without a node prints the list, and accepts the flags of the list', async () => {
    expect(await run('nodes', 'show')).toEqual(await run('nodes', 'list'))
    expect(await run('nodes', 'show', '-n', 'bob', '-t')).toEqual(await run('nodes', 'list', '-u', 'bob', '-t'))
    expect(await names('nodes', 'show', '-u', 'alice')).toEqual(['a1'])
    expect((await run('nodes', 'show', 'a1', '-u', 'bob')).status).toBe(2)
    expect((await run('nodes', 'show', 'a1', '-i', '1')).stderr).toContain('node specified more than once')
  })

  test('a node that expires within a week shows the time left', async () => {
    const lines = (await run('nodes', 'list')).stdout.trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(' | ').at(-1))).toEqual(['no (4d)', 'no', 'yes', 'no (<1m)'])
  })

  test('times in documents are whole seconds', async () => {
    const {stdout} = await run('nodes', 'show', 'a1', '-o', 'json')
    expect((JSON.parse(stdout) as {expiry: string}).expiry).toBe('2026-05-06T00:00:00Z')
  })
})
