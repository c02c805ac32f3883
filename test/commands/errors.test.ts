/**
 * Errors before and at the server: one line says what happened, one says what to do, the exit status is the documented
 * one, stdout is empty, there is no stack trace, -o json prints the same as an object, and the server is unchanged.
 * The programs run as child processes.
 */
import {chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {createServer as createHttpServer} from 'node:http'
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Connection} from '../../src/api/connect.ts'
import {EXECUTABLE, ROOT} from '../support/paths.ts'
import {
  type Env,
  type Outcome,
  MATRIX_PROGRAMS,
  runChild,
  runCommand,
  runHere,
  scratchFolder,
} from '../support/program.ts'
import {startTestSandbox, type TestServer, type Via} from '../support/servers.ts'

const KEY = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'
const SEED = {users: [{name: 'default'}], nodes: [{name: 'coredns', user: 'default'}]}

const folder = scratchFolder()
const sockets = new Set<Socket>()
const closing: Server[] = []
/** Addresses and sockets of the test servers, set when the suite starts. */
const at = {page: '', silent: '', silentSocket: join(folder, 'silent.sock'), stale: join(folder, 'stale.sock')}

async function listen(server: Server, where: string | 0): Promise<string> {
  server.on('connection', (socket: Socket) => sockets.add(socket))
  closing.push(server)
  await new Promise<void>((done) => (where === 0 ? server.listen(0, '127.0.0.1', done) : server.listen(where, done)))
  return where === 0 ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : where
}

beforeAll(async () => {
  const html = createHttpServer((_, reply) => reply.setHeader('content-type', 'text/html').end('<html>router</html>'))
  at.page = await listen(html, 0)
  at.silent = await listen(createServer(), 0)
  await listen(createServer(), at.silentSocket)
  // A server that was killed leaves its socket file behind; libuv removes the file of a server that is closed.
  const dies = `require('net').createServer().listen(${JSON.stringify(at.stale)}, () => process.kill(process.pid, 9))`
  await runCommand([process.execPath, '-e', dies])
  writeFileSync(join(folder, 'file.txt'), '')
})

afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of closing) server.close()
})

