/**
 * A connection that breaks in the middle of a change, on the oldest and the newest sandbox and on real servers: one
 * error line, a hint, exit code 7, no second try, and an unchanged server.
 *
 * A proxy between the program and the server closes the connection at the request that makes the change, and does not
 * forward it. The number of that request comes from a dry run, which sends all requests before it.
 */
import {createServer as createHttpServer, request} from 'node:http'
import {connect, createServer, type Server, type Socket} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type Env, PROGRAM_NAMES, runChild, runHere, scratchFolder} from '../../support/program.ts'
import {SERVERS} from '../../support/servers.ts'
import {useFixture} from '../../support/fixture.ts'
import {smallTailnet} from '../../support/tailnets.ts'

interface Proxy {
  /** The variables that make the program use it. */
  env: Env
  /** The number of requests since the last call. */
  seen(): number
  /** Closes the connection at this request and later ones, counted from now. */
  cutAt(request: number): void
  close(): void
}

/** Counts requests. `next` counts one and says whether to close its connection. */
function counter() {
  let count = 0
  let limit = Infinity
  return {
    next: () => ++count >= limit,
    seen() {
      const since = count
      count = 0
      return since
    },
    cutAt(request: number) {
      count = 0
      limit = request
    },
  }
}

/** In front of a gRPC socket: a request begins with a HEADERS frame. */
async function grpcProxy(target: string): Promise<Proxy> {
  const {next, seen, cutAt} = counter()
  const path = join(scratchFolder(), 'proxy.sock')
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [client, upstream].forEach((one) => one.destroy()))
    }
    upstream.pipe(client)
    let pending = Buffer.alloc(0)
    let preface = 24
    client.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      if (preface > 0 && pending.length >= preface) {
        upstream.write(pending.subarray(0, preface))
        pending = pending.subarray(preface)
        preface = 0
      }
      while (preface === 0 && pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
        const frame = pending.subarray(0, 9 + pending.readUIntBE(0, 3))
        pending = pending.subarray(frame.length)
        if (frame[3] === 1 && next()) return void client.destroy()
        upstream.write(frame)
      }
    })
  })
  await new Promise<void>((done) => server.listen(path, done))
  return {env: {HEADSCALE_UNIX_SOCKET: path}, seen, cutAt, close: () => end(server, open)}
}

/** In front of a REST address. */
async function restProxy(target: string, key: string): Promise<Proxy> {
  const {next, seen, cutAt} = counter()
  const open = new Set<Socket>()
  const server = createHttpServer((asked, answer) => {
    if (next()) return void asked.socket.destroy()
    const {method, headers, url} = asked
    const upstream = request(new URL(url!, target), {method: method!, headers, agent: false}, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(answer)
    })
    asked.pipe(upstream)
  })
  server.on('connection', (socket) => open.add(socket))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const {port} = server.address() as {port: number}
  const env = {HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`, HEADSCALE_CLI_API_KEY: key}
  return {env, seen, cutAt, close: () => end(server, open)}
}

function end(server: Server, open: Set<Socket>): void {
  server.close()
  for (const socket of open) socket.destroy()
}

const specs = SERVERS.filter(({kind, line}) => kind === 'real' || ['0.15', '0.29'].includes(line))

describe.for(specs)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  let proxy: Proxy
  beforeAll(async () => {
    const {HEADSCALE_UNIX_SOCKET, HEADSCALE_CLI_ADDRESS, HEADSCALE_CLI_API_KEY} = server.env
    proxy =
      spec.via === 'socket'
        ? await grpcProxy(HEADSCALE_UNIX_SOCKET!)
        : await restProxy(HEADSCALE_CLI_ADDRESS!, HEADSCALE_CLI_API_KEY!)
  })
  afterAll(async () => {
    proxy?.close()
  })

  const CHANGES = {
    'nodes delete': ['nodes', 'delete', '-i', '1', '--force'],
    'preauthkeys create': ['preauthkeys', 'create', '-u', 'default'],
  }
  test.for(Object.entries(CHANGES))(
    'a connection lost in the middle of %s is reported, and nothing is repeated',
    async ([, argv]) => {
      const before = await server.snapshot()
      for (const program of PROGRAM_NAMES) {
        proxy.cutAt(Infinity)
        expect(await runHere([...argv, '--dry-run'], {env: proxy.env})).toMatchObject({status: 0, stdout: ''})
        const asked = proxy.seen()
        proxy.cutAt(asked + 1)
        const {status, stdout, stderr} = await runChild(program, argv, {env: proxy.env})
        const at = spec.via === 'socket' ? proxy.env.HEADSCALE_UNIX_SOCKET : proxy.env.HEADSCALE_CLI_ADDRESS
        const what =
          spec.via === 'socket'
            ? 'the socket SERVER closed the connection before it answered'
            : 'SERVER closed the connection before it answered'
        expect([status, stdout, stderr.replaceAll(at!, 'SERVER')]).toEqual([
          7,
          '',
          `error: ${what}\nhint: the change may have been applied; check before retrying\n`,
        ])
        expect(proxy.seen()).toBe(asked + 1)
      }
      expect(await server.snapshot()).toEqual(before)
    },
  )
})
