/**
 * Sections 1 to 3 of the documented walkthrough with real clients: what `tailscale up` prints is registered, the nodes
 * show with their keys and as online, an advertised route is enabled and another client sees it.
 *
 * Each of the four clients is registered in another way (both programs, socket and REST, the bare key and the whole
 * URL); every list is then asked for in all four ways and must be the same. One golden for a release.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {childEnv, type Outcome, type ProgramName, PROGRAMS} from '../support/program.ts'
import {type Tailnet, type TailnetClient, startTailnet, tailnetAvailable} from '../support/real-tailnet.ts'
import {transcript} from '../support/transcript.ts'

const ROUTE = '192.168.100.0/24'

interface Way {
  program: ProgramName
  via: 'socket' | 'REST'
}

/** Who joins, in which way, and whether the whole URL is pasted. */
const JOINS: (Way & {hostname: string; paste: 'key' | 'URL'})[] = [
  {hostname: 'coredns', program: 'npm program', via: 'socket', paste: 'key'},
  {hostname: 'carsondemacbook-pro', program: 'executable', via: 'REST', paste: 'key'},
  {hostname: 'nas', program: 'npm program', via: 'REST', paste: 'URL'},
  {hostname: 'openwrt', program: 'executable', via: 'socket', paste: 'URL'},
]

const WAYS: Way[] = JOINS.map(({program, via}) => ({program, via}))

/** A peer as `tailscale status --json` has it, as far as this test asks. */
interface Peer {
  HostName: string
  AllowedIPs: string[] | null
}

