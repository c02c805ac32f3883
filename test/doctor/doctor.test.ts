/** `doctor` as its users see it: the whole output of a set-up that works, and of each fault. */
import {chmodSync, renameSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {createRelayCertificate} from '../../src/derp/cert/create.ts'
import {parseRelayHost} from '../../src/derp/cert/host.ts'
import {doctor} from '../../src/doctor/output/schemas.ts'
import {configYaml} from '../../src/sandbox/config-file.ts'
import {startProxy} from '../support/front-proxy.ts'
import {NOW, startSetup} from './support.ts'
import type {DoctorSetup} from './support.ts'

const DAY = 86_400_000
const SEED = {
  prefixes: ['100.64.0.0/10'],
  users: [{name: 'ops'}, {name: 'jane'}],
  nodes: [
    {name: 'gw', user: 'ops', online: true, routes: ['10.0.0.0/24', '10.1.0.0/24'], approved: ['10.0.0.0/24']},
    {name: 'nas', user: 'jane', online: false},
  ],
}

let setup: DoctorSetup
beforeAll(async () => {
  setup = await startSetup(SEED)
})
afterAll(() => setup.close())

const golden = (text: string, name: string) => expect(text).toMatchFileSnapshot(`golden/${name}.txt`)

/** Relays on the loopback are a warning of `setup check`; nothing else is. */
describe('a set-up that works', () => {
  test('over the socket', async () => {
    await golden(await setup.transcript(['-c', setup.config()]), 'socket')
  })

  test('over REST, with the config file of the server', async () => {
    const env = {...setup.rest(), HEADSCALE_CONFIG: setup.config()}
    await golden(await setup.transcript([], {env}), 'rest')
  })

  test('over REST, from another machine', async () => {
    await golden(await setup.transcript([], {env: setup.rest()}), 'remote')
  })

  test('as JSON, with the published schema', async () => {
    const {stdout, status} = await setup.run(['-c', setup.config(), '-o', 'json'])
    expect(status).toBe(0)
    const {errors, warnings, checks} = doctor.parse(JSON.parse(stdout))
    expect({errors, warnings, checks: checks.length}).toEqual({errors: 0, warnings: 1, checks: 16})
    await golden(await setup.transcript(['-c', setup.config(), '-o', 'json']), 'json')
  })

  test.each(['0.15', '0.30'])('as %s', async (release) => {
    const other = await startSetup(SEED, {release})
    onTestFinished(() => other.close())
    const env = {...other.rest(), HEADSCALE_CONFIG: other.config()}
    for (const outcome of [
      await other.run(['-c', other.config(), '-o', 'json']),
      await other.run(['-o', 'json'], {env}),
    ]) {
      const {checks, server} = doctor.parse(JSON.parse(outcome.stdout))
      expect(server?.releases).toBe(release)
      // The config file is that of another release.
      const errors = checks.filter(
        ({check, status}) => status === 'error' && check !== 'settings' && check !== 'relays',
      )
      expect(errors).toEqual([])
    }
  })

  test('the config file that sandbox run writes', async () => {
    const config = join(setup.folder, 'sandbox.yaml')
    const seen = async (env = {}) => {
      const {stdout, status} = await setup.run(['-o', 'json'], {env: {...env, HEADSCALE_CONFIG: config}})
      const {checks} = doctor.parse(JSON.parse(stdout))
      return {status, made: checks.filter((check) => check.status !== 'skipped').map(({check}) => check)}
    }
    const made = ['server', 'api-key', 'users', 'routes', 'policy']
    writeFileSync(config, configYaml(setup.folder, setup.socketPath))
    expect(await seen()).toEqual({status: 0, made: ['config', 'socket', ...made]})
    // Another server than the sandbox, whose address is that of clients as well.
    const other = await seen(setup.rest())
    expect(other.made).toContain('address')
    expect(other.made).not.toContain('settings')
    writeFileSync(config, configYaml(setup.folder, null, setup.listener))
    expect(await seen(setup.rest())).toEqual({status: 0, made: ['config', ...made]})
  })

  test('in colour', async () => {
    await golden(await setup.transcript(['-c', setup.config()], {colour: true}), 'colour')
  })
})

describe('the config file and the socket', () => {
  test('nothing is there', async () => {
    await golden(await setup.transcript([]), 'nothing')
  })

  test('the named file is missing', async () => {
    await golden(await setup.transcript(['-c', '/nonexistent/config.yaml']), 'config-missing')
  })

  test('the file is invalid', async () => {
    const path = join(setup.folder, 'invalid.yaml')
    writeFileSync(path, 'server_url: http://example.com\n  listen_addr: x\n')
    await golden(await setup.transcript(['-c', path]), 'config-invalid')
  })

  test('the file has errors for this release', async () => {
    const path = setup.config({acl_policy_path: '/etc/headscale/policy.hujson'}, 'old-key.yaml')
    await golden(await setup.transcript(['-c', path]), 'settings')
  })

  test('an address without a key', async () => {
    await golden(await setup.transcript(['--address', setup.listener]), 'no-key')
  })

  test('the socket is missing', async () => {
    const path = setup.config({unix_socket: join(setup.folder, 'other.sock')}, 'no-socket.yaml')
    await golden(await setup.transcript(['-c', path]), 'socket-missing')
  })

  test('nobody listens', async () => {
    const path = join(setup.folder, 'stale.sock')
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(`${path}.new`, resolve))
    renameSync(`${path}.new`, path)
    await new Promise((resolve) => server.close(resolve))
    chmodSync(path, 0o770)
    await golden(await setup.transcript(['--socket', path]), 'socket-refused')
  })

  test('the socket is a file', async () => {
    const path = join(setup.folder, 'file.sock')
    writeFileSync(path, '')
    await golden(await setup.transcript(['--socket', path]), 'not-a-socket')
  })
})

