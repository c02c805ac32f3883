/**
 * `doctor` on real servers: for each cause of trouble its report has one error, and that error names the cause. The proxies
 * are small ones of the test.
 */
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {parse, stringify} from 'yaml'

import {createRelayCertificate} from '../../../src/derp/cert/create.ts'
import {parseRelayHost} from '../../../src/derp/cert/host.ts'
import {derper, startDerper} from '../../derp-check/support/real-derper.ts'
import type {RealDerper} from '../../derp-check/support/real-derper.ts'
import {loopbackDerpMap} from '../../servers/headscale-config.ts'
import {advertise} from '../../support/advertise.ts'
import {startProxy} from '../../support/front-proxy.ts'
import type {ProxyOptions} from '../../support/front-proxy.ts'
import {runChild, runHere, scratchFolder} from '../../support/program.ts'
import type {Env, Outcome} from '../../support/program.ts'
import {available, startHeadscale} from '../../support/real-servers.ts'
import type {RealHeadscale} from '../../support/real-servers.ts'

const VERSIONS = ['0.29.3', '0.22.3', '0.17.1'].filter((version) => available(version).ok && derper.ok)

interface Report {
  checks: {check: string; status: string; problems: {severity: string; code: string}[]}[]
}

/** The errors of a report: `socket: socket-missing`. */
function errorsOf({stdout, stderr, status}: Outcome): string[] {
  expect(stderr).toBe('')
  const {checks} = JSON.parse(stdout) as Report
  const errors = checks.flatMap(({check, problems}) =>
    problems.filter(({severity}) => severity === 'error').map(({code}) => `${check}: ${code}`),
  )
  expect(status).toBe(errors.length > 0 ? 6 : 0)
  return errors
}

