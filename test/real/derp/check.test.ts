/** `derp check` against real derpers, and relays inside headscale: each situation has its own verdict. */
import {randomBytes} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {createRelayCertificate} from '../../../src/derp/cert/create.ts'
import {describeCertificate} from '../../../src/derp/cert/pin.ts'
import {fetchCertificate} from '../../../src/derp/cert/fetch-certificate.ts'
import {runCert} from '../../../src/derp/cert/cert-command.ts'
import {certificateFiles, writeCertificate} from '../../../src/derp/cert/files.ts'
import {clientKey, formatNodeKey} from '../../../src/derp/check/relay/keys.ts'
import {askPort80} from '../../../src/derp/check/relay/port80.ts'
import type {CheckContext} from '../../../src/derp/check/context.ts'
import type {DerpNode} from '../../../src/derp/map.ts'
import {checkOne, checkRegion, nodeAt, stepsOf, summaryOf} from '../../derp-check/support/check-one.ts'
import {derper, freeTcpPort, startDerper} from '../../derp-check/support/real-derper.ts'
import type {DerperOptions, RealDerper} from '../../derp-check/support/real-derper.ts'
import {PROGRAM_NAMES, runChild} from '../../support/program.ts'
import {available, startHeadscale} from '../../support/real-servers.ts'
import type {RealHeadscale} from '../../support/real-servers.ts'

const running: {stop(): Promise<unknown>}[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
})
async function relay(options?: DerperOptions): Promise<RealDerper> {
  const started = await startDerper(options)
  running.push(started)
  return started
}
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'derp-check-'))
  running.push({stop: async () => rmSync(path, {recursive: true, force: true})})
  return path
}
const at = ({port, stunPort, pin}: RealDerper, given: Partial<DerpNode> = {}) =>
  nodeAt(port, {stunPort, certName: pin, ...given})
const withLongTimeout = {timeoutMs: 10_000}
const WORKS = ['works (ok): works: a packet went through it']
const ALL_STEPS = ['tcp ok', 'tls ok', 'http ok', 'upgrade ok', 'relay ok', 'packet ok', 'stun ok']