describe('the API key', () => {
  const withKey = (key: string, address = setup.listener) => ({
    env: {...setup.rest(address), HEADSCALE_CLI_API_KEY: key, HEADSCALE_CONFIG: setup.config()},
  })

  test('is unknown', async () => {
    const run = setup.transcript([], withKey('hskey-api-abcdefghijkl-0123456789012345678901234567890123456789'))
    await golden(await run, 'api-key-unknown')
  })

  test('is not complete', async () => {
    await golden(await setup.transcript([], withKey(setup.apiKey.slice(0, -5))), 'api-key-wrong')
  })

  test('is expired', async () => {
    let time = NOW
    const other = await startSetup(SEED, {now: () => time})
    onTestFinished(() => other.close())
    // The listener shows the time of its start.
    time = new Date(NOW.getTime() + 91 * DAY)
    const late = await other.proxy({})
    const env = {...other.rest(late), HEADSCALE_CONFIG: other.config({server_url: late})}
    await golden(await other.transcript([], {env}), 'api-key-expired')
  })

  test('is dropped by a proxy', async () => {
    const proxy = await setup.proxy({drops: ['authorization']})
    await golden(await setup.transcript([], withKey(setup.apiKey, proxy)), 'authorization-stripped')
  })

  test('is rejected, and this machine cannot tell why', async () => {
    const proxy = await setup.proxy({drops: ['authorization']})
    await golden(await setup.transcript([], {env: setup.rest(proxy)}), 'api-key-rejected')
  })

  test('is not sent to an address in a config file of the working folder', async () => {
    const seen: (string | undefined)[] = []
    const listener = await setup.proxy({
      answer({headers}) {
        seen.push(headers.authorization)
        return false
      },
    })
    setup.config({listen_addr: listener.slice('http://'.length)})
    const env = setup.rest(await setup.proxy({drops: ['authorization']}))
    const {stdout} = await setup.run([], {env, cwd: setup.folder})
    expect(stdout).toContain('the one on this machine')
    expect(stdout).toContain('error api-key-')
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((header) => header !== undefined)).toEqual([])
  })

  test('never shows', async () => {
    for (const key of [setup.apiKey, setup.apiKey.slice(0, -5)]) {
      const {stdout, stderr} = await setup.run(['-o', 'json'], withKey(key))
      expect(stdout + stderr).not.toContain(key.slice(-20))
    }
  })
})

