/**
 * The lines of `setup join` for Linux, run as they are printed: real clients join, and the route of a router is served. What
 * runs them has a `tailscale` on its path that knows the socket of its client, and an empty /etc/sysctl.d.
 */
import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type Outcome, runHere, scratchFolder} from '../support/program.ts'
import {startTailnet, type Tailnet, tailnetAvailable, type TailnetClient} from '../support/real-tailnet.ts'

const ROUTE = '192.168.100.0/24'

describe.concurrent.each(['0.17.1', '0.22.3', '0.29.3'])('headscale %s', (version) => {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: setup join with headscale ${version}: ${reason}`)
  let tailnet: Tailnet

  beforeAll(async () => {
    if (!ok) return
    tailnet = await startTailnet({version, clients: ['laptop', 'router']})
    expect((await type('users', 'create', 'ada')).status).toBe(0)
  })
  afterAll(() => tailnet?.stop())

  /** Over the socket that the config file of the server names; server_url is there too. */
  const type = (...argv: string[]): Promise<Outcome> => runHere([...argv, '-c', tailnet.headscale.configPath])

  /** @returns the folder that was its /etc/sysctl.d */
  async function runOn({command}: TailnetClient, script: string): Promise<string> {
    const folder = scratchFolder()
    const [bin, sysctl, file] = ['bin', 'sysctl.d', 'script'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    mkdirSync(bin)
    mkdirSync(sysctl)
    writeFileSync(join(bin, 'tailscale'), `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`)
    chmodSync(join(bin, 'tailscale'), 0o755)
    writeFileSync(file, script)
    const shell = `mount --bind ${sysctl} /etc/sysctl.d && PATH=${bin}:$PATH exec sh ${file}`
    const {code, stderr} = await tailnet.exec(['unshare', '--mount', 'sh', '-c', shell], {timeout: 60_000})
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')])
    return sysctl
  }

  test.runIf(ok)('a client joins', async ({expect}) => {
    const {status, stdout, stderr} = await type('setup', 'join', '--user', 'ada')
    expect(status).toBe(0)
    expect(stderr).toContain(`${tailnet.headscale.url} is the node itself for every other machine`)
    const laptop = tailnet.clients[0]!
    expect(readdirSync(await runOn(laptop, stdout))).toEqual([])
    await laptop.joined()
    const {stdout: list} = await type('nodes', 'list', '-o', 'json')
    const nodes = JSON.parse(list) as {name: string; user: {name: string}}[]
    expect(nodes.filter(({name}) => name !== 'router').map(({user}) => user.name)).toEqual(['ada'])
  })

  test.runIf(ok)('a router joins, and its route is served', async ({expect}) => {
    const {stdout, stderr} = await type('setup', 'join', '--user', 'ada', '--hostname', 'router', '--subnet', ROUTE)
    const router = tailnet.clients[1]!
    const folder = await runOn(router, stdout)
    expect(readFileSync(join(folder, '99-tailscale.conf'), 'utf8')).toBe(
      'net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n',
    )
    const {stdout: forwarding} = await tailnet.exec(['cat', '/proc/sys/net/ipv4/ip_forward'])
    expect(forwarding).toBe('1\n')
    await router.joined()
    const [, line] = /: headscale-ts (routes enable .*)\n$/.exec(stderr) ?? []
    expect(line).toBe(`routes enable -i router -r ${ROUTE}`)
    await expect.poll(() => type(...line!.split(' ')), {timeout: 20_000, interval: 500}).toMatchObject({status: 0})
    const served = async () => JSON.parse((await type('routes', 'list', '-o', 'json')).stdout) as unknown[]
    // Up to 0.17 the server does not report it.
    const isPrimary = version === '0.17.1' ? null : true
    // 0.22 may store a route twice, when two requests of its client overlap (processMachineRoutes, routes.go v0.22.3).
    await expect
      .poll(served, {timeout: 20_000})
      .toContainEqual(expect.objectContaining({prefix: ROUTE, advertised: true, enabled: true, isPrimary}))
  })
})
