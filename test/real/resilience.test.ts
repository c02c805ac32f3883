/**
 * Real servers in situations that scripts encounter and tests rarely cover: commands in parallel, a server that has not
 * started yet, one that stops during a call, one with so many nodes that its own gateway fails.
 */
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type Env, type Outcome, runHere} from '../support/program.ts'
import {available, headscaleVersions, type RealHeadscale, startHeadscale} from '../support/real-servers.ts'

describe.for(headscaleVersions().map((version) => ({version, ...available(version)})))(
  'headscale $version',
  ({version, ok, reason}) => {
    describe.skipIf(!ok)(`is built${ok ? '' : `: not, ${reason}`}`, () => {
      resilience(version)
    })
  },
)

function resilience(version: string): void {
  let server: RealHeadscale
  let socket: Env
  let rest: Env
  beforeAll(async () => {
    server = await startHeadscale({version})
    socket = {HEADSCALE_UNIX_SOCKET: server.socketPath}
    rest = {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey}
    expect(await hs(socket, 'users', 'create', 'alpha')).toMatchObject({status: 0})
  })
  afterAll(() => server?.stop())

  const hs = (env: Env, ...argv: string[]): Promise<Outcome> => runHere(argv, {env})
  const names = async (topic: string) =>
    (JSON.parse((await hs(socket, topic, 'list', '-o', 'json')).stdout) as {name: string}[]).map(({name}) => name)

  test('ten commands in parallel, over both transports', async () => {
    const wanted = Array.from({length: 10}, (_, index) => `user-${'abcdefghij'[index]}`)
    const outcomes = await Promise.all(
      wanted.map((name, index) => hs(index % 2 ? rest : socket, 'users', 'create', name)),
    )
    expect(outcomes.map(({status}) => status)).toEqual(wanted.map(() => 0))
    expect((await names('users')).toSorted()).toEqual(['alpha', ...wanted])
  })

  test('creates a user once when two commands ask at the same time', async () => {
    const outcomes = await Promise.all([socket, rest].map((env) => hs(env, 'users', 'create', 'twice')))
    expect(outcomes.map(({status}) => status).toSorted((a, b) => a - b)).toEqual([0, 12])
    expect((await names('users')).filter((name) => name === 'twice')).toHaveLength(1)
  })

  test('waits for a socket that appears after two seconds', async () => {
    await server.halt()
    const waiting = hs(socket, 'users', 'list')
    await sleep(2000)
    await server.start()
    expect(await waiting).toMatchObject({status: 0, stdout: expect.stringContaining('alpha')})
  })

  test('commands succeed or fail with a clear error while the server restarts', async () => {
    const calls: Promise<Outcome>[] = []
    const restarted = sleep(100).then(() => server.restart())
    for (let index = 0; index < 20; index++) {
      calls.push(hs(index % 2 ? rest : socket, 'users', 'list'))
      await sleep(25)
    }
    const outcomes = await Promise.all(calls)
    await restarted
    for (const {status, stdout, stderr} of outcomes) {
      if (status === 0) expect(stdout).toContain('alpha')
      else
        expect({status, stdout, stderr}).toEqual({
          status: 7,
          stdout: '',
          stderr: expect.stringMatching(/^error: .+\nhint: /),
        })
    }
    expect(await hs(socket, 'users', 'list')).toMatchObject({status: 0})
  })

  // The oldest, and the newest that does not keep nodes in memory: later ones start in quadratic time.
  test.runIf(['0.17.1', '0.26.1'].includes(version))('20,000 nodes', {timeout: 600_000}, async () => {
    const made = await hs(socket, 'debug', 'create-node', '--name', 'n1', '-u', 'alpha', '-o', 'json')
    const {registrationKey} = JSON.parse(made.stdout) as {registrationKey: string}
    expect(await hs(socket, 'nodes', 'register', '-u', 'alpha', '--key', registrationKey)).toMatchObject({status: 0})
    await server.halt()
    multiplyNodes(join(server.folder, 'db.sqlite'), 20_000)
    await server.start()

    const {status, stdout} = await hs(socket, 'nodes', 'list')
    expect({status, lines: stdout.split('\n').length}).toEqual({status: 0, lines: 20_002})
    const json = await hs(socket, 'nodes', 'list', '-o', 'json')
    expect(JSON.parse(json.stdout)).toHaveLength(20_000)
    // The gateway's own client accepts at most 4 MiB.
    const remote = await hs(rest, 'nodes', 'list')
    expect({status: remote.status, stdout: remote.stdout}).toEqual({status: 1, stdout: ''})
    expect(remote.stderr).toMatch(/^error: grpc: received message larger than max .*\nhint: .*--user.*--socket/)
    expect(await hs(rest, 'nodes', 'list', '--user', 'user-a')).toMatchObject({status: 0})
  })
}

/** Copies the one node of a database until there are `count`, each with its own keys, names and addresses. */
function multiplyNodes(file: string, count: number): void {
  const db = new DatabaseSync(file)
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE name IN ('nodes', 'machines')").all()
    const table = String(tables[0]!['name'])
    const columns = db
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({name}) => String(name))
    const own: Record<string, string> = {
      id: 'n',
      hostname: "'n' || n",
      given_name: "'n' || n",
      machine_key: "printf('mkey:%064x', n)",
      node_key: "printf('nodekey:%064x', n)",
      disco_key: "printf('discokey:%064x', n)",
      ipv4: "printf('100.%d.%d.%d', 64 + n / 65536, n / 256 % 256, n % 256)",
      ipv6: "printf('fd7a:115c:a1e0::%x', n + 4096)",
      ip_addresses: "printf('100.%d.%d.%d', 64 + n / 65536, n / 256 % 256, n % 256)",
    }
    const bare = table === 'machines'
    const value = (column: string) => {
      const text = own[column] ?? column
      return bare ? text.replace(/'(?:mkey|nodekey|discokey):/, "'") : text
    }
    db.exec(
      `WITH RECURSIVE counter(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counter WHERE n < ${count})
       INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.map(value).join(', ')} FROM ${table}, counter WHERE id = 1`,
    )
  } finally {
    db.close()
  }
}
