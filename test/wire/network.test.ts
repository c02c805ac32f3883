/** Why an HTTP request gets no reply, and which requests are retried: a read once, a change never. */
import {writeFileSync} from 'node:fs'
import {createSecureServer as createHttp2Server} from 'node:http2'
import {createServer as createHttpsServer} from 'node:https'
import {connect, createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {answered, API_KEY, type Certificate, certificate, open, outcome} from './support/http-servers.ts'
import {FRAME, frame, listenOnPort, listenOnSocket, recordingHttp, temporaryFolder} from './support/servers.ts'

const LOOK = 'the change may have been applied; check before retrying'

/** A port without a server. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const {port} = server.address() as {port: number}
  await new Promise((done) => server.close(done))
  return port
}

describe('no server', () => {
  test('a port without a server', async () => {
    const address = `http://127.0.0.1:${await deadPort()}`
    const transport = await open(address)
    expect(await outcome(transport.call('CreateUser', {name: 'x'}))).toBe(
      `unreachable: connection refused: ${address} | check that headscale is running there and that the port is right`,
    )
  })

  test('a host name that does not exist (or a network without DNS)', async () => {
    const transport = await open('http://headscale.invalid')
    expect(await outcome(transport.get('/version'))).toMatch(
      /^unreachable: (host headscale\.invalid not found \| check the host name in the address|cannot look up the host headscale\.invalid \| check the network and its DNS server)$/,
    )
  })

  test('a missing socket, over HTTP', async () => {
    const socketPath = join(temporaryFolder(), 'none.sock')
    const transport = await open('http://localhost', {apiKey: null, socketPath})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: socket ${socketPath} not found | check that headscale is running: systemctl status headscale; or pass another path with --socket`,
    )
  })
})

describe('no answer in time', () => {
  test('from a server that never answers', async () => {
    const {transport} = await answered(() => {}, {timeoutMs: 200})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      "timeout: no answer from the server within 0.2 s | try a longer --timeout, or check the server's log",
    )
    expect(await outcome(transport.call('CreateUser', {name: 'x'}))).toBe(
      `timeout: no answer from the server within 0.2 s | ${LOOK}`,
    )
  })

  test('from a server that stops in the middle', async () => {
    const {transport} = await answered(
      (_, response) => void response.writeHead(200, {'content-type': 'application/json'}).write('{"users":['),
      {timeoutMs: 200},
    )
    expect(await outcome(transport.call('ListUsers', {}))).toMatch(/^timeout: no answer from the server within 0.2 s/)
  })
})

test('a timeout longer than the maximum of timers does not end at once', async () => {
  const {transport} = await answered(
    (_, response) => response.setHeader('content-type', 'application/json').end('{}'),
    {
      timeoutMs: 1e12,
    },
  )
  expect(await outcome(transport.call('ListUsers', {}))).toBe('{}')
})

describe('a connection that breaks', () => {
  /** Breaks the first connections without an answer, then serves. */
  async function breaking(times: number) {
    let left = times
    return answered((request, response) => {
      if (left-- > 0) request.socket.destroy()
      else response.setHeader('content-type', 'application/json').end('{"users":[]}')
    })
  }

  test('once does not fail a read, which is repeated', async () => {
    const {transport, seen} = await breaking(1)
    expect(await outcome(transport.call('ListUsers', {}))).toBe('{"users":[]}')
    expect(seen).toHaveLength(2)
  })

  test('twice fails a read', async () => {
    const {transport, seen} = await breaking(2)
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      "unreachable: the server closed the connection before it answered | check the server's log",
    )
    expect(seen).toHaveLength(2)
  })

  test('once fails a change, which is not repeated', async () => {
    const {transport, seen} = await breaking(1)
    expect(await outcome(transport.call('CreateUser', {name: 'x'}))).toBe(
      `unreachable: the server closed the connection before it answered | ${LOOK}`,
    )
    expect(seen).toHaveLength(1)
  })

  test('in the middle of a reply fails the call', async () => {
    const {transport} = await answered((request, response) => {
      response.writeHead(200, {'content-type': 'application/json', 'content-length': 1000})
      response.write('{"users":[]}')
      setTimeout(() => request.socket.destroy(), 20)
    })
    expect(await outcome(transport.call('ListUsers', {}))).toMatch(/^unreachable: the server closed the connection/)
  })

  test('by our own close() is cancelled', async () => {
    const {transport} = await answered(() => {})
    const call = outcome(transport.call('CreateUser', {name: 'x'}))
    await new Promise((done) => setTimeout(done, 50))
    transport.close()
    transport.close()
    expect(await call).toBe('cancelled: the connection to the server was closed | null')
  })
})