for (const version of ['0.17.1', '0.29.2']) {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: the walkthrough with real clients of headscale ${version}: ${reason}`)

  describe.skipIf(!ok)(`headscale ${version} and four real clients`, () => {
    let tailnet: Tailnet
    const line = version.split('.').slice(0, 2).join('.')

    /** A shell line in which `headscale-ts` is the program, beside the server: REST is there alone. */
    async function shell({program, via}: Way, script: string): Promise<Outcome> {
      const {socketPath, url, apiKey} = tailnet.headscale
      const env =
        via === 'socket'
          ? {HEADSCALE_UNIX_SOCKET: socketPath}
          : {HEADSCALE_CLI_ADDRESS: url, HEADSCALE_CLI_API_KEY: apiKey}
      const words = PROGRAMS[program].map((word) => `'${word}'`).join(' ')
      const command = ['bash', '-c', `headscale-ts() { ${words} "$@"; }\n${script}`]
      const {code, stdout, stderr} = await tailnet.exec(command, {env: childEnv(env)})
      return {status: code ?? 128, stdout, stderr}
    }
    const type = (way: Way, argv: readonly string[]) =>
      shell(way, `headscale-ts ${argv.map((word) => `'${word}'`).join(' ')}`)

    /** The same from everywhere; seconds may pass in between, so times are not compared. */
    async function everyWay(argv: readonly string[]): Promise<Outcome> {
      const [first, ...others] = await Promise.all(WAYS.map((way) => type(way, argv)))
      const timeless = ({stdout, ...rest}: Outcome) => ({...rest, stdout: stdout.replace(/\d\d:\d\d:\d\d(\.\d+Z)?/g, '')})
      for (const other of others) expect(timeless(other)).toEqual(timeless(first!))
      return first!
    }

    const client = (hostname: string) => tailnet.clients.find((one) => one.hostname === hostname)!
    const up = (one: TailnetClient) =>
      one.up(['--accept-routes=true', ...(one.hostname === 'openwrt' ? [`--advertise-routes=${ROUTE}`] : [])])

    beforeAll(async () => {
      const clients = JOINS.map(({hostname}) => hostname)
      tailnet = await startTailnet({version, clients, prefixes: {v4: '10.1.0.0/16'}})
    })
    afterAll(() => tailnet?.stop())

    test('go through the guide', {timeout: 240_000}, async () => {
      let only: Way | null = null
      const log = transcript((argv) => (only === null ? everyWay(argv) : type(only, argv)))
      /** A line that changes something is typed in one way. */
      const once = async (way: Way, ...argv: string[]) => {
        only = way
        await log.line(...argv)
        only = null
      }
      await once(WAYS[0]!, 'namespaces', 'create', 'default')
      await log.line('namespaces', 'list')

      for (const {hostname, paste, ...way} of JOINS) {
        const page = await up(client(hostname))
        const key = page!.slice(page!.lastIndexOf('/') + 1)
        log.mask(page!, 'URL')
        log.mask(key, 'KEY')
        await once(way, '-n', 'default', 'nodes', 'register', '--key', paste === 'key' ? key : page!)
        await client(hostname).joined()
      }

      const {stdout} = await log.line('nodes', 'list')
      const keys = await Promise.all(tailnet.clients.map(async (one) => (await one.status()).Self.PublicKey))
      expect(stdout.match(/\[.{5}\]/g)).toEqual(keys.map(inBrackets))
      await expect.poll(async () => seenRoutes(client('coredns')), {timeout: 10_000}).toEqual([])

      await log.line('routes', 'list', '-i', '4')
      await once(WAYS[0]!, 'routes', 'enable', '-i', '4', '-r', ROUTE)
      // 0.17 tells clients of a route only when something else changes too (machine.go, EnableRoutes).
      if (line === '0.17') await client('nas').cli(['set', '--shields-up'])
      await expect.poll(async () => seenRoutes(client('coredns')), {timeout: 30_000}).toEqual([ROUTE])
      await log.line('routes', 'list', '-i', '4')
      for (const way of WAYS.slice(1)) {
        await once(way, 'routes', 'disable', '-i', 'openwrt', '-r', ROUTE)
        await once(way, 'routes', 'enable', '-i', '4', '-r', ROUTE)
      }
      await log.line('routes', 'list')
      await expect(log.text()).toMatchFileSnapshot(`../golden/walkthrough/clients-${line}.txt`)
    })

    test('the router is found by grep on one line', async () => {
      const {TailscaleIPs, Self} = await client('openwrt').status()
      for (const way of WAYS) {
        const {status, stdout, stderr} = await shell(way, 'set -o pipefail; headscale-ts nodes list|grep openwrt')
        const cells = stdout.trimEnd().split(/ *\| */)
        expect([status, stderr, cells.toSpliced(6, 1)]).toEqual([
          0,
          '',
          ['4', 'openwrt', inBrackets(Self.PublicKey), 'default', TailscaleIPs![0], 'false', 'online', 'no'],
        ])
        expect(Math.abs(Date.now() - Date.parse(`${cells[6]}Z`))).toBeLessThan(120_000)
      }
    })

    test('the whole keys stand in JSON', async () => {
      const {stdout} = await everyWay(['nodes', 'list', '-o', 'json'])
      const nodes = JSON.parse(stdout) as {nodeKey: string; online: boolean}[]
      const keys = await Promise.all(tailnet.clients.map(async (one) => (await one.status()).Self.PublicKey))
      expect(nodes.map(({nodeKey, online}) => ({nodeKey, online}))).toEqual(
        keys.map((nodeKey) => ({nodeKey, online: true})),
      )
    })
  })
}

/** The short form of a key in tables: the beginning of its base64. */
const inBrackets = (key: string) =>
  `[${Buffer.from(key.replace('nodekey:', ''), 'hex').toString('base64').slice(0, 5)}]`

/** Subnet routes that a client was told of. */
async function seenRoutes(one: TailnetClient): Promise<string[]> {
  const {Peer = {}} = (await one.status()) as {Peer?: Record<string, Peer> | null}
  return Object.values(Peer ?? {}).flatMap(({AllowedIPs}) => (AllowedIPs ?? []).filter((ip) => !/\/(32|128)$/.test(ip)))
}
