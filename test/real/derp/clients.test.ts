/**
 * Two real clients, and a relay with a certificate of `derp cert` in a map of `derp render`: whether the clients can
 * use it, what tailscale's own tools report, and what `derp check` reports. The tools report no problem for some relays
 * that no client can use; each such case checks both facts.
 */
import {writeFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'

import {programFolder} from '../../servers/build.ts'
import {PROGRAM_NAMES, PROGRAMS, type ProgramName, runChild} from '../../support/program.ts'
import {startTailnet, tailnetAvailable} from '../../support/real-tailnet.ts'
import type {CheckDocument} from '../../../src/derp/check/output/schemas.ts'
import type {Background} from '../../servers/process.ts'
import type {Tailnet} from '../../support/real-tailnet.ts'

const {ok, reason} = tailnetAvailable('0.29.3')
if (!ok) console.error(`left out: ${reason}`)

const HOST = '127.0.0.1'
const PORT = 8443
const WRONG_PIN = `sha256-raw:${'0'.repeat(64)}`

interface Status {
  BackendState: string
  Self: {Relay: string; Online: boolean}
  Peer: Record<string, {Relay: string; Online: boolean}>
}

describe.skipIf(!ok)('two clients and a relay', () => {
  let tailnet: Tailnet
  let derper: Background | undefined
  let folder: string
  let pin: string
  /** Where the map is that headscale reads and that is checked. */
  let map: string

  async function headscaleTs(program: ProgramName, ...words: string[]): Promise<string> {
    const {status, stdout, stderr} = await runChild(program, ['derp', ...words], {cwd: folder})
    if (status !== 0) throw new Error(`derp ${words.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Starts the relay, and gives the clients a map of it whose region has this code. */
  async function serve(code: string, relay: string[], flags: string[] = []): Promise<void> {
    const command = [join(programFolder('tailscale-1.102.5'), 'derper'), '-a', `${HOST}:${PORT}`, '-hostname', HOST]
    command.push(
      '-certmode',
      'manual',
      '-certdir',
      folder,
      '-c',
      join(folder, 'derper.key'),
      '-http-port',
      '-1',
      ...flags,
    )
    derper = tailnet.start(command)
    const {log} = derper
    await vi.waitFor(async () => expect(await readFile(log, 'utf8')).toContain('derper: serving on'), 10_000)

    const region = ['--region', `900:${code}:Relay ${code}`]
    const port = relay.includes('--port') ? [] : ['--port', String(PORT)]
    const text = await headscaleTs('executable', 'render', ...region, '--ip', HOST, ...port, ...relay)
    await tailnet.headscale.halt()
    writeFileSync(map, text)
    await tailnet.headscale.start()
    for (const client of tailnet.clients) {
      await vi.waitFor(
        async () => expect((await client.cli(['debug', 'derp-map'])).stdout).toContain(`"Relay ${code}"`),
        {timeout: 50_000, interval: 300},
      )
    }
  }

  async function ping(): Promise<string> {
    const [alpha, beta] = tailnet.clients
    const address = (await beta!.status()).TailscaleIPs![0]!
    const words = ['ping', '-c', '1', '--until-direct=false', '--timeout', '2s', address]
    const {stdout, stderr} = await alpha!.cli(words)
    return stdout + stderr
  }

  /** Both clients have chosen the relay as their home. */
  async function settled(code: string): Promise<void> {
    await expect.poll(tools, {timeout: 50_000, interval: 300}).toMatchObject(healthy(code))
  }

  async function reach(code: string): Promise<void> {
    const pong = `pong from beta (100.64.0.2) via DERP(${code}) in `
    await expect.poll(ping, {timeout: 50_000, interval: 300}).toContain(pong)
  }

  /** The output of tailscale's tools: the nearest relay and its latency, the state, both relays, the relay report. */
  async function tools() {
    const [alpha] = tailnet.clients
    const netcheck = (await alpha!.cli(['netcheck'])).stdout
    const status = JSON.parse((await alpha!.cli(['status', '--json'])).stdout) as Status
    const report = JSON.parse((await alpha!.cli(['debug', 'derp', '900'])).stdout) as {Info: string[]; Errors: string[]}
    const [peer] = Object.values(status.Peer)
    return {
      nearest: /Nearest DERP: (.*)/.exec(netcheck)?.[1],
      measured: /^\s+- (\w+): [\d.]+[\wµ]+ /mu.exec(netcheck)?.[1],
      state: status.BackendState,
      self: {relay: status.Self.Relay, online: status.Self.Online},
      peer: {relay: peer!.Relay, online: peer!.Online},
      connected: report.Info.includes(`Successfully established a DERP connection with node "${HOST}"`),
      // The tools print this note for every relay: an address of one family is not one of the other.
      errors: report.Errors.filter((error) => !error.includes('over IPv6')),
    }
  }

  /** The output of netcheck and status for a relay that works. */
  const healthy = (code: string) => ({
    nearest: `Relay ${code}`,
    measured: code,
    state: 'Running',
    self: {relay: code, online: true},
    peer: {relay: code, online: true},
  })

  /** The result of both programs, which must be the same: exit status, verdict, what was found, the packet step. */
  async function check(): Promise<unknown> {
    const answers = await Promise.all(
      PROGRAM_NAMES.map(async (program) => {
        const {code, stdout, stderr} = await tailnet.exec([...PROGRAMS[program], 'derp', 'check', map, '-o', 'json'])
        const {regions} = JSON.parse(stdout) as CheckDocument
        const {verdict, paths} = regions[0]!.nodes[0]!
        const packet = paths[0]!.steps.find(({name}) => name === 'packet')?.outcome
        return {code, stderr, verdict: verdict.code, found: verdict.found, packet}
      }),
    )
    expect(answers[1]).toEqual(answers[0])
    return answers[0]
  }

  beforeAll(async () => {
    tailnet = await startTailnet({version: '0.29.3', clients: ['alpha', 'beta'], alwaysRelay: true})
    const {headscale, clients} = tailnet
    folder = headscale.folder
    map = join(folder, 'derp.yaml')
    pin = (JSON.parse(await headscaleTs('npm program', 'cert', HOST, '-o', 'json')) as {pin: string}).pin
    await headscale.cli(['users', 'create', 'alice'])
    for (const client of clients) {
      const {stdout} = await headscale.cli(['preauthkeys', 'create', '--user', '1'])
      await client.up(['--auth-key', stdout.trim()])
    }
  })
  afterEach(async () => {
    await derper?.stop()
    derper = undefined
  })
  afterAll(() => tailnet?.stop())

  test('with a pinned certificate of derp cert: they reach each other, and all tools agree', async () => {
    await serve('pinned', ['--cert', '127.0.0.1.crt'])
    await reach('pinned')
    expect(await tools()).toEqual({...healthy('pinned'), connected: true, errors: []})
    expect(await check()).toEqual({code: 0, stderr: '', verdict: 'works', found: null, packet: 'ok'})
  })

  test('with insecurefortests: they reach each other, although `tailscale debug derp` reports an error', async () => {
    await serve('unchecked', ['--insecure-for-tests'])
    await reach('unchecked')
    const unknown = expect.stringContaining('x509: certificate signed by unknown authority') as string
    expect(await tools()).toEqual({...healthy('unchecked'), connected: false, errors: [unknown]})
    expect(await check()).toEqual({code: 0, stderr: '', verdict: 'works', found: null, packet: 'ok'})
  })

  test('with a wrong pin: netcheck and status report no problem', async () => {
    await serve('wrong', ['--pin', WRONG_PIN])
    await settled('wrong')
    expect(await tools()).toMatchObject(healthy('wrong'))
    expect(await ping()).toContain('no reply')
    expect(await check()).toEqual({
      ...{code: 6, stderr: '', verdict: 'certificate-rejected', packet: 'skipped'},
      found: pin,
    })
  })

  test('which rejects all clients: `tailscale debug derp` reports no problem either', async () => {
    await serve('refusing', ['--cert', '127.0.0.1.crt'], ['-verify-clients', '-socket', '/nonexistent'])
    await settled('refusing')
    expect(await tools()).toEqual({...healthy('refusing'), connected: true, errors: []})
    expect(await ping()).toContain('no reply')
    expect(await check()).toEqual({code: 6, stderr: '', verdict: 'restricted', found: null, packet: 'skipped'})
    expect(await readFile(derper!.log, 'utf8')).toContain('rejected: failed to query local tailscaled')
  })

  test('whose STUN answers although its relay port does not', async () => {
    await serve('closed', ['--cert', '127.0.0.1.crt', '--port', '8444'])
    await settled('closed')
    expect(await tools()).toMatchObject(healthy('closed'))
    expect(await ping()).toContain('no reply')
    expect(await check()).toEqual({code: 6, stderr: '', verdict: 'relay-port-closed', found: null, packet: 'skipped'})
  })
})