describe.skipIf(!derper.ok)(`a real derper${derper.ok ? '' : ` (${derper.reason})`}`, () => {
  test('on a bare address, with the pin of its own certificate', async () => {
    const node = await checkOne(at(await relay()), withLongTimeout)
    expect(summaryOf(node)).toEqual(WORKS)
    expect(stepsOf(node.paths[0]!)).toEqual(ALL_STEPS)
    expect(node.paths[0]!.mapped).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  test.for(PROGRAM_NAMES)('from the %s, with its own TLS implementation', async (program) => {
    const {port, stunPort, pin} = await relay()
    const words = ['derp', 'check', `127.0.0.1:${port}`, '--stun-port', String(stunPort)]
    const pinned = await runChild(program, [...words, '--pin', pin])
    expect({status: pinned.status, stderr: pinned.stderr}).toEqual({status: 0, stderr: ''})
    const untrusted = await runChild(program, words)
    expect(untrusted.status).toBe(6)
    expect(untrusted.stdout).toContain(`found: self-signed, ${pin}\n`)
    expect(await runChild(program, ['derp', 'pin', `127.0.0.1:${port}`])).toEqual({
      status: 0,
      stdout: `${pin}\n`,
      stderr: '',
    })
  })

  test('the pin is the same as derper prints', async () => {
    const started = await relay()
    const signal = new AbortController().signal
    const fetched = await fetchCertificate({host: '127.0.0.1', port: started.port}, {signal})
    const {pin, certificates} = describeCertificate(fetched)
    expect({pin, certificates}).toEqual({pin: started.pin, certificates: 1})
  })

  test.for(['127.0.0.1', '::1', 'derp.example.com'])('with a certificate of derp cert for %s', async (hostname) => {
    const dir = folder()
    const {pin} = await runCert(hostname, {dir, days: 90, overwrite: false, now: new Date()})
    const started = await relay({hostname, certDir: dir, listen: hostname === '::1' ? '[::]' : '127.0.0.1'})
    const reach = hostname === '::1' ? {ipv4: 'none', ipv6: '::1'} : {ipv4: '127.0.0.1'}
    const node = await checkOne(at(started, {hostName: hostname, certName: pin, ...reach}), withLongTimeout)
    expect(summaryOf(node)).toEqual(WORKS)
  })

  test('listening on [::], it shows an IPv4 client its IPv4 address', async () => {
    const {paths} = await checkOne(at(await relay({listen: '[::]'})), withLongTimeout)
    expect(paths[0]!.mapped).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  test('without a pin and with insecurefortests: works, and a note suggests the pin', async () => {
    const started = await relay()
    const {paths} = await checkOne(at(started, {certName: '', insecureForTests: true}), withLongTimeout)
    expect(summaryOf(paths[0]!)).toEqual([
      ...WORKS,
      `note: clients accept any certificate here (insecurefortests); pin this one instead: certname: ${started.pin}`,
    ])
  })

  test('a wrong pin', async () => {
    const started = await relay()
    const certName = `sha256-raw:${'0'.repeat(64)}`
    expect(summaryOf(await checkOne(at(started, {certName}), withLongTimeout))).toEqual([
      'certificate-rejected (broken): the certificate is not the pinned one',
      `expected: ${certName}`,
      `found: ${started.pin}`,
      'fix: if the certificate was renewed, put the new pin into the map; otherwise another server answers here',
    ])
  })

  test('an expired certificate', async () => {
    const dir = folder()
    const host = {kind: 'ip', name: '127.0.0.1'} as const
    const certificate = await createRelayCertificate(host, {days: 30, notBefore: new Date('2025-01-01T00:00:00Z')})
    await writeCertificate(certificateFiles(host, dir), certificate, {dir, overwrite: false})
    const node = await checkOne(at(await relay({certDir: dir}), {certName: certificate.pin}), withLongTimeout)
    expect(summaryOf(node)[0]).toBe('certificate-rejected (broken): the certificate has expired')
    expect(summaryOf(node)[2]).toBe('found: expired on 2025-01-31')
  })

  test('STUN off in derper only, and off in the map too', async () => {
    const started = await relay({flags: ['-stun=false']})
    expect((await checkOne(at(started), withLongTimeout)).verdict.code).toBe('stun-silent')
    expect(summaryOf((await checkOne(at(started, {stunPort: -1}), withLongTimeout)).paths[0]!)).toEqual([
      ...WORKS,
      'note: no STUN in the map: clients do not choose the region as home while another region answers',
    ])
  })

  test('the TLS port closed', async () => {
    const started = await relay()
    const {verdict} = await checkOne(at(started, {derpPort: await freeTcpPort()}), withLongTimeout)
    expect(verdict).toMatchObject({
      code: 'relay-port-closed',
      message:
        'STUN answers, but the relay port does not (connection refused): clients measure this relay and cannot use it',
    })
  })

  test('no derper at all', async () => {
    const started = await relay()
    const node = at(started)
    await started.stop()
    expect((await checkOne(node, withLongTimeout)).verdict).toMatchObject({
      code: 'no-connection',
      health: 'unreachable',
    })
  })

  test('plain HTTP, without -certmode manual', async () => {
    const {verdict} = await checkOne(
      at(await relay({plain: true}), {insecureForTests: true, certName: ''}),
      withLongTimeout,
    )
    expect(verdict).toMatchObject({
      code: 'plain-http',
      message: 'a DERP relay speaks plain HTTP here, where clients expect TLS',
    })
  })

  test('-derp=false', async () => {
    const {verdict} = await checkOne(at(await relay({flags: ['-derp=false']})), withLongTimeout)
    expect(verdict.code).toBe('relay-disabled')
  })

  test('under another name than its own', async () => {
    const dir = folder()
    const {pin} = await runCert('derp.example.com', {dir, days: 90, overwrite: false, now: new Date()})
    const started = await relay({hostname: 'derp.example.com', certDir: dir})
    const {verdict} = await checkOne(at(started, {certName: pin}), withLongTimeout)
    expect(verdict.code).toBe('name-rejected')
  })

  test('port 80 answers the challenge of clients', async () => {
    const port = await freeTcpPort()
    await relay({flags: ['-http-port', String(port)]})
    const context = {timeoutMs: 10_000, signal: new AbortController().signal} as CheckContext
    expect(await askPort80('127.0.0.1', 'derp.example.com', context, port)).toBeNull()
  })

  test('with a second relay, meshed and not meshed', async () => {
    const dir = folder()
    const {pin} = await runCert('127.0.0.1', {dir, days: 90, overwrite: false, now: new Date()})
    const pskFile = join(dir, 'psk')
    writeFileSync(pskFile, randomBytes(32).toString('hex'), {mode: 0o600})
    const pair = async (meshed: boolean) => {
      const ports = [await freeTcpPort(), await freeTcpPort()]
      const start = (port: number, other: number) => {
        const flags = meshed ? ['-mesh-psk-file', pskFile, '-mesh-with', `127.0.0.1:${other}`] : []
        // derper verifies the certificate of the other relay with the system's roots.
        return relay({port, certDir: dir, flags, env: {SSL_CERT_FILE: join(dir, '127.0.0.1.crt')}})
      }
      const [one, two] = [await start(ports[0]!, ports[1]!), await start(ports[1]!, ports[0]!)]
      const nodes = [at(one, {name: '900a', certName: pin}), at(two, {name: '900b', certName: pin})]
      // The second relay did not run yet when the first one tried to connect.
      const untilMeshed = () =>
        vi.waitFor(async () => expect((await checkRegion(nodes, withLongTimeout)).health).toBe('ok'), 20_000)
      if (meshed) await untilMeshed()
      return checkRegion(nodes, withLongTimeout)
    }
    expect(await pair(false)).toMatchObject({mesh: [{from: '900a', to: '900b', forwarded: false}], health: 'degraded'})
    expect(await pair(true)).toMatchObject({mesh: [{from: '900a', to: '900b', forwarded: true}], health: 'ok'})
  })

  describe('that verifies clients', () => {
    const expectRestricted = async (started: RealDerper, line: string) => {
      const node = at(started)
      expect((await checkOne(node, withLongTimeout)).verdict).toMatchObject({code: 'restricted', health: 'restricted'})
      expect((await checkOne(node, {...withLongTimeout, expect: 'restricted'})).verdict.health).toBe('ok')
      expect(started.log()).toContain(line)
    }

    test('with a tailscaled that does not run', async () => {
      await expectRestricted(
        await relay({flags: ['-verify-clients', '-socket', '/nonexistent']}),
        'failed to query local tailscaled',
      )
    })

    test('with a URL that rejects the client', async () => {
      const server = createServer((_request, response) => response.end('{"Allow":false}'))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      running.push({stop: async () => server.close()})
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/verify`
      await expectRestricted(await relay({flags: ['-verify-client-url', url]}), 'not allowed')
    })

    test('with a URL that cannot be reached, without fail-open', async () => {
      const flags = [
        '-verify-client-url',
        `http://127.0.0.1:${await freeTcpPort()}/`,
        '-verify-client-url-fail-open=false',
      ]
      await expectRestricted(await relay({flags}), 'connection refused')
    })

    test('admits a client with the mesh key', async () => {
      const meshKey = randomBytes(32).toString('hex')
      const file = join(folder(), 'psk')
      writeFileSync(file, meshKey, {mode: 0o600})
      const started = await relay({flags: ['-verify-clients', '-socket', '/nonexistent', '-mesh-psk-file', file]})
      const {verdict, paths} = await checkOne(at(started), {
        ...withLongTimeout,
        credentials: {nodeKey: null, meshKey},
        expect: 'restricted',
      })
      expect([verdict.code, paths[0]!.openToAll]).toEqual(['works', false])
      const wrong = {nodeKey: null, meshKey: randomBytes(32).toString('hex')}
      expect((await checkOne(at(started), {...withLongTimeout, credentials: wrong})).verdict.code).toBe('key-rejected')
    })
  })
})

const VERSION = '0.29.3'
const headscale = available(VERSION)

describe.skipIf(!derper.ok || !headscale.ok)('a real derper that verifies clients with a real headscale', () => {
  let server: RealHeadscale
  const nodeKey = randomBytes(32)

  beforeAll(async () => {
    server = await startHeadscale({version: VERSION})
    await registerNode(server, formatNodeKey((await clientKey(nodeKey)).public))
  })
  afterAll(() => server?.stop())

  test('rejects an unknown client, admits a node, and forwards its packet', async () => {
    const flags = ['-verify-client-url', `${server.url}/verify`, '-verify-client-url-fail-open=false']
    const started = await relay({flags})
    const node = at(started)
    expect((await checkOne(node, withLongTimeout)).verdict.code).toBe('restricted')
    const {verdict, paths} = await checkOne(node, {
      ...withLongTimeout,
      credentials: {nodeKey, meshKey: null},
      expect: 'restricted',
    })
    expect(summaryOf({...paths[0]!, verdict})).toEqual(WORKS)
    expect(stepsOf(paths[0]!)).toEqual([...ALL_STEPS.slice(0, -1), 'unknown-client ok', 'stun ok'])
    const unknown = {nodeKey: randomBytes(32), meshKey: null}
    expect((await checkOne(node, {...withLongTimeout, credentials: unknown})).verdict.code).toBe('key-rejected')
    expect(started.log()).toContain('not allowed')
  })
})

/** A node that headscale creates, with a node key whose private key is known to the test. */
async function registerNode(server: RealHeadscale, key: string): Promise<void> {
  const authId = `hskey-authreq-${randomBytes(18).toString('base64url')}`
  const must = async (...args: string[]): Promise<void> => {
    const {code, stderr} = await server.cli(args)
    if (code !== 0) throw new Error(`headscale ${args.join(' ')}: ${stderr}`)
  }
  await must('users', 'create', 'alice')
  await must('debug', 'create-node', '--user', 'alice', '--name', 'probe', '--key', authId)
  await must('auth', 'register', '--user', 'alice', '--auth-id', authId)
  await server.halt()
  const base = new DatabaseSync(join(server.folder, 'db.sqlite'))
  base.prepare('UPDATE nodes SET node_key = ?').run(key)
  base.close()
  await server.start()
}

describe.skipIf(!headscale.ok)("headscale's own relay", () => {
  const start = async (verifyClients: boolean) => {
    const dir = folder()
    const host = {kind: 'ip', name: '127.0.0.1'} as const
    const made = await runCert('127.0.0.1', {dir, days: 30, overwrite: false, now: new Date()})
    const files = certificateFiles(host, dir)
    const relayPart = {
      enabled: true,
      region_id: 999,
      region_code: 'headscale',
      region_name: 'Headscale Embedded DERP',
      stun_listen_addr: '127.0.0.1:0',
      private_key_path: join(dir, 'derp.key'),
      automatically_add_embedded_derp_region: true,
      verify_clients: verifyClients,
    }
    const config = {derp: {server: relayPart, urls: [], paths: [], auto_update_enabled: false}}
    const tls = {cert: files.certificateFile, key: files.keyFile}
    const server = await startHeadscale({version: VERSION, tls, config})
    running.push(server)
    return nodeAt(Number(new URL(server.url).port), {certName: made.pin})
  }

  test('open to all', async () => {
    expect((await checkOne(await start(false), withLongTimeout)).verdict.code).toBe('works')
  })

  test('for its own nodes only', async () => {
    expect((await checkOne(await start(true), withLongTimeout)).verdict.code).toBe('restricted')
  })
})