/** Replaces what differs from run to run: folders and ports. */
function plain({status, stdout, stderr}: Outcome): Outcome {
  const text = stderr
    .replaceAll(folder, 'DIR')
    .replaceAll(at.page, 'http://PAGE')
    .replaceAll(at.silent, 'http://SILENT')
  return {status, stdout, stderr: text.replace(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:PORT')}
}

interface Case {
  name: string
  argv: string[]
  env?: Env
  status: number
  error: string
  hint: string
  code: string
}

/** Runs the case with every program, and once with -o json. */
async function expectError({argv, env = {}, status, error, hint, code}: Case, more: Env = {}): Promise<void> {
  for (const program of MATRIX_PROGRAMS) {
    const outcome = await runChild(program, argv, {env: {...more, ...env}})
    expect(plain(outcome), program).toEqual({status, stdout: '', stderr: `error: ${error}\nhint: ${hint}\n`})
  }
  const asJson = plain(await runHere([...argv, '-o', 'json'], {env: {...more, ...env}}))
  expect([asJson.status, asJson.stdout]).toEqual([status, ''])
  expect(JSON.parse(asJson.stderr)).toMatchObject({error: {code, exitCode: status, message: error, hint}})
}

const RUNNING = 'check that headscale is running: systemctl status headscale'
const remote = (address: string): Env => ({HEADSCALE_CLI_ADDRESS: address, HEADSCALE_CLI_API_KEY: 'abc.def'})

describe('without a server', () => {
  const cases: Case[] = [
    {
      name: 'the socket does not exist',
      argv: ['nodes', 'list', '--timeout', '100ms', '--socket', join(folder, 'none.sock')],
      status: 7,
      code: 'unreachable',
      error: 'socket DIR/none.sock not found',
      hint: `${RUNNING}; or pass another path with --socket`,
    },
    {
      name: 'the folder of the socket does not exist',
      argv: ['nodes', 'list', '--socket', join(folder, 'none/hs.sock')],
      status: 7,
      code: 'unreachable',
      error: 'socket DIR/none/hs.sock not found: the directory DIR/none does not exist',
      hint: `${RUNNING}; or pass another path with --socket`,
    },
    {
      name: 'a socket without a server',
      argv: ['nodes', 'list', '--timeout', '100ms', '--socket', at.stale],
      status: 7,
      code: 'unreachable',
      error: 'connection refused: the socket DIR/stale.sock is left over from a server that has stopped',
      hint: RUNNING,
    },
    {
      name: 'a regular file',
      argv: ['nodes', 'list', '--socket', join(folder, 'file.txt')],
      status: 7,
      code: 'unreachable',
      error: 'DIR/file.txt is a regular file, not a socket',
      hint: "pass headscale's socket with --socket; it is unix_socket in the server's config.yaml",
    },
    {
      name: 'a socket that never answers',
      argv: ['nodes', 'list', '--timeout', '400ms', '--socket', at.silentSocket],
      status: 7,
      code: 'timeout',
      error: 'no answer from the socket DIR/silent.sock within 0.4 s',
      hint: "try a longer --timeout, or check the server's log",
    },
    {
      name: 'an address without a key',
      argv: ['nodes', 'list', '--address', 'https://headscale.example.com'],
      status: 2,
      code: 'usage',
      error: 'no API key for headscale.example.com, the address from --address',
      hint: 'pass --api-key-file FILE, or set HEADSCALE_CLI_API_KEY or cli.api_key in the config file',
    },
    {
      name: 'nothing listens at the address',
      argv: ['nodes', 'list'],
      env: remote('http://127.0.0.1:1'),
      status: 7,
      code: 'unreachable',
      error: 'connection refused: http://127.0.0.1:1',
      hint: 'check that headscale is running there and that the port is right',
    },
  ]
  test.for(cases)('$name', (one) => expectError(one))

  test('an address that answers with a web page', () =>
    expectError({
      name: '',
      argv: ['nodes', 'list'],
      env: remote(at.page),
      status: 7,
      code: 'unreachable',
      error: 'expected headscale at http://PAGE, got a web page (HTTP 200)',
      hint: "use headscale's server_url as the address; a proxy in front must pass /api/ through (headscale-ts doctor checks both)",
    }))

  test('an address that never answers', () =>
    expectError({
      name: '',
      argv: ['nodes', 'list', '--timeout', '400ms'],
      env: remote(at.silent),
      status: 7,
      code: 'timeout',
      error: 'no answer from http://SILENT within 0.4 s',
      hint: "try a longer --timeout, or check the server's log",
    }))
})

describe('a proxy in front of headscale', () => {
  const LOGIN = 'let the proxy pass /api/ through without its own login, or use the unix socket on the server'
  const cases: (Omit<Case, 'argv'> & {reply: [number, Record<string, string>]})[] = [
    {
      name: 'that cannot reach headscale',
      reply: [502, {}],
      status: 7,
      code: 'unreachable',
      error: 'the proxy at http://PROXY cannot reach headscale (HTTP 502)',
      hint: 'check on the server that headscale is running and that the proxy forwards to it',
    },
    {
      name: 'that limits requests',
      reply: [429, {}],
      status: 7,
      code: 'unreachable',
      error: 'http://PROXY received too many requests (HTTP 429)',
      hint: 'wait a little and try again, or use the unix socket on the server',
    },
    {
      name: 'that has its own login',
      reply: [401, {'www-authenticate': 'Basic realm="admin"'}],
      status: 4,
      code: 'unauthenticated',
      error: 'a proxy at http://PROXY requires its own login (HTTP 401)',
      hint: LOGIN,
    },
    {
      name: 'that redirects to a login page',
      reply: [302, {location: 'https://login.example.com/'}],
      status: 7,
      code: 'unreachable',
      error: 'http://PROXY redirects to https://login.example.com/ (HTTP 302); the API key is not sent there',
      hint: `if that is a login page: ${LOGIN}; if it is the same server: --address https://login.example.com`,
    },
    {
      name: 'that denies access',
      reply: [403, {}],
      status: 4,
      code: 'permission-denied',
      error: 'a proxy at http://PROXY denies access (HTTP 403)',
      hint: 'check its access rules, or use the unix socket on the server',
    },
    {
      name: 'that does not forward /api/',
      reply: [404, {'content-type': 'text/plain'}],
      status: 7,
      code: 'unreachable',
      error: 'expected headscale at http://PROXY, got another server (HTTP 404)',
      hint: "use headscale's server_url as the address; a proxy in front must pass /api/ through (headscale-ts doctor checks both)",
    },
  ]
  test.for(cases)('$name', async ({reply: [status, headers], ...one}) => {
    const server = createHttpServer((_, reply) =>
      reply
        .writeHead(status, {'content-type': 'text/html', ...headers})
        .end(headers['content-type'] ? 'not found' : `<html>${status}</html>`),
    )
    const address = await listen(server, 0)
    const named = (text: string) => text.replaceAll('http://PROXY', address)
    for (const program of MATRIX_PROGRAMS) {
      const outcome = await runChild(program, ['users', 'list'], {env: remote(address)})
      expect(outcome, program).toEqual({
        status: one.status,
        stdout: '',
        stderr: `error: ${named(one.error)}\nhint: ${one.hint}\n`,
      })
    }
  })
})

describe('a key as the value of a wrong flag or argument', () => {
  const SECRETS = [
    'iaWkJQ9.RT-tuTQVZjU0zpmZnoOZ8bgYkGXRfmSOzTKWSGCZNPk',
    `hskey-api-${'a'.repeat(12)}-${'b'.repeat(64)}`,
  ]
  const PLACES = [
    ['nodes', 'list', '--address', 'h', '--api-key-file'],
    ['nodes', 'list', '-c'],
    ['nodes', 'list', '--socket'],
    ['nodes', 'list', '--address', 'h', '--ca-file'],
    ['nodes', 'list', '--address'],
    ['nodes', 'list', '-o'],
    ['nodes', 'list', '--timeout'],
    ['nodes', 'list', '--'],
    ['nodes', 'show'],
    ['nodes', 'list', '-u'],
    ['users', 'create', 'x', '--dry-run', '--config'],
    ['bogus'],
    [],
  ]
  test.for(PLACES)('is not repeated: %s %s %s %s', async (...[argv]) => {
    for (const secret of SECRETS) {
      for (const format of [[], ['--output', 'json']]) {
        if (argv.includes('--') && format.length > 0) continue
        const {status, stdout, stderr} = await runHere([...argv, secret, ...format], {
          env: {HEADSCALE_CLI_API_KEY: 'abc.def'},
        })
        expect(status, stderr).not.toBe(0)
        expect(stdout + stderr).not.toContain(secret)
        expect(stdout + stderr).not.toContain(secret.slice(-20))
      }
    }
  })
})

describe('no server is named, and none runs on this machine', () => {
  test.skipIf(existsSync('/var/run/headscale') || existsSync('/var/run/headscale.sock'))(
    'the hint names the ways to a server, and the sandbox',
    async () => {
      for (const program of MATRIX_PROGRAMS) {
        expect(await runChild(program, ['nodes', 'list'])).toEqual({
          status: 7,
          stdout: '',
          stderr:
            'error: socket /var/run/headscale/headscale.sock not found: the directory /var/run/headscale does not exist\n' +
            'hint: start headscale on this machine, name a server with --address URL --api-key-file FILE or --socket PATH, ' +
            'or try without one: headscale-ts sandbox run --seed guide -- bash\n',
        })
      }
    },
  )
})

describe('no permission', () => {
  // Only the executable is tested: another user may have no access to the folder of the checkout.
  const program = join(folder, 'headscale-ts')
  const root = process.getuid?.() === 0
  let server: TestServer
  beforeAll(async () => {
    copyFileSync(join(ROOT, EXECUTABLE), program)
    chmodSync(program, 0o755)
    for (const path of [folder, join(folder, '..')]) chmodSync(path, 0o755)
    server = await startTestSandbox({seed: SEED})
    const path = server.env.HEADSCALE_UNIX_SOCKET!
    for (const entry of [join(path, '..'), join(path, '../..')]) chmodSync(entry, 0o755)
    chmodSync(path, root ? 0o600 : 0)
  })
  afterAll(() => server.close())

  test('to open the socket', async () => {
    const path = server.env.HEADSCALE_UNIX_SOCKET!
    const outcome = await runCommand([program, 'nodes', 'list'], {env: server.env, ...(root && {uid: 65534})})
    const words = outcome.stderr.replace(path, 'SOCKET').replace(/belongs to \S+, mode \d+/, 'belongs to OWNER, mode M')
    expect([outcome.status, outcome.stdout, words.replace(/run as .*/, 'run as …')]).toEqual([
      4,
      '',
      'error: no permission to open the socket SOCKET: it belongs to OWNER, mode M\nhint: run as …\n',
    ])
    if (root) expect(outcome.stderr).toContain('belongs to root:root, mode 0600\nhint: run as root\n')
  })

  test.runIf(root)('to enter the folder of the socket', async () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed, {mode: 0o700})
    const path = join(closed, 'hs.sock')
    expect(plain(await runCommand([program, 'nodes', 'list', '--socket', path], {uid: 65534}))).toEqual({
      status: 4,
      stdout: '',
      stderr:
        'error: no permission to open the socket DIR/closed/hs.sock: the directory DIR/closed belongs to root:root, mode 0700\n' +
        'hint: run as root\n',
    })
  })
})