describe('an address', () => {
  /** The report of a server whose server_url is this. */
  const withUrl = (url: string, ...argv: string[]) =>
    setup.transcript(['-c', setup.config({server_url: url}, 'url.yaml'), ...argv])

  test('shows a web page', async () => {
    await golden(await withUrl(await setup.proxy({page: '<!doctype html><title>Welcome</title>'})), 'web-page')
  })

  test('has a proxy that does not reach the server', async () => {
    await golden(await withUrl(await setup.proxy({status: 502})), 'proxy-no-server')
  })

  test('has a proxy with a login', async () => {
    await golden(await withUrl(await setup.proxy({status: 401})), 'proxy-denies')
  })

  test('redirects', async () => {
    const answer: Parameters<DoctorSetup['proxy']>[0]['answer'] = (_, response) => {
      response.writeHead(301, {location: 'https://hs.example.com/'}).end()
      return true
    }
    await golden(await withUrl(await setup.proxy({answer})), 'redirected')
  })

  test('is another web server', async () => {
    await golden(await withUrl(await setup.proxy({status: 404})), 'not-headscale')
  })

  test('is another headscale', async () => {
    const answer: Parameters<DoctorSetup['proxy']>[0]['answer'] = (_, response) => {
      response.end(JSON.stringify({publicKey: `mkey:${'a5'.repeat(32)}`}))
      return true
    }
    await golden(await withUrl(await setup.proxy({answer})), 'other-server')
  })

  test('refuses the connection', async () => {
    await golden(await withUrl('http://127.0.0.1:1'), 'connection-refused')
  })

  test('has a name that does not exist', async () => {
    await golden(await withUrl('http://headscale.invalid'), 'host-not-found')
  })

  test('says https for plain http', async () => {
    await golden(await withUrl(setup.listener.replace('http:', 'https:')), 'not-https')
  })

  test('drops the upgrade', async () => {
    await golden(await withUrl(await setup.proxy({drops: ['upgrade', 'connection']})), 'upgrade-stripped')
  })

  test('does not pass POST /ts2021', async () => {
    const answer: Parameters<DoctorSetup['proxy']>[0]['answer'] = (request, response) => {
      if (request.method !== 'POST') return false
      response.writeHead(405).end()
      return true
    }
    await golden(await withUrl(await setup.proxy({answer})), 'upgrade-blocked')
  })

  test('passes everything but the API', async () => {
    const answer: Parameters<DoctorSetup['proxy']>[0]['answer'] = (request, response) => {
      if (request.url?.startsWith('/api/') !== true && request.url?.startsWith('/swagger') !== true) return false
      response.writeHead(200, {'content-type': 'text/html'}).end('<!doctype html>')
      return true
    }
    const env = setup.rest(await setup.proxy({answer}))
    await golden(await setup.transcript([], {env}), 'api-web-page')
  })

  test('is that of another server than the config file found here', async () => {
    const answer: Parameters<DoctorSetup['proxy']>[0]['answer'] = (request, response) => {
      if (request.url?.startsWith('/key') !== true) return false
      response.end(JSON.stringify({publicKey: `mkey:${'a5'.repeat(32)}`}))
      return true
    }
    const env = setup.rest(await setup.proxy({answer}))
    setup.config()
    await golden(await setup.transcript([], {env, cwd: setup.folder}), 'another-config')
    const named = await setup.transcript([], {env: {...env, HEADSCALE_CONFIG: setup.config()}})
    expect(named).toContain('error other-server: the address http://')
  })

  test('closes the connection at once', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const {port} = server.address() as {port: number}
    await golden(await withUrl(`http://127.0.0.1:${port}`), 'connection-closed')
  })
})

