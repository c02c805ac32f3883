/** Every spelling of the guide's `-n default nodes register`, with a server that registers the node. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Connection} from '../../src/api/connect.ts'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const NAMES = ['default', 'nodes']
const LINES = [
  '-n default nodes register --key K',
  '--namespace default nodes register --key K',
  '--namespace=default nodes register --key K',
  '-ndefault nodes register --key K',
  '-n=default nodes register --key K',
  'nodes -n default register --key K',
  'nodes register -n default --key K',
  'nodes register --key K -n default',
  'nodes register --key=K --namespace=default',
  'nodes register -kK -ndefault',
  '-n nodes nodes register --key K',
  '--key K -n default nodes register',
  '-u default nodes register --key K',
  '--user default machines register --key K',
  '--force -n default nodes register --key K',
]

describe.for(['0.15', '0.17', '0.29'])('on %s', (release) => {
  let server: TestServer
  let connection: Connection
  beforeAll(async () => {
    server = await startTestSandbox({release, seed: {users: NAMES.map((name) => ({name}))}})
    connection = await server.connect()
  })
  afterAll(async () => {
    connection.close()
    await server.close()
  })

  test.for(LINES)('%s', async (line) => {
    const {api} = connection
    const owner = line.startsWith('-n nodes') ? 'nodes' : 'default'
    const user = (await api.users.list()).find(({name}) => name === owner)!
    const made = await api.debug.createNode({name: 'laptop', user, rawKey: null, routes: []})
    const before = (await api.nodes.list()).length
    const argv = line.split(' ').map((word) => word.replace(/^(|--key=|-k)K$/, `$1${made.registrationKey}`))
    const {status, stderr} = await runHere(argv, {env: server.env})
    const nodes = await api.nodes.list()
    expect([status, stderr, nodes.length - before, nodes.at(-1)?.user?.name]).toEqual([0, '', 1, owner])
  })

  test('-o json nodes list and --force nodes list', async () => {
    const json = await runHere(['-o', 'json', 'nodes', 'list'], {env: server.env})
    const table = await runHere(['--force', 'nodes', 'list'], {env: server.env})
    expect([json.status, json.stderr, table.status, table.stderr]).toEqual([0, '', 0, ''])
    const listed = (JSON.parse(json.stdout) as {id: string}[]).map(({id}) => id)
    expect(
      table.stdout
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(listed)
  })

  test('-t before the command takes the next word as its value, as in headscale', async () => {
    expect(await runHere(['-t', 'nodes', 'list'], {env: server.env})).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: unknown command "list"\nhint: -t took "nodes" as its value: put flags after the command\n',
    })
  })
})