test.each([
  ["headscale's gRPC port", frame(FRAME.SETTINGS, 0, 0, Buffer.from([0, 5, 0, 0, 64, 0]))],
  ['an SSH server', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
])('%s does not speak HTTP/1.1', async (_, greeting) => {
  const port = await listenOnPort(createServer((socket) => void socket.on('error', () => {}).write(greeting)))
  const transport = await open(`http://127.0.0.1:${port}`, {describe: 'the server'})
  expect(await outcome(transport.call('ListUsers', {}))).toBe(
    "unreachable: the server does not speak HTTP/1.1 | use the port of headscale's listen_addr, not its gRPC port",
  )
})

describe('https', () => {
  async function httpsServer(from: Certificate) {
    const {server} = recordingHttp((_, response) => response.setHeader('content-type', 'application/json').end('{}'))
    const secure = createHttpsServer({cert: from.cert, key: from.key})
    secure.on('request', (request, response) => server.emit('request', request, response))
    secure.on('tlsClientError', () => {})
    return `https://127.0.0.1:${await listenOnPort(secure as unknown as Server)}`
  }
  const HINT = 'pass the certificate of its authority with --ca-file, or skip verification with --insecure'
  const TIME = 'renew the certificate and check the clock of this machine, or skip verification with --insecure'

  test('with a self-signed certificate needs --ca-file or --insecure', async () => {
    const own = await certificate()
    const address = await httpsServer(own)
    const call = async (options: object) => outcome((await open(address, options)).call('ListUsers', {}))
    expect(await call({})).toBe(
      `permission-denied: the certificate of ${address} is not trusted: it is self-signed | ${HINT}`,
    )
    expect(await call({caFile: own.file})).toBe('{}')
    expect(await call({insecure: true})).toBe('{}')
  })

  test('with an expired certificate says so', async () => {
    const own = await certificate({expired: true})
    const address = await httpsServer(own)
    expect(await outcome((await open(address, {caFile: own.file})).call('ListUsers', {}))).toBe(
      `permission-denied: the certificate of ${address} is not trusted: it has expired | ${TIME}`,
    )
  })

  test('with a certificate for another name says so', async () => {
    const own = await certificate({name: 'hs.example.com'})
    const address = (await httpsServer(own)).replace('127.0.0.1', 'localhost')
    expect(await outcome((await open(address, {caFile: own.file})).call('ListUsers', {}))).toBe(
      `permission-denied: the certificate of ${address} is not trusted: it is not valid for localhost, only for hs.example.com | ` +
        'use a host name of the certificate in the address, or skip verification with --insecure',
    )
  })

  test('to a server of plain http says so', async () => {
    const {address} = await answered((_, response) => response.end())
    const transport = await open(address.replace('http:', 'https:'), {describe: 'the server'})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      'unreachable: the server does not speak https | use http:// in the address if that is intended',
    )
  })

  test('with a certificate that --ca-file does not cover says what the file lacks', async () => {
    const address = await httpsServer(await certificate())
    const other = await certificate({name: 'other.example.com'})
    expect(await outcome((await open(address, {caFile: other.file})).call('ListUsers', {}))).toBe(
      `permission-denied: the certificate of ${address} is not trusted: it is self-signed | ` +
        'the file of --ca-file does not contain its authority: add it, or skip verification with --insecure',
    )
  })

  test('is verified even where Node is told not to, and Node prints nothing', async () => {
    const warnings: unknown[] = []
    const listener = (warning: unknown) => void warnings.push(warning)
    process.on('warning', listener)
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => {
      vi.unstubAllEnvs()
      process.off('warning', listener)
    })
    const address = await httpsServer(await certificate())
    expect(await outcome((await open(address)).call('ListUsers', {}))).toMatch(/it is self-signed/)
    expect(await outcome((await open(address, {insecure: true})).call('ListUsers', {}))).toBe('{}')
    await new Promise((done) => setImmediate(done))
    expect(warnings).toEqual([])
  })

  test('with a server of HTTP/2 only is not reported as a TLS problem', async () => {
    const own = await certificate()
    const server = createHttp2Server({cert: own.cert, key: own.key, allowHTTP1: false})
    server.on('sessionError', () => {})
    const address = `https://127.0.0.1:${await listenOnPort(server as unknown as Server)}`
    expect(await outcome((await open(address, {caFile: own.file})).call('ListUsers', {}))).toBe(
      `unreachable: ${address} does not speak HTTP/1.1 | enable HTTP/1.1 on the proxy in front of headscale`,
    )
  })

  test('with a CA file that is missing or has no certificate sends nothing', async () => {
    const folder = temporaryFolder()
    const [missing, text] = [join(folder, 'missing.pem'), join(folder, 'text.pem')]
    writeFileSync(text, 'hello')
    expect(await outcome(open('https://127.0.0.1', {caFile: missing}))).toBe(
      `usage: cannot read the CA file ${missing} (ENOENT) | name a PEM file of certificates`,
    )
    expect(await outcome(open('https://127.0.0.1', {caFile: text}))).toBe(
      `usage: the CA file ${text} contains no certificate | it must be in PEM format: -----BEGIN CERTIFICATE-----`,
    )
  })
})

