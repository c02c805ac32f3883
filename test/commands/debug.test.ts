/** `--debug`: which settings are used and what is sent, on standard error, without a key. */
import {writeFileSync} from 'node:fs'
import {createServer, type RequestListener} from 'node:http'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {type Env, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer, type Via} from '../support/servers.ts'

const SEED = {users: [{name: 'default'}], nodes: [{name: 'nas', user: 'default'}]}

async function sandbox(release: string, via: Via): Promise<TestServer> {
  const server = await startTestSandbox({release, via, seed: SEED})
  onTestFinished(() => server.close())
  return server
}

/** An HTTP server that answers every request in this way. */
async function httpServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((done) => server.once('listening', done))
  return `http://127.0.0.1:${(server.address() as {port: number}).port}`
}

const debugLines = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('debug: '))

/** With times, sizes, ports and paths replaced. Requests that are sent at once are sorted: those of detection. */
function masked(stderr: string): string {
  const lines = stderr
    .replace(/\d+ ms/g, 'N ms')
    .replace(/\d+ B\b/g, 'N B')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\/[\w/.-]+\/hs\.sock/g, '/SOCKET')
    .replace(/Node\.js v[\d.]+/, 'Node.js VERSION')
    .split('\n')
  const remembered = stderr.includes('(remembered)')
  const isProbe = (line: string) => line.includes(' (detection): ') || (remembered && line.includes(': OK, '))
  const from = lines.findIndex(isProbe)
  const count = lines.slice(from).findIndex((line) => !isProbe(line))
  return lines
    .with(
      from,
      lines
        .slice(from, from + count)
        .toSorted()
        .join('\n'),
    )
    .toSpliced(from + 1, count - 1)
    .join('\n')
}

describe.for<[Via, string]>([
  ['socket', '0.26'],
  ['REST', '0.29'],
])('over %s, sandbox %s', ([via, release]) => {
  test('prints each setting with its source, and each request', async () => {
    const {env} = await sandbox(release, via)
    const options = {env, home: scratchFolder()}
    const first = await runHere(['nodes', 'list', '--debug', '--timeout', '5s'], options)
    const second = await runHere(['nodes', 'list', '--debug'], options)
    const change = await runHere(['users', 'create', 'alice', '--debug'], options)
    const failing = await runHere(['users', 'create', 'alice', '--debug'], options)
    const text = [first, second, change, failing].map(({stderr}) => masked(stderr)).join('\n')
    await expect(text).toMatchFileSnapshot(`../golden/debug/${via}-${release}.txt`)
  })

  test('leaves standard output and the exit status as they are', async () => {
    const {env} = await sandbox(release, via)
    const [plain, traced] = [
      await runHere(['nodes', 'list'], {env}),
      await runHere(['nodes', 'list', '--debug'], {env}),
    ]
    expect([traced.status, traced.stdout]).toEqual([plain.status, plain.stdout])
    expect(plain.stderr).toBe('')
  })
})

test('prints nothing for a key that is given, created, expired or registered', async () => {
  const keys: string[] = []
  const outputs: string[] = []
  for (const [release, via] of [
    ['0.22', 'REST'],
    ['0.26', 'REST'],
    ['0.29', 'REST'],
    ['0.26', 'socket'],
    ['0.30', 'REST'],
  ] as [string, Via][]) {
    const {env} = await sandbox(release, via)
    const file = join(scratchFolder(), 'key')
    const given: Env = via === 'REST' ? {HEADSCALE_CLI_ADDRESS: env.HEADSCALE_CLI_ADDRESS} : env
    if (via === 'REST') {
      keys.push(env.HEADSCALE_CLI_API_KEY!)
      writeFileSync(file, `${env.HEADSCALE_CLI_API_KEY}\n`, {mode: 0o600})
    }
    const run = async (argv: string[], variables: Env = env) => {
      const {status, stdout, stderr} = await runHere(['--debug', ...argv], {env: variables})
      expect([argv, status, stderr.includes(' B, received ')]).toEqual([argv, 0, true])
      outputs.push(stderr)
      return stdout.trim()
    }
    if (via === 'REST') await run(['nodes', 'list', '--api-key-file', file], given)
    const preAuthKey = await run(['preauthkeys', 'create', '-u', 'default'])
    await run(['preauthkeys', 'expire', '-u', 'default', '--', preAuthKey])
    const apiKey = await run(['apikeys', 'create'])
    await run(['apikeys', 'expire', '--', apiKey])
    const pending = await run(['debug', 'create-node', '-u', 'default', '--name', 'pending', '-o', 'json'])
    const {registrationKey} = JSON.parse(pending) as {registrationKey: string}
    await run(['nodes', 'register', '-u', 'default', '--key', registrationKey])
    keys.push(preAuthKey, apiKey, registrationKey)
  }
  expect(keys.filter((key) => key.length < 20)).toEqual([])
  const text = outputs.join('\n')
  const leaked = keys
    .flatMap((key) => [key, encodeURIComponent(key), key.split(':').at(-1)!])
    .filter((key) => text.includes(key))
  expect(leaked).toEqual([])
})