describe.for(VERSIONS)('headscale %s', (version) => {
  let relay: RealDerper
  let server: RealHeadscale
  beforeAll(async () => {
    relay = await startDerper()
    const map = join(scratchFolder(), 'derp.yaml')
    const node = {ipv6: 'none', derpport: relay.port, stunport: relay.stunPort, certname: relay.pin}
    writeFileSync(map, stringify(loopbackDerpMap(node)))
    server = await startHeadscale({version, derpPaths: [map]})
  })
  afterAll(async () => {
    await server?.stop()
    await relay?.stop()
  })

  const doctor = async (argv: readonly string[], env: Env = {}, now?: () => Date) =>
    errorsOf(await runHere(['doctor', ...argv, '-o', 'json'], {env, cwd: server.folder, ...(now && {now})}))
  const onServer = (now?: () => Date) => doctor(['-c', server.configPath], {}, now)
  /** As an operator on the server whose commands use an address and a key. */
  const overRest = (env: Env = {}, ...argv: string[]) =>
    doctor(argv, {
      HEADSCALE_CONFIG: server.configPath,
      HEADSCALE_CLI_ADDRESS: server.url,
      HEADSCALE_CLI_API_KEY: server.apiKey,
      ...env,
    })
  /** The same with the executable, which has other sockets and another TLS library. */
  const withExecutable = async (env: Env, ...argv: string[]) =>
    errorsOf(await runChild('executable', ['doctor', ...argv, '-o', 'json'], {env, cwd: server.folder}))
  const throughProxy = async (options: ProxyOptions, ...argv: string[]) => {
    const proxy = await startProxy(server.url, options)
    onTestFinished(() => proxy.close())
    const errors = await overRest({HEADSCALE_CLI_ADDRESS: proxy.url}, ...argv)
    const env = {HEADSCALE_CLI_ADDRESS: proxy.url, HEADSCALE_CLI_API_KEY: server.apiKey}
    if (version === VERSIONS[0]) {
      expect(await withExecutable({...env, HEADSCALE_CONFIG: server.configPath}, ...argv)).toEqual(errors)
    }
    return errors
  }
  /** A copy of the config file with another server_url. */
  const withServerUrl = (url: string) => {
    const path = join(scratchFolder(), 'config.yaml')
    const config = parse(readFileSync(server.configPath, 'utf8')) as object
    writeFileSync(path, stringify({...config, server_url: url}))
    return path
  }

  test('finds no error on a server that works', async () => {
    expect(await onServer()).toEqual([])
    expect(await overRest()).toEqual([])
    expect(await throughProxy({})).toEqual([])
  })

  test('changes nothing', async () => {
    const state = async () => {
      const {stdout} = await server.cli(['apikeys', 'list', '-o', 'json'])
      return [stdout, (await server.cli(['nodes', 'list', '-o', 'json'])).stdout]
    }
    const before = await state()
    await overRest()
    expect(await state()).toEqual(before)
  })

  test('names a wrong key', async () => {
    const key = server.apiKey
    expect(
      await overRest({HEADSCALE_CLI_API_KEY: `${key.slice(0, -3)}${key.endsWith('xyz') ? 'abc' : 'xyz'}`}),
    ).toEqual(['api-key: api-key-wrong'])
    const other = key.startsWith('hskey-') ? key.replace(/^hskey-api-./, 'hskey-api-_') : `_${key.slice(1)}`
    expect(await overRest({HEADSCALE_CLI_API_KEY: other})).toEqual(['api-key: api-key-unknown'])
  })

  test('names an expired key', async () => {
    const {stdout} = await server.cli(['apikeys', 'create'])
    const key = stdout.trim().split('\n').at(-1)!
    const prefix = key.startsWith('hskey-') ? key.slice(10, 22) : key.split('.')[0]!
    const {code, stderr} = await server.cli(['apikeys', 'expire', '--prefix', prefix])
    expect(code, stderr).toBe(0)
    expect(await overRest({HEADSCALE_CLI_API_KEY: key})).toEqual(['api-key: api-key-expired'])
  })

  test('names a proxy that shows a web page', async () => {
    expect(await throughProxy({page: '<!doctype html><title>Welcome</title>'})).toEqual(['address: web-page'])
  })

  test('names a proxy that drops the Authorization header', async () => {
    expect(await throughProxy({drops: ['authorization']})).toEqual(['api-key: authorization-stripped'])
  })

  test('names a proxy that drops the upgrade of clients', async () => {
    expect(await throughProxy({drops: ['upgrade', 'connection']})).toEqual(['upgrade: upgrade-stripped'])
  })

  test('names a proxy that does not reach the server', async () => {
    expect(await throughProxy({status: 502})).toEqual(['address: proxy-no-server'])
  })

  test('names a clock that is off by a day', async () => {
    const aDay = 86_400_000
    expect(await onServer(() => new Date(Date.now() + aDay))).toEqual(['clock: clock'])
    expect(await onServer(() => new Date(Date.now() - aDay))).toEqual(['clock: clock'])
  })

  test('names an expired certificate', async () => {
    const notBefore = new Date(Date.now() - 40 * 86_400_000)
    const {certificatePem: cert, keyPem: key} = await createRelayCertificate(parseRelayHost('127.0.0.1'), {
      days: 30,
      notBefore,
    })
    const ca = join(scratchFolder(), 'ca.pem')
    writeFileSync(ca, cert)
    expect(await throughProxy({tls: {cert, key}}, '--ca-file', ca)).toEqual(['certificate: certificate-expired'])
  })

  test('names a wrong server_url', async () => {
    expect(await doctor(['-c', withServerUrl('http://127.0.0.1:1')])).toEqual(['server-url: connection-refused'])
    expect(await doctor(['-c', withServerUrl('http://headscale.invalid')])).toEqual(['server-url: host-not-found'])
    const other = await startProxy(server.url, {
      answer(request, response) {
        if (request.url?.startsWith('/key') !== true) return false
        response.end(JSON.stringify({publicKey: `mkey:${'ab'.repeat(32)}`}))
        return true
      },
    })
    onTestFinished(() => other.close())
    expect(await doctor(['-c', withServerUrl(other.url)])).toEqual(['server-url: other-server'])
  })

  test.runIf(userInfo().uid === 0)('names a socket without permission', async () => {
    const env = {HEADSCALE_UNIX_SOCKET: server.socketPath}
    const outcome = await runChild('executable', ['doctor', '-o', 'json'], {env, uid: 65_534})
    expect(errorsOf(outcome)).toEqual(['socket: socket-forbidden'])
  })

  test('names a route that nobody serves', async () => {
    const run = async (...argv: string[]) => {
      const outcome = await runHere(argv, {env: {HEADSCALE_UNIX_SOCKET: server.socketPath}})
      expect(outcome.status, outcome.stderr).toBe(0)
      return outcome.stdout
    }
    await run('users', 'create', 'ops')
    const made = await run('debug', 'create-node', '--name', 'gw', '-u', 'ops', '-r', '10.0.0.0/24', '-o', 'json')
    const {registrationKey} = JSON.parse(made) as {registrationKey: string}
    await run('nodes', 'register', '-u', 'ops', '--key', registrationKey)
    await advertise(server, {'1': ['10.0.0.0/24']})
    expect(await onServer()).toEqual([])
    await run('routes', 'enable', '-i', '1', '-r', '10.0.0.0/24')
    expect(await onServer()).toEqual(['routes: route-unserved'])
    await run('routes', 'disable', '-i', '1', '-r', '10.0.0.0/24')
  })

  test('names a dead relay', async () => {
    await relay.stop()
    expect(await onServer()).toEqual(['relays: relay-unreachable'])
    relay = await startDerper({port: relay.port})
  })

  test('names a socket where nobody listens, and a missing one', async () => {
    const {socketPath} = server
    await server.halt()
    rmSync(socketPath, {force: true})
    expect((await onServer()).filter((error) => !error.startsWith('relays'))).toEqual(['socket: socket-missing'])
    await leaveBehind(socketPath)
    expect((await onServer()).filter((error) => !error.startsWith('relays'))).toEqual(['socket: socket-refused'])
  })
})

/** A socket without a server, as a killed server leaves it. */
async function leaveBehind(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(`${path}.new`, resolve))
  renameSync(`${path}.new`, path)
  await new Promise((resolve) => server.close(resolve))
}
