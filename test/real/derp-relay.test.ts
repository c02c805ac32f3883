/**
 * What `derp render` says about a relay, taken at its word: derper starts with the rendered command line, and two real
 * clients whose headscale reads the rendered map reach each other through the relay, pinned or unchecked.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'

import {programFolder} from '../servers/build.ts'
import {startBackground} from '../servers/process.ts'
import {runHere, scratchFolder} from '../support/program.ts'
import {startTailnet, tailnetAvailable} from '../support/real-tailnet.ts'
import type {Background} from '../servers/process.ts'
import type {Tailnet} from '../support/real-tailnet.ts'

const {ok, reason} = tailnetAvailable('0.29.3')
if (!ok) console.error(`left out: ${reason}`)

async function headscaleTs(...words: string[]): Promise<string> {
  const {status, stdout, stderr} = await runHere(['derp', ...words])
  if (status !== 0) throw new Error(`derp ${words.join(' ')}: ${stderr}`)
  return stdout
}

describe.skipIf(!ok)('the rendered command line', () => {
  let derper: Background | undefined
  afterEach(() => derper?.stop())

  test.each([
    ['a pinned address', [], /serving on :8443 with TLS[\s\S]*sha256-raw:/],
    [
      'another STUN port',
      ['--stun-port', '3479'],
      /STUN server listening on \[::\]:3479[\s\S]*serving on :8443 with TLS/,
    ],
    ['no STUN', ['--stun-port=-1'], /serving on :8443 with TLS/],
    [
      'clients that headscale knows',
      ['--verify-client-url', 'https://headscale.example.com/verify'],
      /serving on :8443 with TLS/,
    ],
    [
      'clients that tailscaled knows',
      ['--verify-clients', '--socket', '/nowhere/tailscaled.sock'],
      /serving on :8443 with TLS/,
    ],
  ])('%s', async (_, words, says) => {
    const folder = scratchFolder()
    await headscaleTs('cert', '192.0.2.7', '--dir', folder)
    const cert = join(folder, '192.0.2.7.crt')
    const relay = ['--ip', '192.0.2.7', '--port', '8443', '--cert', cert, '--cert-dir', folder]
    const script = (await headscaleTs('render', ...relay, ...words, '-o', 'derper'))
      .replace(/^derper /m, `exec ${join(programFolder('tailscale-1.102.5'), 'derper')} `)
      .replace('/var/lib/derper/', `${folder}/`)
    writeFileSync(join(folder, 'relay.sh'), script)
    const log = join(folder, 'derper.log')
    derper = startBackground(['unshare', '-n', 'sh', join(folder, 'relay.sh')], {cwd: folder, env: process.env, log})
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toMatch(says), 10_000)
    expect(derper.alive()).toBe(true)
    if (words[0] === '--stun-port=-1') expect(readFileSync(log, 'utf8')).not.toContain('STUN server')
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