test('prints no key of an address that contains one', async () => {
  const key = `hskey-api-abcdefghijkl-${'s'.repeat(64)}`
  const {env} = await sandbox('0.29', 'REST')
  const address = env.HEADSCALE_CLI_ADDRESS!.replace('//', `//x:${key}@`)
  const {status, stderr} = await runHere(['nodes', 'list', '--debug', '--address', address], {env})
  expect(status).toBe(2)
  expect(stderr).not.toContain('sss')
})

test('shows a redirect, which is not followed, without the key and without control characters', async () => {
  const address = await httpServer((request, response) => {
    response.writeHead(302, {location: `/\u009b31mlogin?token=${request.headers.authorization?.slice(7) ?? ''}`}).end()
  })
  const env = {HEADSCALE_CLI_ADDRESS: address, HEADSCALE_CLI_API_KEY: 'a-key-of-no-known-form'}
  const {stderr} = await runHere(['users', 'create', 'x', '--debug'], {env})
  expect(stderr).toContain('GET /version (detection): 302, redirect to /\\x9b31mlogin?token= not followed')
  expect(stderr).not.toContain('a-key-of-no-known-form')
})

test('shows that a read is sent again', async () => {
  const {env} = await sandbox('0.29', 'REST')
  let broken = false
  const address = await httpServer((request, response) => {
    const isList = request.url === '/api/v1/node'
    if (isList && !broken) {
      broken = true
      return void request.socket.destroy()
    }
    const headers = {authorization: request.headers.authorization ?? ''}
    void fetch(env.HEADSCALE_CLI_ADDRESS! + request.url!, {headers}).then(async (reply) => {
      response
        .writeHead(reply.status, {'content-type': reply.headers.get('content-type') ?? ''})
        .end(await reply.text())
    })
  })
  const {status, stderr} = await runHere(['nodes', 'list', '--debug'], {env: {...env, HEADSCALE_CLI_ADDRESS: address}})
  expect(status).toBe(0)
  expect(stderr).toMatch(/GET \/api\/v1\/node: .*closed.*\ndebug: sending it again\ndebug: GET \/api\/v1\/node: 200, /)
})

describe('where it can be said', () => {
  const list = ['nodes', 'list']
  test.for<[string[], Env, boolean]>([
    [['--debug', ...list], {}, true],
    [['nodes', '--debug', 'list'], {}, true],
    [[...list, '--debug=true'], {}, true],
    [list, {HEADSCALE_TS_DEBUG: '1'}, true],
    [list, {}, false],
    [list, {HEADSCALE_TS_DEBUG: ''}, false],
    [list, {HEADSCALE_TS_DEBUG: '0'}, false],
    [[...list, '--debug=false'], {HEADSCALE_TS_DEBUG: '1'}, false],
    [['debug', 'create-node', '-u', 'default', '--name', 'x', '--dry-run'], {}, false],
  ])('%j with %j', async ([argv, variables, on]) => {
    const {env} = await sandbox('0.29', 'socket')
    const {status, stderr} = await runHere(argv, {env: {...env, ...variables}})
    expect([status, debugLines(stderr).length > 0]).toEqual([0, on])
  })
})

test('with -o json, the lines come before the object', async () => {
  const {env} = await sandbox('0.29', 'socket')
  const {stderr} = await runHere(['users', 'create', 'default', '-o', 'json', '--debug'], {env})
  const object = stderr.slice(stderr.indexOf('\n{') + 1)
  expect(JSON.parse(object)).toMatchObject({error: {code: 'already-exists'}})
  expect(stderr.startsWith('debug: ')).toBe(true)
})

