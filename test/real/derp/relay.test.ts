/**
 * The output of `derp render` on real parts: derper starts with the rendered command line, systemd accepts the rendered
 * unit, and two real clients whose headscale reads the rendered map reach each other through the relay.
 */
import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'

import {freeTcpPort} from '../../derp-check/support/real-derper.ts'
import {programFolder} from '../../servers/build.ts'
import {startBackground} from '../../servers/process.ts'
import {runHere, scratchFolder} from '../../support/program.ts'
import {startTailnet, tailnetAvailable} from '../../support/real-tailnet.ts'
import type {Background} from '../../servers/process.ts'
import type {Tailnet} from '../../support/real-tailnet.ts'

const {ok, reason} = tailnetAvailable('0.29.3')
if (!ok) console.error(`left out: ${reason}`)

async function headscaleTs(...words: string[]): Promise<string> {
  const {status, stdout, stderr} = await runHere(['derp', ...words])
  if (status !== 0) throw new Error(`derp ${words.join(' ')}: ${stderr}`)
  return stdout
}

/** Replaces the rendered derper by the real one, and the folders of a relay by those of the test. */
function startRendered(text: string, folder: string, network: 'own' | 'shared' = 'own') {
  const program = join(programFolder('tailscale-1.102.5'), 'derper')
  const script = text
    .replace(/^derper /m, `exec ${program} `)
    .replaceAll(/\/var\/lib\/derper(?:-stun)?\//g, `${folder}/`)
  const log = join(folder, `derper-${script.length}.log`)
  writeFileSync(`${log}.sh`, network === 'own' ? `ip link set lo up\n${script}` : script)
  const command = [...(network === 'own' ? ['unshare', '-n'] : []), 'sh', `${log}.sh`]
  const background = startBackground(command, {cwd: folder, env: process.env, log})
  return {background, log: () => readFileSync(log, 'utf8')}
}

describe.skipIf(!ok)('the rendered command line', () => {
  const running: Background[] = []
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop()
  })
  const start = (...args: Parameters<typeof startRendered>) => {
    const started = startRendered(...args)
    running.push(started.background)
    return started
  }
  const SERVES = /serving on :8443 with TLS/

  // What derper says, in any order: its listeners start side by side.
  test.each([
    ['a pinned address', [], SERVES, /sha256-raw:/],
    ['another STUN port', ['--stun-port', '3479'], SERVES, /STUN server listening on \[::\]:3479/],
    ['no STUN', ['--stun-port=-1'], SERVES],
    ['clients that headscale knows', ['--verify-client-url', 'https://headscale.example.com/verify'], SERVES],
    [
      'clients that headscale knows, or anybody while it is down',
      ['--verify-client-url', 'https://headscale.example.com/verify', '--verify-client-url-fail-open'],
      SERVES,
    ],
    ['clients that tailscaled knows', ['--verify-clients', '--tailscaled-socket', '/nowhere/tailscaled.sock'], SERVES],
    [
      'a relay behind a proxy on the same machine',
      ['--listen', '127.0.0.1:9443', '--serve', 'relay'],
      /serving on 127\.0\.0\.1:9443 with TLS/,
    ],
    ['a home page and TCP timeouts', ['--home-page', 'https://example.com/', '--tcp-write-timeout', '5s'], SERVES],
    [
      'all TCP timeouts',
      ['--tcp-keepalive-time', '1m', '--tcp-user-timeout', '1m30s', '--tcp-write-timeout', '0'],
      SERVES,
    ],
    ['STUN alone', ['--serve', 'stun'], /serving on :3340\n/, /STUN server listening on \[::\]:3478/],
    ['STUN alone, on one address', ['--serve', 'stun', '--listen', '[::]:3341'], /serving on \[::\]:3341\n/],
  ] as [string, string[], ...RegExp[]][])('%s', async (_, words, ...says) => {
    const folder = scratchFolder()
    await headscaleTs('cert', '192.0.2.7', '--dir', folder)
    const cert = join(folder, '192.0.2.7.crt')
    const relay = ['--ip', '192.0.2.7', '--port', '8443', '--cert', cert, '--cert-dir', folder]
    const {background, log} = start(await headscaleTs('render', ...relay, ...words, '-o', 'derper'), folder)
    await vi.waitFor(() => says.forEach((line) => expect(log()).toMatch(line)), 10_000)
    expect(background.alive()).toBe(true)
    if (words[0] === '--stun-port=-1' || words.includes('relay')) expect(log()).not.toContain('STUN server')
  })

  test("Let's Encrypt for an address, up to where it needs the internet", async () => {
    const words = ['--ip', '192.0.2.7', '--cert-mode', 'letsencrypt', '-o', 'derper']
    const {background, log} = start(await headscaleTs('render', ...words), scratchFolder())
    await vi.waitFor(() => expect(log()).toContain('serving on :443 with TLS'), 10_000)
    expect(background.alive()).toBe(true)
  })

  test('a mesh key, and the other relays of the region', async () => {
    const folder = scratchFolder()
    const key = join(folder, 'mesh.key')
    writeFileSync(key, `${'ab'.repeat(32)}\n`)
    await headscaleTs('cert', 'a.example.com', '--dir', folder)
    const nodes = ['a', 'b', 'c'].flatMap((name) => ['--add-node', `900/900${name},host=${name}.example.com,port=8443`])
    const words = ['--region', '900:x:X', ...nodes, '--node', '900a', '--cert-dir', folder, '--mesh-key-file', key]
    const {log} = start(await headscaleTs('render', ...words, '-o', 'derper'), folder)
    await vi.waitFor(() => expect(log()).toMatch(SERVES), 10_000)
    expect(log()).toContain('DERP mesh key configured')
    expect(log()).toContain('will dial "b.example.com:8443"')
    expect(log()).toContain('will dial "c.example.com:8443"')
  })

  test('a certificate name that is not the hostname: derper starts with a certificate for both, as the warning says', async () => {
    const folder = scratchFolder()
    const node = (port: number) =>
      `{name: 900a, regionid: 900, hostname: front.example.com, certname: cert.example.net, ipv4: 127.0.0.1, derpport: ${port}, stunport: -1}`
    const map = join(folder, 'derp.yaml')
    const port = await freeTcpPort()
    writeFileSync(map, `regions: {900: {regionid: 900, regioncode: a, regionname: A, nodes: [${node(port)}]}}\n`)
    const words = ['render', '--from', map, '-o', 'derper', '--cert-dir', folder]
    const {stdout, stderr} = await runHere(['derp', ...words])
    expect(stderr).toContain('derper starts only if')
    const certify = (names: string) => {
      const files = ['-keyout', join(folder, 'front.example.com.key'), '-out', join(folder, 'front.example.com.crt')]
      const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names}`]
      const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
      execFileSync('openssl', [...how, ...files, ...subject], {stdio: 'ignore'})
    }
    certify('DNS:cert.example.net')
    const refused = start(stdout, folder, 'shared')
    await vi.waitFor(() => expect(refused.log()).toContain('cert invalid for hostname "front.example.com"'), 10_000)
    certify('DNS:front.example.com,DNS:cert.example.net')
    await vi.waitFor(() => expect(refused.background.alive()).toBe(false), 10_000)
    const serving = start(stdout, folder, 'shared')
    await vi.waitFor(() => expect(serving.log()).toContain(`serving on :${port} with TLS`), 10_000)
    const check = ['derp', 'check', map, '--ca-file', join(folder, 'front.example.com.crt')]
    expect((await runHere(check)).stdout).toContain('900a: works')
  })

  test('nobody is admitted while headscale cannot be reached, unless fail-open is set', async () => {
    const folder = scratchFolder()
    await headscaleTs('cert', '127.0.0.1', '--dir', folder)
    const cert = join(folder, '127.0.0.1.crt')
    const verdict = async (...words: string[]) => {
      const port = String(await freeTcpPort())
      const relay = ['--ip', '127.0.0.1', '--port', port, '--stun-port=-1', '--cert', cert, '--cert-dir', folder]
      const url = ['--verify-client-url', `http://127.0.0.1:${await freeTcpPort()}/verify`]
      const text = await headscaleTs('render', ...relay, ...url, ...words, '-o', 'derper')
      const {log} = start(text, folder, 'shared')
      await vi.waitFor(() => expect(log()).toContain(`serving on :${port} with TLS`), 10_000)
      const pin = (await headscaleTs('pin', cert)).trim()
      const {stdout} = await runHere([
        'derp',
        'check',
        `127.0.0.1:${port}`,
        '--stun-port=-1',
        '--pin',
        pin,
        '-o',
        'json',
      ])
      return (JSON.parse(stdout) as {health: string}).health
    }
    expect(await verdict()).toBe('restricted')
    expect(await verdict('--verify-client-url-fail-open')).toBe('ok')
  })
})

