/** `--flag=true` and `--flag=false`, as headscale's own command line accepts them, through the program. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

describe('a flag without a value', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({seed: {users: [{name: 'default'}]}})
  })
  afterAll(() => server.close())

  const header = async (...argv: string[]) => (await runHere(argv, {env: server.env})).stdout.split('\n')[0]!

  test.for([
    ['--tags', true],
    ['-t', true],
    ['--tags=true', true],
    ['-t=true', true],
    ['--tags=1', true],
    ['--tags=false', false],
    ['-t=false', false],
    ['--tags=F', false],
  ] as const)('%s', async ([flag, shown]) => {
    expect((await header('nodes', 'list', flag)).endsWith(' | Tags')).toBe(shown)
  })

  test.for(['--tags=maybe', '--tags='])('rejects %s', async (flag) => {
    expect(await runHere(['nodes', 'list', flag], {env: server.env})).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: invalid value ${JSON.stringify(flag.slice('--tags='.length))} for --tags\nhint: expected true or false\n`,
    })
  })

  test('--dry-run=false turns the dry run off, also in front of the command', async () => {
    expect(await runHere(['--dry-run=true', 'users', 'create', 'one'], {env: server.env})).toMatchObject({stdout: ''})
    expect(await runHere(['--dry-run=false', 'users', 'create', 'two'], {env: server.env})).toMatchObject({status: 0})
    const list = await runHere(['users', 'list', '-o', 'json'], {env: server.env})
    expect((JSON.parse(list.stdout) as {name: string}[]).map(({name}) => name)).toEqual(['default', 'two'])
  })

  test('an argument after -- is not a flag', async () => {
    expect(await runHere(['users', 'create', '--', '--tags.false'], {env: server.env})).toMatchObject({status: 0})
    const list = await runHere(['users', 'list', '-o', 'json'], {env: server.env})
    expect((JSON.parse(list.stdout) as {name: string}[]).at(-1)?.name).toBe('--tags.false')
  })
})