describe('the clock and certificates', () => {
  test('the clock is a day ahead, and half a minute behind', async () => {
    const config = setup.config()
    const at = (offset: number) => ({now: () => new Date(NOW.getTime() + offset)})
    await golden(await setup.transcript(['-c', config], at(DAY)), 'clock')
    const {stdout, status} = await setup.run(['-c', config, '-o', 'json'], at(-40_000))
    expect(status).toBe(0)
    expect(doctor.parse(JSON.parse(stdout)).checks.find(({check}) => check === 'clock')).toMatchObject({
      ...{status: 'warning', seen: '40 seconds behind the server'},
    })
    expect((await setup.run(['-c', config, '--strict'], at(-40_000))).status).toBe(6)
  })

  test.each([
    ['certificate-expired', '127.0.0.1', -100, 90],
    ['certificate-not-yet-valid', '127.0.0.1', 10, 90],
    ['certificate-name', 'hs.example.com', -10, 90],
    ['certificate-untrusted', '127.0.0.1', -10, 90],
  ])('%s', async (name, host, from, days) => {
    const notBefore = new Date(NOW.getTime() + from * DAY)
    const {certificatePem: cert, keyPem: key} = await createRelayCertificate(parseRelayHost(host), {days, notBefore})
    const url = await setup.proxy({tls: {cert, key}})
    await golden(await setup.transcript(['-c', setup.config({server_url: url}, 'tls.yaml')]), name)
  })
})

describe('what the server knows', () => {
  const of = async (seed: Parameters<typeof startSetup>[0], changes: Record<string, string> = {}) => {
    const other = await startSetup(seed)
    onTestFinished(() => other.close())
    return other.transcript(['-c', other.config(changes)])
  }

  test('a route that nobody serves, an exit route, a full pool, two users with one name, a policy of another mode', async () => {
    const seed = {
      prefixes: ['100.64.0.0/29'],
      users: [{name: 'ops'}, {name: 'jane', providerId: 'https://sso/1'}, {name: 'jane', providerId: 'https://sso/2'}],
      nodes: ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => ({
        name,
        user: 'ops',
        online: false,
        routes: [['10.0.0.0/24'], ['10.0.0.0/24'], ['0.0.0.0/0', '::/0']][at] ?? [],
        approved: [['10.0.0.0/24'], ['10.0.0.0/24'], ['0.0.0.0/0', '::/0']][at] ?? [],
      })),
      policy: '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}',
    }
    await golden(await of(seed, {prefixes: '\n  v4: 100.64.0.0/29', policy: '\n  mode: file'}), 'tailnet')
  })

  test('a dead relay', async () => {
    const other = await startSetup(SEED)
    onTestFinished(() => other.close())
    await other.relays[1]!.close()
    other.relays[1]!.close = async () => {}
    await golden(await other.transcript(['-c', other.config()]), 'relay')
  })

  test('a map that cannot be read', async () => {
    await golden(await of(SEED, {derp: '\n  paths:\n    - /nonexistent/derp.yaml'}), 'relay-map')
  })
})

describe('single sign-on', () => {
  const provider = async (document: (url: string) => unknown, issuerOf = (url: string) => url) => {
    const server = await startProxy('http://127.0.0.1:1', {
      answer(request, response) {
        if (request.url !== '/.well-known/openid-configuration') return false
        response.end(JSON.stringify(document(server.url)))
        return true
      },
    })
    onTestFinished(() => server.close())
    const oidc = `\n  issuer: ${issuerOf(server.url)}\n  client_id: hs\n  client_secret_path: ${setup.folder}/secret`
    writeFileSync(join(setup.folder, 'secret'), 's', {mode: 0o600})
    return setup.transcript(['-c', setup.config({oidc}, 'oidc.yaml')])
  }

  test('works', async () => {
    await golden(await provider((url) => ({issuer: url})), 'oidc')
  })

  test('has another issuer', async () => {
    await golden(await provider((url) => ({issuer: `${url}/`})), 'oidc-issuer')
  })

  test('has no discovery document', async () => {
    await golden(
      await provider(
        () => ({}),
        (url) => `${url}/realms/x`,
      ),
      'oidc-discovery',
    )
  })
})

test('Ctrl-C ends it', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const {port} = silent.address() as {port: number}
  const path = setup.config({server_url: `http://127.0.0.1:${port}`}, 'silent.yaml')
  const {status, stdout, stderr} = await setup.run(['-c', path], {interrupt: (press) => void setTimeout(press, 50)})
  expect({status, stdout, stderr}).toEqual({status: 130, stdout: '', stderr: 'error: interrupted\n'})
})