const ANALYZE = '/usr/bin/systemd-analyze'

describe.skipIf(!ok || !existsSync(ANALYZE))('the rendered unit', () => {
  test.each([
    ['a certificate of its own', []],
    ['STUN alone', ['--serve', 'stun']],
    [
      'a mesh and admission by headscale',
      ['--mesh-key-file', '/etc/derper/mesh key', '--verify-client-url', 'https://h.example/verify'],
    ],
    ['port 443', ['--listen', ':443']],
  ])('passes systemd-analyze verify: %s', async (_, words) => {
    const folder = scratchFolder()
    const unit = await headscaleTs(
      'render',
      '--domain',
      'derp.example.com',
      '--port',
      '8443',
      ...words,
      '-o',
      'systemd',
    )
    const file = join(folder, 'derper.service')
    writeFileSync(file, unit.replace('/usr/local/bin/derper', join(programFolder('tailscale-1.102.5'), 'derper')))
    const {stderr, status} = spawnSync(ANALYZE, ['verify', '--man=no', file], {encoding: 'utf8'})
    const own = stderr.split('\n').filter((line) => line.includes('derper'))
    expect({own, status}).toEqual({own: [], status: 0})
  })
})

describe.skipIf(!ok).each(['pin', 'insecure'] as const)('two clients and a rendered map: %s', (trust) => {
  let tailnet: Tailnet

  beforeAll(async () => {
    tailnet = await startTailnet({version: '0.29.3', clients: ['alpha', 'beta'], relay: trust, alwaysRelay: true})
    const {headscale, relay, clients} = tailnet
    const {host, port, stunPort, pin} = relay!
    const words = [
      '--region',
      '900:own:Rendered',
      '--ip',
      host,
      '--port',
      String(port),
      '--stun-port',
      String(stunPort),
    ]
    const map = await headscaleTs('render', ...words, ...(trust === 'pin' ? ['--pin', pin] : ['--insecure-for-tests']))
    const path = /paths:\n\s+- (\S+)/.exec(readFileSync(headscale.configPath, 'utf8'))?.[1]
    await headscale.halt()
    writeFileSync(path!, map)
    await headscale.start()

    await headscale.cli(['users', 'create', 'alice'])
    for (const client of clients) {
      const {stdout} = await headscale.cli(['preauthkeys', 'create', '--user', '1'])
      await client.up(['--auth-key', stdout.trim()])
    }
  })
  afterAll(() => tailnet?.stop())

  test('they reach each other through the relay', async () => {
    const [alpha, beta] = tailnet.clients
    const address = (await beta!.status()).TailscaleIPs![0]!
    const ping = ['ping', '-c', '1', '--until-direct=false', '--timeout', '2s', address]
    await expect
      .poll(async () => (await alpha!.cli(ping)).stdout, {timeout: 30_000})
      .toMatch(/^pong from beta \(100\.64\.0\.2\) via DERP\(own\) in /)
  })
})
