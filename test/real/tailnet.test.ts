/** The tailnet harness: a client asks to join, is registered, advertises a route and reaches another over the relay. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {startTailnet, type Tailnet, tailnetAvailable} from '../support/real-tailnet.ts'

const {ok, reason} = tailnetAvailable('0.29.3')
if (!ok) console.error(`left out: ${reason}`)

describe.skipIf(!ok)('a tailnet with headscale 0.29.3, a pinned relay and two clients', () => {
  let tailnet: Tailnet
  beforeAll(async () => {
    tailnet = await startTailnet({version: '0.29.3', clients: ['alpha', 'beta'], relay: 'pin', alwaysRelay: true})
    await tailnet.headscale.cli(['users', 'create', 'alice'])
  })
  afterAll(() => tailnet?.stop())

  test('a client shows the page of this headscale, and joins when its key is registered', async () => {
    const [alpha] = tailnet.clients
    const page = await alpha!.up()
    const [, key] = page!.split('/register/')
    expect([page!.startsWith(`${tailnet.headscale.url}/register/`), key]).toEqual([
      true,
      expect.stringMatching(/^hskey-authreq-[A-Za-z0-9_-]{24}$/),
    ])
    const registered = await tailnet.headscale.cli(['nodes', 'register', '--key', key!, '--user', 'alice'])
    expect(registered.stdout).toBe('Node alpha registered\n')
    await alpha!.joined()
    expect((await alpha!.status()).TailscaleIPs?.[0]).toBe('100.64.0.1')
  })

  test('a client with a pre-auth key joins without an administrator', async () => {
    const [, beta] = tailnet.clients
    const {stdout: key} = await tailnet.headscale.cli(['preauthkeys', 'create', '--user', '1'])
    expect(await beta!.up(['--auth-key', key.trim()])).toBe(null)
  })

  test('the server gets the routes that a client advertises', async () => {
    await tailnet.clients[0]!.advertise(['10.10.0.0/24', '0.0.0.0/0', '::/0'])
    await expect
      .poll(
        async () => {
          const {stdout} = await tailnet.headscale.cli(['nodes', 'list-routes', '-o', 'json'])
          return (JSON.parse(stdout) as {available_routes?: string[]}[]).map((node) => node.available_routes)
        },
        {timeout: 15_000},
      )
      .toEqual([['0.0.0.0/0', '::/0', '10.10.0.0/24']])
  })

  test('one client reaches the other through the relay', async () => {
    const [alpha, beta] = tailnet.clients
    const address = (await beta!.status()).TailscaleIPs![0]!
    await expect
      .poll(
        async () => (await alpha!.cli(['ping', '-c', '1', '--until-direct=false', '--timeout', '2s', address])).stdout,
        {
          timeout: 20_000,
        },
      )
      .toMatch(/^pong from beta \(100\.64\.0\.2\) via DERP\(lo\) in /)
  })

  test('a command inside the network reaches the servers, and one outside does not', async () => {
    const url = `${tailnet.headscale.url}/health`
    const script = `fetch(${JSON.stringify(url)}).then((reply) => console.log(reply.status))`
    expect((await tailnet.exec([process.execPath, '-e', script])).stdout).toBe('200\n')
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })
})
