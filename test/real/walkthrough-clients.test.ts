/**
 * Sections 1 to 3 of the documented walkthrough with real clients: what `tailscale up` prints is registered, the nodes
 * show with their keys and as online, the router's route is enabled and another client sees it.
 *
 * Each change is made once, by either program, over the socket or REST, with the key or the complete URL; every list is
 * read in all four ways and must be the same. One golden file for a release. The three nodes that the guide leaves out,
 * 3 to 5, are real too: 0.17 sends no client a map as long as a fake node exists.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {childEnv, type Outcome, type ProgramName, PROGRAMS} from '../support/program.ts'
import {type Tailnet, type TailnetClient, startTailnet, tailnetAvailable} from '../support/real-tailnet.ts'
import {transcript} from '../support/transcript.ts'

const ROUTE = '192.168.100.0/24'
/** By id. */
const CLIENTS = ['coredns', 'carsondemacbook-pro', 'gateway', 'nas', 'phone', 'openwrt']

interface Way {
  program: ProgramName
  via: 'socket' | 'REST'
}

const NPM_SOCKET: Way = {program: 'npm program', via: 'socket'}
const NPM_REST: Way = {program: 'npm program', via: 'REST'}
const EXECUTABLE_SOCKET: Way = {program: 'executable', via: 'socket'}
const EXECUTABLE_REST: Way = {program: 'executable', via: 'REST'}
const WAYS = [NPM_SOCKET, NPM_REST, EXECUTABLE_SOCKET, EXECUTABLE_REST]

/** The fields of a peer in `tailscale status --json` that this test uses. */
interface Peer {
  AllowedIPs: string[] | null
}

for (const version of ['0.17.1', '0.29.3']) {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: the walkthrough with real clients of headscale ${version}: ${reason}`)

  describe.skipIf(!ok)(`headscale ${version} and real clients`, () => {
    let tailnet: Tailnet
    const line = version.split('.').slice(0, 2).join('.')

    /** Runs a shell line in the network of the server, where REST is reachable; `headscale-ts` is the program. */
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

    /** Expects the same output in all ways. Times are not compared, because seconds may pass between two runs. */
    async function everyWay(argv: readonly string[]): Promise<Outcome> {
      const [first, ...others] = await Promise.all(WAYS.map((way) => type(way, argv)))
      const timeless = ({stdout, ...rest}: Outcome) => ({
        ...rest,
        stdout: stdout.replace(/\d\d:\d\d:\d\d(\.\d+Z)?/g, ''),
      })
      for (const other of others) expect(timeless(other)).toEqual(timeless(first!))
      return first!
    }

    const client = (hostname: string) => tailnet.clients.find((one) => one.hostname === hostname)!
    const publicKeys = () => Promise.all(tailnet.clients.map(async (one) => (await one.status()).Self.PublicKey))

    beforeAll(async () => {
      tailnet = await startTailnet({version, clients: CLIENTS, prefixes: {v4: '10.1.0.0/16'}})
    })
    afterAll(() => tailnet?.stop())

    test('follow the guide', {timeout: 240_000}, async () => {
      let only: Way | null = null
      const log = transcript((argv) => (only === null ? everyWay(argv) : type(only, argv)))
      /** Runs a line that changes something in one way. */
      const once = async (way: Way, ...argv: string[]) => {
        only = way
        await log.line(...argv)
        only = null
      }
      /** Starts a client and registers what it prints. */
      const join = async (way: Way, hostname: string, paste: 'key' | 'URL', args: string[] = []) => {
        const page = (await client(hostname).up(['--accept-routes=true', ...args]))!
        const key = page.slice(page.lastIndexOf('/') + 1)
        log.mask(page, 'URL')
        log.mask(key, 'KEY')
        await once(way, '-n', 'default', 'nodes', 'register', '--key', paste === 'key' ? key : page)
        await client(hostname).joined()
      }

      await once(NPM_SOCKET, 'namespaces', 'create', 'default')
      await log.line('namespaces', 'list')
      await join(NPM_SOCKET, 'coredns', 'key')
      await join(EXECUTABLE_REST, 'carsondemacbook-pro', 'URL')
      const {stdout} = await log.line('nodes', 'list')
      expect(stdout.match(/\[.{5}\]/g)).toEqual((await publicKeys()).slice(0, 2).map(inBrackets))

      const others = CLIENTS.slice(2, 5).map(client)
      for (const page of await Promise.all(others.map((one) => one.up()))) {
        const {status} = await type(EXECUTABLE_SOCKET, ['-n', 'default', 'nodes', 'register', '--key', page!])
        expect(status).toBe(0)
      }
      await Promise.all(others.map((one) => one.joined()))
      await join(NPM_REST, 'openwrt', 'key', [`--advertise-routes=${ROUTE}`])
      await log.line('routes', 'list', '-i', '6')
      await expect.poll(async () => seenRoutes(client('coredns')), {timeout: 10_000}).toEqual([])
      await once(EXECUTABLE_SOCKET, 'routes', 'enable', '-i', '6', '-r', ROUTE)
      // 0.17 tells clients of a route only when something else changes too (machine.go, EnableRoutes).
      if (line === '0.17') await client('carsondemacbook-pro').cli(['set', '--shields-up'])
      await expect.poll(async () => seenRoutes(client('coredns')), {timeout: 30_000}).toEqual([ROUTE])
      await log.line('routes', 'list', '-i', '6')
      for (const way of [NPM_SOCKET, NPM_REST, EXECUTABLE_REST]) {
        await once(way, 'routes', 'disable', '-i', 'openwrt', '-r', ROUTE)
        await once(way, 'routes', 'enable', '-i', '6', '-r', ROUTE)
      }
      await log.line('routes', 'list')
      await expect(log.text()).toMatchFileSnapshot(`../golden/walkthrough/clients-${line}.txt`)
    })

    test('the router is found by grep on one line', async () => {
      const {Self} = await client('openwrt').status()
      for (const way of WAYS) {
        const {status, stdout, stderr} = await shell(way, 'set -o pipefail; headscale-ts nodes list|grep openwrt')
        const cells = stdout.trimEnd().split(/ *\| */)
        expect([status, stderr, cells.toSpliced(6, 1)]).toEqual([
          0,
          '',
          ['6', 'openwrt', inBrackets(Self.PublicKey), 'default', '10.1.0.6', 'false', 'online', 'no'],
        ])
        expect(Math.abs(Date.now() - Date.parse(`${cells[6]}Z`))).toBeLessThan(600_000)
      }
    })

    test('JSON contains the complete keys', async () => {
      const {stdout} = await everyWay(['nodes', 'list', '-o', 'json'])
      const nodes = JSON.parse(stdout) as {nodeKey: string; online: boolean}[]
      expect(nodes.map(({nodeKey, online}) => ({nodeKey, online}))).toEqual(
        (await publicKeys()).map((nodeKey) => ({nodeKey, online: true})),
      )
    })
  })
}

/** The short form of a key in tables: the beginning of its base64. */
const inBrackets = (key: string) =>
  `[${Buffer.from(key.replace('nodekey:', ''), 'hex').toString('base64').slice(0, 5)}]`

/** Subnet routes that a client has received. */
async function seenRoutes(one: TailnetClient): Promise<string[]> {
  const {Peer = {}} = (await one.status()) as {Peer?: Record<string, Peer> | null}
  return Object.values(Peer ?? {}).flatMap(({AllowedIPs}) => (AllowedIPs ?? []).filter((ip) => !/\/(32|128)$/.test(ip)))
}