describe('the proxy of the environment', () => {
  const HINT = 'check HTTP_PROXY and HTTPS_PROXY, or add the server to NO_PROXY'

  function environment(variables: Record<string, string>): void {
    for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'])
      vi.stubEnv(name, undefined)
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
  }

  async function proxy(status = 200) {
    const {server, seen} = recordingHttp((_, response) =>
      response.writeHead(status, {'content-type': 'application/json'}).end('{}'),
    )
    const tunnels: string[] = []
    server.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '')
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    })
    return {address: `http://127.0.0.1:${await listenOnPort(server)}`, seen, tunnels}
  }

  test('carries plain http', async () => {
    const {address, seen} = await proxy()
    environment({HTTP_PROXY: address})
    const transport = await open('http://hs.example.com:8080/base')
    expect(await outcome(transport.call('ListUsers', {name: 'x'}))).toBe('{}')
    expect(seen.map(({path, headers}) => [path, headers.host, headers.authorization])).toEqual([
      ['http://hs.example.com:8080/base/api/v1/user?name=x', 'hs.example.com:8080', `Bearer ${API_KEY}`],
    ])
  })

  test('may have no scheme, as in curl and Go', async () => {
    const {address, seen} = await proxy()
    environment({http_proxy: address.replace('http://', '')})
    expect(await outcome((await open('http://hs.example.com')).call('ListUsers', {}))).toBe('{}')
    expect(seen).toHaveLength(1)
  })

  test('may be a SOCKS proxy, without a warning of undici', async () => {
    const {
      transport: _,
      seen,
      address,
    } = await answered((_, response) => response.setHeader('content-type', 'application/json').end('{"socks":true}'))
    const target = Number(new URL(address).port)
    const warnings: unknown[] = []
    const listener = (warning: unknown) => void warnings.push(warning)
    process.on('warning', listener)
    onTestFinished(() => void process.off('warning', listener))
    environment({HTTP_PROXY: `socks5://127.0.0.1:${await listenOnPort(socksServer(target))}`})
    expect(await outcome((await open('http://hs.example.com')).call('ListUsers', {}))).toBe('{"socks":true}')
    expect(seen).toHaveLength(1)
    await new Promise((done) => setImmediate(done))
    expect(warnings).toEqual([])
  })

  /** SOCKS5 without a password: every connection leads to one port of this machine. */
  function socksServer(port: number): Server {
    return createServer((client) => {
      client.on('error', () => {})
      client.once('data', () => {
        client.write(Buffer.from([5, 0]))
        client.once('data', () => {
          const upstream = connect(port, '127.0.0.1', () => {
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            client.pipe(upstream).pipe(client)
          })
          upstream.on('error', () => client.destroy())
        })
      })
    })
  }

  test('may reject a tunnel', async () => {
    const {address, tunnels} = await proxy(403)
    environment({HTTPS_PROXY: address})
    const transport = await open('https://hs.example.com')
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: the proxy of the environment rejected the connection to hs.example.com (HTTP 403) | ${HINT}`,
    )
    expect(tunnels).toEqual(['hs.example.com:443'])
  })

  test.each(['http', 'https'])('may require a password, for %s', async (protocol) => {
    const {address} = await proxy(407)
    environment({[`${protocol.toUpperCase()}_PROXY`]: address})
    expect(await outcome((await open(`${protocol}://hs.example.com`)).call('ListUsers', {}))).toBe(
      'unreachable: the proxy of the environment requires a user and a password (HTTP 407) | ' +
        'put them into HTTP_PROXY or HTTPS_PROXY, or add the server to NO_PROXY',
    )
  })

  test('may be down', async () => {
    const host = `127.0.0.1:${await deadPort()}`
    environment({HTTPS_PROXY: `http://user:hunter2@${host}`})
    expect(await outcome((await open('https://hs.example.com')).call('ListUsers', {}))).toBe(
      `unreachable: the proxy ${host} of the environment does not answer (ECONNREFUSED) | ${HINT}`,
    )
  })

  test('may be invalid, which sends nothing', async () => {
    environment({HTTP_PROXY: 'http://user:hunter2@:bad'})
    const said = await outcome(open('http://hs.example.com'))
    expect(said).toMatch(
      /^usage: invalid proxy in HTTP_PROXY: expected a URL \| for example http:\/\/proxy.example.com:3128$/,
    )
    expect(said).not.toContain('hunter2')
  })

  test('of http is not used for https, as in Go', async () => {
    const {address, tunnels} = await proxy()
    environment({HTTP_PROXY: address})
    expect(await outcome((await open('https://headscale.invalid')).get('/version'))).toMatch(
      /^unreachable: (host|cannot look up the host)/,
    )
    expect(tunnels).toEqual([])
  })

  test('is not used for names in NO_PROXY, loopback addresses and sockets', async () => {
    const {address, seen, tunnels} = await proxy()
    environment({HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: 'headscale.invalid'})
    expect(await outcome((await open('http://headscale.invalid')).get('/version'))).toMatch(
      /^unreachable: (host|cannot look up the host)/,
    )
    const {transport} = await answered((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"direct":true}'),
    )
    expect(await outcome(transport.call('ListUsers', {}))).toBe('{"direct":true}')
    const {server} = recordingHttp((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"socket":true}'),
    )
    const overSocket = await open('http://localhost', {socketPath: await listenOnSocket(server)})
    expect(await outcome(overSocket.call('ListUsers', {}))).toBe('{"socket":true}')
    expect([seen, tunnels]).toEqual([[], []])
  })
})
