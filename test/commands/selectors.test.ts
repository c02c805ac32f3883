/** Selectors at the edges: times to the millisecond, nodes that were never seen, empty and contradicting flags. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {transcript} from '../support/transcript.ts'

const NOW = new Date('2026-05-01T12:00:00Z')
const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString()
const HOUR = 3_600_000

describe.for(['0.15', '0.29'])('sandbox %s', (release) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({
      release,
      now: () => NOW,
      seed: {
        users: [{name: 'alice'}, {name: 'bob'}],
        nodes: [
          {name: 'hour', user: 'alice', online: false, lastSeen: at(-HOUR), createdAt: at(-9 * HOUR), expiry: at(0)},
          {name: 'less', user: 'alice', online: false, lastSeen: at(1 - HOUR), createdAt: at(-9 * HOUR), expiry: at(1)},
          {name: 'never', user: 'bob', online: false, createdAt: at(-HOUR), expiry: at(HOUR)},
          {name: 'new', user: 'bob', online: false, createdAt: at(1 - HOUR), expiry: at(HOUR + 1)},
          {name: 'here', user: 'bob', online: true, createdAt: at(-9 * HOUR)},
        ],
        preAuthKeys: [{user: 'alice', expiration: at(0)}, {user: 'alice', expiration: at(HOUR)}, {user: 'bob'}],
      },
    })
  })
  afterAll(() => server.close())
  const run = (...argv: string[]) => runHere(argv, {env: server.env, now: () => NOW})
  async function names(...argv: string[]): Promise<string[]> {
    const {status, stdout, stderr} = await run(...argv, '-o', 'json')
    expect([status, stderr]).toEqual([0, ''])
    return (JSON.parse(stdout) as {name?: string; id: string}[]).map(({name, id}) => name ?? id)
  }

  test('a limit belongs to what it limits, and a node that was never seen counts from its registration', async () => {
    expect(await names('nodes', 'list', '--offline-for', '1h')).toEqual(['hour', 'never'])
    expect(await names('nodes', 'list', '--not-offline-for', '1h')).toEqual(['less', 'new', 'here'])
    expect(await names('nodes', 'list', '--older-than', '1h')).toEqual(['hour', 'less', 'never', 'here'])
    expect(await names('nodes', 'list', '--older-than', '1h', '--older-than', '9h')).toEqual(['hour', 'less', 'here'])
    expect(await names('nodes', 'list', '--expired')).toEqual(['hour'])
    expect(await names('nodes', 'list', '--expires-within', '1h')).toEqual(['less', 'never'])
    expect(await names('nodes', 'list', '--not-expires-within', '1h')).toEqual(['hour', 'new', 'here'])
    expect(await names('preauthkeys', 'list', '--expired')).toEqual(['1'])
    expect(await names('preauthkeys', 'list', '--expires-within', '1h')).toEqual(['2'])
    expect(await names('preauthkeys', 'list', '--not-expired')).toEqual(['2', '3'])
  })

  test('a flag that is false is its opposite', async () => {
    expect(await names('nodes', 'list', '--online=false')).toEqual(await names('nodes', 'list', '--offline'))
    expect(await names('nodes', 'list', '--not-online')).toEqual(await names('nodes', 'list', '--offline'))
    expect(await names('nodes', 'list', '--offline=false')).toEqual(['here'])
    expect(await names('nodes', 'list', '--expired=false')).toEqual(['less', 'never', 'new', 'here'])
    expect(await names('nodes', 'list', '--not-expired=false')).toEqual(['hour'])
  })

  test('flags can come before the command, and letters are those of every list', async () => {
    expect(await names('--online', 'nodes', 'list')).toEqual(['here'])
    expect(await names('-n', 'alice', 'machines', 'list')).toEqual(['hour', 'less'])
    expect(await names('nodes', 'list', '--namespace', 'alice')).toEqual(['hour', 'less'])
    expect((await run('nodes', 'list', '-t', '-u', 'alice')).stdout).toContain('Tags')
    expect(await names('users', 'list', '-n', 'b*')).toEqual(['bob'])
  })
})

test('what is wrong with a selector is said, and nothing is read', async () => {
  const server = await startTestSandbox({release: '0.15', seed: {users: [{name: 'alice'}]}})
  try {
    const {line, text} = transcript((argv) => runHere(argv, {env: server.env}))
    for (const argv of [
      ['nodes', 'list', '--user', ''],
      ['nodes', 'list', '--not-tag='],
      ['nodes', 'list', '--name', ' '],
      ['nodes', 'list', '--older-than', ''],
      ['nodes', 'list', '--older-than', '0'],
      ['nodes', 'list', '--offline-for', '30'],
      ['nodes', 'list', '--offline-for', '-1d'],
      ['nodes', 'list', '--tag', 'server'],
      ['nodes', 'list', '--route', '10.0.0.0'],
      ['nodes', 'list', '--name'],
      ['nodes', 'list', '--online', '--offline'],
      ['nodes', 'list', '--online', '--not-online'],
      ['nodes', 'list', '--expired', '--not-expired'],
      ['nodes', 'list', '--user', 'alice', '--user', 'bob'],
      ['nodes', 'list', '--user', 'id:x'],
      ['nodes', 'list', '--not-user', 'nobody'],
      ['nodes', 'list', '--not-tag', 'tag:ci'],
      ['nodes', 'list', '--used'],
      ['routes', 'list', '--serving'],
      ['routes', 'list', '--pending-routes'],
      ['preauthkeys', 'list', '--tag', 'tag:ci'],
      ['apikeys', 'list', '--user', 'alice'],
      ['users', 'list', '--name', ''],
    ]) {
      const {status} = await line(...argv)
      expect([argv, status === 0]).toEqual([argv, false])
    }
    await expect(text()).toMatchFileSnapshot('../golden/selectors/errors.txt')
  } finally {
    await server.close()
  }
})
