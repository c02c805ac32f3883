/**
 * Sockets with a server that is slow, silent, ends, or never stops sending: the messages of the npm program and of the
 * executable, and that both end in time.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import {connect, createServer, type Server} from 'node:net'
import {createServer as createHttpServer} from 'node:http'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, onTestFinished, test} from 'vitest'
import {findReleaseGroup} from '../../src/api/releases.ts'
import {grpcOf} from '../support/fake-releases.ts'
import {MATRIX_PROGRAMS, type Outcome, type ProgramName, runChild, scratchFolder} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'
import {http2Server, listenOnPort, listenOnSocket, reply} from './support/servers.ts'

/** A process that listens on a socket. Stopped, it leaves connections waiting to be accepted. */
async function listener(path: string): Promise<ChildProcess> {
  const code = `require('net').createServer().listen(${JSON.stringify(path)})`
  const child = spawn(process.execPath, ['-e', code], {stdio: 'ignore'})
  onTestFinished(() => void child.kill('SIGKILL'))
  while (!(await accepts(path))) await sleep(20)
  return child
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Passes connections on, each after a while in which nothing is read or written. */
function slowForwarder(target: string, ms: number): Server {
  return createServer((client) => {
    setTimeout(() => {
      const upstream = connect(target)
      client.pipe(upstream).pipe(client)
      for (const socket of [client, upstream]) socket.on('error', () => {})
    }, ms)
  })
}

const list = (program: ProgramName, path: string, env = {}, timeout = '10s'): Promise<Outcome> =>
  runChild(program, ['users', 'list', '--socket', path, '--timeout', timeout], {env})

describe.for(MATRIX_PROGRAMS)('the %s', (program) => {
  test.for(['a new server', 'a server whose release is remembered'] as const)(
    'ends after its timeout: %s',
    async (kind) => {
      const path = join(scratchFolder(), 's.sock')
      const env = {XDG_CACHE_HOME: join(scratchFolder(), 'cache')}
      const server = await listener(path)
      server.kill('SIGSTOP')
      if (kind !== 'a new server') {
        // A forwarder keeps the socket, and with it what is remembered of it.
        const {path: target} = await grpcOf(findReleaseGroup('0.29')!)
        let silent = false
        const front = createServer((client) => {
          if (silent) return
          const upstream = connect(target)
          client.pipe(upstream).pipe(client)
          for (const socket of [client, upstream]) socket.on('error', () => {})
        })
        const frontPath = await listenOnSocket(front)
        await list(program, frontPath, env)
        silent = true
        await expectTimeout(frontPath, env)
        return
      }
      await expectTimeout(path, env)
    },
  )

  async function expectTimeout(path: string, env: object): Promise<void> {
    const start = performance.now()
    const {status, stdout, stderr} = await list(program, path, env, '2s')
    const seconds = (performance.now() - start) / 1000
    expect([status, stdout, stderr]).toEqual([
      7,
      '',
      `error: no answer from the socket ${path} within 2 s\nhint: try a longer --timeout, or check the server's log\n`,
    ])
    expect(seconds).toBeGreaterThan(1.9)
    expect(seconds).toBeLessThan(10)
  }

  test('reports a server that ends while it waits', async () => {
    const path = join(scratchFolder(), 's.sock')
    const server = await listener(path)
    server.kill('SIGSTOP')
    const run = list(program, path)
    await sleep(1500)
    server.kill('SIGKILL')
    const {status, stderr} = await run
    expect([status, stderr]).toEqual([
      7,
      `error: connection refused: the socket ${path} is left over from a server that has stopped\n` +
        'hint: check that headscale is running: systemctl status headscale\n',
    ])
  })

  test.for(['0.15', '0.29', '0.30'])('waits for the first byte of a slow %s', async (release) => {
    const {env, close} = await startTestSandbox({release, seed: {users: [{name: 'alpha'}]}})
    onTestFinished(close)
    const path = await listenOnSocket(slowForwarder(env.HEADSCALE_UNIX_SOCKET!, 700))
    const {status, stdout, stderr} = await list(program, path)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('alpha')
  })

  test('ends within its timeout if the server is slower', async () => {
    const {path: target} = await grpcOf(findReleaseGroup('0.29')!)
    const path = await listenOnSocket(slowForwarder(target, 30_000))
    await expectTimeout(path, {})
  })

  test('rejects an endless reply over gRPC', async () => {
    const {path} = await http2Server((stream, {headers, body}) => {
      const probed = body.length === 6 && body[5] === 0xff
      const known = /(AuthRegister|ListNodes|ListUsers)$/.test(String(headers[':path']))
      if (probed) return reply(stream, {headers: {'grpc-status': known ? '13' : '12'}})
      stream.respond({':status': 200, 'content-type': 'application/grpc'})
      const piece = Buffer.alloc(1 << 20)
      const write = (): void => {
        while (!stream.destroyed) if (!stream.write(piece)) return void stream.once('drain', write)
      }
      write()
    })
    const {status, stderr} = await list(program, path, {}, '60s')
    expect([status, stderr]).toEqual([
      1,
      `error: the reply of the socket ${path} is larger than 256 MiB\nhint: list one user at a time (--user)\n`,
    ])
  })

  test('rejects an endless reply over HTTP', async () => {
    const piece = Buffer.alloc(1 << 20, ' ')
    const server = createHttpServer(({url}, response) => {
      response.setHeader('content-type', 'application/json')
      if (url === '/api/v1/openapi.json') return void response.end('{"openapi":"3.1.0"}')
      if (!url!.startsWith('/api/v1/')) return void response.writeHead(404).end()
      const write = (): void => {
        while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', write)
      }
      write()
    })
    const address = `http://127.0.0.1:${await listenOnPort(server)}`
    const env = {HEADSCALE_CLI_ADDRESS: address, HEADSCALE_CLI_API_KEY: 'abc.def'}
    const {status, stderr} = await runChild(program, ['users', 'list', '--timeout', '60s'], {env})
    expect([status, stderr]).toEqual([
      1,
      `error: the reply of ${address} is larger than 256 MiB\nhint: list one user at a time (--user)\n`,
    ])
  })
})
