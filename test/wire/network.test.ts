/** Why an HTTP request gets no answer, and what a client may do about it: repeat a read, never a change. */
import {writeFileSync} from 'node:fs'
import {createServer as createHttpsServer} from 'node:https'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {answered, API_KEY, type Certificate, certificate, open, outcome} from './http-servers.ts'
import {FRAME, frame, listenOnPort, listenOnSocket, recordingHttp, temporaryFolder} from './servers.ts'

const LOOK = 'the change may have been applied; check before retrying'

/** A port nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const {port} = server.address() as {port: number}
  await new Promise((done) => server.close(done))
  return port
}

describe('nobody there', () => {
  test('a port nobody listens on', async () => {
    const address = `http://127.0.0.1:${await deadPort()}`
    const transport = await open(address)
    expect(await outcome(transport.call('CreateUser', {name: 'x'}))).toBe(
      `unreachable: nobody listens at ${address} | is headscale running there, and is the port right?`,
    )
  })

  test('a host name that does not exist (or a network without DNS)', async () => {
    const transport = await open('http://headscale.invalid')
    expect(await outcome(transport.get('/version'))).toMatch(
      /^unreachable: the host name headscale\.invalid (does not exist \| check --address|cannot be looked up now \| is the network up, and DNS\?)$/,
    )
  })

  test('a socket that is not there, over HTTP', async () => {
    const socketPath = join(temporaryFolder(), 'none.sock')
    const transport = await open('http://localhost', {apiKey: null, socketPath})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: there is no socket ${socketPath} | is headscale running? systemctl status headscale; another path is given with --socket`,
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

test('a deadline longer than timers can count is no deadline of zero', async () => {
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

  test('once is not noticed by a read', async () => {
    const {transport, seen} = await breaking(1)
    expect(await outcome(transport.call('ListUsers', {}))).toBe('{"users":[]}')
    expect(seen).toHaveLength(2)
  })

  test('twice fails a read', async () => {
    const {transport, seen} = await breaking(2)
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      "unreachable: the server broke off the connection before it answered | look at the server's log",
    )
    expect(seen).toHaveLength(2)
  })

  test('once fails a change, which is not repeated', async () => {
    const {transport, seen} = await breaking(1)
    expect(await outcome(transport.call('CreateUser', {name: 'x'}))).toBe(
      `unreachable: the server broke off the connection before it answered | ${LOOK}`,
    )
    expect(seen).toHaveLength(1)
  })

  test('in the middle of a reply is no reply', async () => {
    const {transport} = await answered((request, response) => {
      response.writeHead(200, {'content-type': 'application/json', 'content-length': 1000})
      response.write('{"users":[]}')
      setTimeout(() => request.socket.destroy(), 20)
    })
    expect(await outcome(transport.call('ListUsers', {}))).toMatch(/^unreachable: the server broke off the connection/)
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
    "unreachable: the server does not speak HTTP/1.1 | is this headscale's listen_addr, not its gRPC port?",
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
  const HINT = 'name its authority with --ca-file, or take any certificate with --insecure'

  test('with a certificate nobody vouches for needs --ca-file or --insecure', async () => {
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
      `permission-denied: the certificate of ${address} is not trusted: it has expired | ${HINT}`,
    )
  })

  test('with a certificate for another name says so', async () => {
    const own = await certificate({name: 'hs.example.com'})
    const address = await httpsServer(own)
    expect(await outcome((await open(address, {caFile: own.file})).call('ListUsers', {}))).toBe(
      `permission-denied: the certificate of ${address} is not trusted: it is for another name than 127.0.0.1 | ${HINT}`,
    )
  })

  test('to a server of plain http says so', async () => {
    const {address} = await answered((_, response) => response.end())
    const transport = await open(address.replace('http:', 'https:'), {describe: 'the server'})
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      'unreachable: the server does not speak https | is it http:// in --address?',
    )
  })

  test('with a CA file that is missing or holds no certificate sends nothing', async () => {
    const folder = temporaryFolder()
    const [missing, text] = [join(folder, 'missing.pem'), join(folder, 'text.pem')]
    writeFileSync(text, 'hello')
    expect(await outcome(open('https://127.0.0.1', {caFile: missing}))).toBe(
      `usage: the CA file ${missing} cannot be read (ENOENT) | null`,
    )
    expect(await outcome(open('https://127.0.0.1', {caFile: text}))).toBe(
      `usage: the CA file ${text} holds no certificate | it must be in PEM form: -----BEGIN CERTIFICATE-----`,
    )
  })
})

describe('the proxy of the environment', () => {
  const HINT = 'check HTTP_PROXY and HTTPS_PROXY, or name the server in NO_PROXY'

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

  test('may refuse a tunnel', async () => {
    const {address, tunnels} = await proxy(403)
    environment({HTTPS_PROXY: address})
    const transport = await open('https://hs.example.com')
    expect(await outcome(transport.call('ListUsers', {}))).toBe(
      `unreachable: the proxy of the environment refuses a connection to hs.example.com (HTTP 403) | ${HINT}`,
    )
    expect(tunnels).toEqual(['hs.example.com:443'])
  })

  test.each(['http', 'https'])('may want a password, for %s', async (protocol) => {
    const {address} = await proxy(407)
    environment({HTTP_PROXY: address})
    expect(await outcome((await open(`${protocol}://hs.example.com`)).call('ListUsers', {}))).toBe(
      'unreachable: the proxy of the environment wants a user and a password (HTTP 407) | ' +
        'put them into HTTP_PROXY or HTTPS_PROXY, or name the server in NO_PROXY',
    )
  })

  test('may be down', async () => {
    const host = `127.0.0.1:${await deadPort()}`
    environment({HTTPS_PROXY: `http://user:hunter2@${host}`})
    expect(await outcome((await open('https://hs.example.com')).call('ListUsers', {}))).toBe(
      `unreachable: the proxy ${host} of the environment does not answer (ECONNREFUSED) | ${HINT}`,
    )
  })

  test('may be no address at all, which sends nothing', async () => {
    environment({HTTP_PROXY: 'http://user:hunter2@:bad'})
    const said = await outcome(open('http://hs.example.com'))
    expect(said).toMatch(
      /^usage: HTTP_PROXY or HTTPS_PROXY cannot be used: .* \| it should look like http:\/\/proxy.example.com:3128$/,
    )
    expect(said).not.toContain('hunter2')
  })

  test('is not asked for names in NO_PROXY, loopback addresses and sockets', async () => {
    const {address, seen, tunnels} = await proxy()
    environment({HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: 'headscale.invalid'})
    expect(await outcome((await open('http://headscale.invalid')).get('/version'))).toMatch(
      /^unreachable: the host name/,
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
