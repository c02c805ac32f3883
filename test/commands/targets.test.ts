/** How a node or user is found when its name is also an id, an address or the name of another. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SEED = {
  users: [{name: 'default'}, {name: '1'}, {name: '7'}, {name: 'id:1'}],
  nodes: [
    {name: 'laptop', givenName: 'laptop', user: 'default'},
    {name: 'laptop', givenName: 'laptop-x', user: '1'},
    {name: 'x', givenName: 'y', user: 'default'},
    {name: 'y', givenName: 'z', user: 'default'},
    {name: '2', givenName: '2', user: 'default'},
    {name: 'name:x', givenName: 'odd', user: 'default'},
  ],
}

describe('nodes of sandbox 0.29', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', seed: SEED})
  })
  afterAll(() => server.close())
  const show = (word: string) => runHere(['nodes', 'show', word, '-o', 'json'], {env: server.env})

  test.for([
    ['1', '1'],
    ['id:1', '1'],
    ['2', '2'],
    ['name:2', '5'],
    ['laptop', '1'],
    ['laptop-x', '2'],
    ['laptop-x.tailnet.example.com', '2'],
    ['laptop-x.', '2'],
    ['x', '3'],
    ['y', '3'],
    ['z', '4'],
    ['name:y', '3'],
    ['10.1.0.4', '4'],
    ['odd', '6'],
    ['name:name:x', '6'],
  ] as const)('%j is node %s', async ([word, id]) => {
    const {status, stdout} = await show(word)
    expect([status, (JSON.parse(stdout) as {id: string}).id]).toEqual([0, id])
  })

  test.for(['LAPTOP', 'lap', 'id:laptop', 'name:1', '10.1.0.99', '10.1.0', '007', '1.0', '-1', 'id:01', ' 1'])(
    '%j matches no node',
    async (word) => {
      const {status, stderr} = await runHere(['nodes', 'show', '-o', 'json', '--', word], {env: server.env})
      expect([status, (JSON.parse(stderr) as {error: {code: string}}).error.code]).toEqual([3, 'not-found'])
    },
  )

  test.for(['id:', 'name:', 'name: '])('%j is rejected', async (word) => {
    expect((await show(word)).status).toBe(2)
  })

  test('rejects two references to a node, even to the same node', async () => {
    expect(await runHere(['nodes', 'show', '1', '-i', '1'], {env: server.env})).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: node specified more than once\nhint: use NODE or --identifier\n',
    })
  })
})

describe('machines of sandbox 0.15, which have one name', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({seed: SEED})
  })
  afterAll(() => server.close())

  test('an ambiguous name is an error that lists the machines with their owners, also in JSON', async () => {
    const {status, stderr} = await runHere(['nodes', 'expire', '-i', 'laptop', '-o', 'json'], {env: server.env})
    expect([status, JSON.parse(stderr)]).toEqual([
      5,
      {
        error: {
          candidates: [
            {id: '1', name: 'laptop'},
            {id: '2', name: 'laptop'},
          ],
          code: 'ambiguous',
          exitCode: 5,
          message: expect.stringMatching(
            /^"laptop" matches several nodes: laptop \(id 1, default, .*\); laptop \(id 2, 1, .*\)$/,
          ),
          hint: 'specify one: -i 1 or -i 2',
          warnings: [],
        },
      },
    ])
  })
})

describe.for(['0.15', '0.29'])('users of sandbox %s', (release) => {
  let server: TestServer
  const word = release === '0.15' ? 'namespace' : 'user'
  beforeAll(async () => {
    server = await startTestSandbox({release, seed: SEED})
  })
  afterAll(() => server.close())
  const list = (user: string) => runHere(['preauthkeys', 'list', '-u', user], {env: server.env})

  test.for(['default', 'id:2', 'name:1', '7', 'name:id:1', '4'])('%j matches one user', async (user) => {
    expect((await list(user)).status).toBe(0)
  })

  test('digits that are both an id and a name are ambiguous, in every command that takes a user', async () => {
    for (const line of [
      ['preauthkeys', 'create', '-u', '1'],
      ['nodes', 'list', '-n', '1'],
      ['users', 'destroy', '1', '--force'],
      ['users', 'rename', '1', 'other'],
      ['debug', 'create-node', '--name', 'x', '-u', '1'],
    ]) {
      expect(await runHere(line, {env: server.env})).toEqual({
        status: 5,
        stdout: '',
        stderr: `error: "1" matches several ${word}s: default (id 1); 1 (id 2)\nhint: specify one: id:1 or id:2\n`,
      })
    }
  })

  test.for(['nope', 'Default', 'name:2', '99', '01'])('%j matches no user', async (user) => {
    expect((await list(user)).status).toBe(3)
  })

  test('a rename of two users is rejected', async () => {
    expect(await runHere(['users', 'rename', 'default', '-n', '1', '-r', 'other'], {env: server.env})).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: the user is specified more than once\nhint: use one of: a name, -i ID or -n NAME\n',
    })
  })
})