describe('derp', () => {
  const node = {Name: '900a', RegionID: 900, HostName: 'localhost', IPv4: '127.0.0.1', IPv6: 'none', STUNPort: -1}
  const derpMap = {Regions: {900: {RegionID: 900, RegionCode: 'x', RegionName: 'X', Nodes: [{...node, DERPPort: 1}]}}}

  test.for(['show', 'validate', 'diff', 'render'])('%s prints what it fetches', async (verb) => {
    const url = `${await httpServer((_, reply) => reply.end(JSON.stringify(derpMap)))}/map`
    const words = {diff: [url, url], render: ['--from', url]}[verb] ?? [url]
    const {stdout, stderr} = await runHere(['derp', verb, ...words, '--debug'])
    const line = expect.stringMatching(/^debug: GET http:\S+\/map: 200, \d+ ms, received \d+ B$/) as string
    expect(debugLines(stderr)).toEqual(verb === 'diff' ? [line, line] : [line])
    expect((await runHere(['derp', verb, ...words])).stdout).toBe(stdout.replace(' --debug', ''))
  })

  test('check prints its steps, and no password', async () => {
    const address = await httpServer((_, reply) => reply.end(JSON.stringify(derpMap)))
    const {stderr} = await runHere(['derp', 'check', address.replace('//', '//me:secret@'), '--debug'])
    const [fetched, ...steps] = debugLines(stderr)
    expect(fetched).toMatch(/^debug: GET http:\/\/\[secret\]@127/)
    expect(steps).toContainEqual(expect.stringMatching(/^debug: localhost 127\.0\.0\.1: tcp: failed, \d+ ms, /))
    expect(debugLines((await runHere(['derp', 'check', 'http://127.0.0.1:1', '--debug'])).stderr)).toEqual([
      expect.stringMatching(/^debug: GET http:\/\/127\.0\.0\.1:1\/?: failed, \d+ ms$/),
    ])
  })
})

test('says how the certificate of a server is verified', async () => {
  const folder = scratchFolder()
  const [key, ca] = ['key', 'ca.pem'].map((name) => join(folder, name)) as [string, string]
  writeFileSync(key, 'a-key-of-no-known-form', {mode: 0o600})
  writeFileSync(ca, '-----BEGIN CERTIFICATE-----\n')
  const line = ['nodes', 'list', '--debug', '--address', 'headscale.invalid', '--api-key-file', key, '--timeout', '2s']
  const {stderr} = await runHere([...line, '--insecure', '--ca-file', ca], {env: {NODE_EXTRA_CA_CERTS: '/etc/ca.pem'}})
  expect(debugLines(stderr).slice(4, 7)).toEqual([
    'debug: TLS certificate: not verified (--insecure)',
    'debug: CA certificates: also /etc/ca.pem (NODE_EXTRA_CA_CERTS)',
    `debug: CA certificates: also ${ca} (--ca-file)`,
  ])
})

test('names the configuration file, and the proxy without its password', async () => {
  const folder = scratchFolder()
  const config = join(folder, 'config.yaml')
  const key = join(folder, 'key')
  writeFileSync(config, 'cli:\n  address: https://headscale.invalid\n  timeout: 2s\n')
  writeFileSync(key, 'a-key-of-no-known-form', {mode: 0o600})
  process.env.HTTPS_PROXY = 'http://user:hunter2@127.0.0.1:9'
  onTestFinished(() => void delete process.env.HTTPS_PROXY)
  const {stderr} = await runHere(['nodes', 'list', '--debug', '-c', config, '--api-key-file', key], {})
  expect(debugLines(stderr).slice(1, 7)).toEqual([
    `debug: config file: ${config}`,
    `debug: server: https://headscale.invalid (cli.address in ${config})`,
    'debug: API key: from --api-key-file',
    'debug: TLS certificate: verified',
    `debug: timeout: 2 s (cli.timeout in ${config})`,
    'debug: proxy: http://127.0.0.1:9 (HTTPS_PROXY)',
  ])
  expect(stderr).not.toContain('hunter2')
})