describe.for(['socket', 'REST'] as Via[])('at a server over %s', (via) => {
  let server: TestServer
  let connection: Connection
  let before: unknown
  const look = async () => [await connection.api.users.list(), (await connection.api.nodes.list()).map(({id}) => id)]
  beforeAll(async () => {
    server = await startTestSandbox({via, seed: SEED})
    connection = await server.connect()
    before = await look()
  })
  afterAll(async () => {
    connection.close()
    await server.close()
  })

  const see = (command: string) => `see: headscale-ts ${command} --help`
  const usage = {status: 2, code: 'usage'}
  const cases: Case[] = [
    {
      name: 'an unknown namespace',
      argv: ['-n', 'nope', 'nodes', 'register', '--key', KEY],
      status: 3,
      code: 'not-found',
      error: 'namespace "nope" not found',
      hint: 'see: headscale-ts namespaces list; or create it: headscale-ts namespaces create nope',
    },
    {
      name: 'two nodes in one argument',
      argv: ['nodes', 'show', 'web db'],
      status: 3,
      code: 'not-found',
      error: 'node "web db" not found',
      hint: 'that is one name: give each node as an argument or on a line of its own',
    },
    {
      name: 'an unknown namespace to list',
      argv: ['nodes', 'list', '--user', 'nope'],
      status: 3,
      code: 'not-found',
      error: 'namespace "nope" not found',
      hint: 'see: headscale-ts namespaces list',
    },
    {
      name: 'a namespace that already exists',
      argv: ['namespaces', 'create', 'default'],
      status: 12,
      code: 'already-exists',
      error: 'namespace default (id 1) already exists',
      hint: 'use another name, or use the existing one',
    },
    {
      name: 'a bad namespace name',
      argv: ['namespaces', 'create', 'Bad_Name'],
      status: 6,
      code: 'invalid-input',
      error: '"Bad_Name" cannot be a namespace name: it has upper-case letters',
      hint: 'use lower-case letters a-z, digits, hyphens and dots, 63 at most',
    },
    {
      name: 'a name that is only spaces',
      argv: ['namespaces', 'create', ' '],
      ...usage,
      error: 'the argument NAME has an empty value',
      hint: see('namespaces create'),
    },
    {
      name: 'no pending node has the key',
      argv: ['-n', 'default', 'nodes', 'register', '--key', KEY],
      status: 3,
      code: 'not-found',
      error: 'machine not found in registration cache',
      hint: 'no pending node has this key: run `tailscale up` on the client again and use the new key',
    },
    {
      name: 'a missing flag',
      argv: ['nodes', 'register', '--key', KEY],
      ...usage,
      error: 'missing flag --user',
      hint: 'usage: headscale-ts nodes register -u USER -k KEY [flags]',
    },
    {
      name: 'two missing flags',
      argv: ['nodes', 'register'],
      ...usage,
      error: 'missing flag --key, --user',
      hint: 'usage: headscale-ts nodes register -u USER -k KEY [flags]',
    },
    {
      name: 'a missing argument',
      argv: ['namespaces', 'create'],
      ...usage,
      error: 'missing argument NAME',
      hint: 'usage: headscale-ts users create NAME [flags]',
    },
    {
      name: 'text instead of a number',
      argv: ['derp', 'cert', '203.0.113.7', '--days', 'abc'],
      ...usage,
      error: 'invalid value "abc" for --days',
      hint: 'expected an integer',
    },
    {
      name: 'a number that is too small',
      argv: ['derp', 'check', '203.0.113.7:443', '--count', '0'],
      ...usage,
      error: 'invalid value "0" for --count',
      hint: 'expected an integer of at least 1',
    },
    {
      name: 'a flag without its value',
      argv: ['nodes', 'register', '-n', 'default', '--key'],
      ...usage,
      error: '--key expects a value',
      hint: see('nodes register'),
    },
    {
      name: 'a flag with an empty value',
      argv: ['nodes', 'register', '-n', '', '--key', KEY],
      ...usage,
      error: '--user has an empty value',
      hint: see('nodes register'),
    },
    {
      name: 'an unknown command',
      argv: ['bogus'],
      ...usage,
      error: 'unknown command "bogus"',
      hint: 'see: headscale-ts --help',
    },
    {
      name: 'a misspelled command',
      argv: ['nodes', 'lsit'],
      ...usage,
      error: 'unknown command "nodes lsit"',
      hint: 'did you mean: headscale-ts nodes list',
    },
    {
      name: 'an unknown flag',
      argv: ['nodes', 'list', '--usr', 'default'],
      ...usage,
      error: 'unknown flag --usr',
      hint: 'did you mean --user? see: headscale-ts nodes list --help',
    },
    {
      name: 'an unknown short flag',
      argv: ['nodes', 'list', '-q'],
      ...usage,
      error: 'unknown flag -q',
      hint: see('nodes list'),
    },
    {
      name: 'an unexpected argument',
      argv: ['nodes', 'list', 'default'],
      ...usage,
      error: 'unexpected argument "default"',
      hint: see('nodes list'),
    },
  ]

  test.for(cases)('$name', async (one) => {
    await expectError(one, server.env)
    expect(await look()).toEqual(before)
  })

  test('an unknown format', async () => {
    for (const program of MATRIX_PROGRAMS) {
      expect(await runChild(program, ['namespaces', 'create', 'new', '-o', 'xml'], {env: server.env})).toEqual({
        status: 2,
        stdout: '',
        stderr: 'error: invalid value "xml" for --output\nhint: expected one of: json, json-line, yaml\n',
      })
    }
    expect(await look()).toEqual(before)
  })

  test.runIf(via === 'REST')('a wrong key', async () => {
    await expectError({
      name: '',
      argv: ['namespaces', 'create', 'new'],
      env: {...server.env, HEADSCALE_CLI_API_KEY: 'abcdefghij.nobodyknowsthiskeyatall'},
      status: 4,
      code: 'unauthenticated',
      error: 'the server rejected the API key: it is invalid or expired',
      hint: 'create a new key on the server (headscale apikeys create), or find the cause: headscale-ts doctor',
    })
    expect(await look()).toEqual(before)
  })
})
