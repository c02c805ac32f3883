/**
 * `policy explain` says what a ping and a TCP connection then do, for every pair of six real clients: the packets go through
 * tailscaled, on headscale 0.29. A ping is one of ICMP, since Tailscale's own one passes whatever the policy says.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere, scratchFolder} from '../../support/program.ts'
import {startTailnet, type Tailnet, tailnetAvailable, type TailnetClient} from '../../support/real-tailnet.ts'

const {ok, reason} = tailnetAvailable('0.29.3')
if (!ok) console.error(`left out: ${reason}`)

/** Name, user and tag. */
const CLIENTS = [
  ['a1', 'anna', null],
  ['a2', 'anna', null],
  ['b1', 'ben', null],
  ['b2', 'ben', null],
  ['web', 'ben', 'tag:web'],
  ['db', 'ben', 'tag:db'],
] as const

const PORT = 8080
const folder = scratchFolder()
const TAGS = '"tagOwners": {"tag:web": ["ben@"], "tag:db": ["ben@"]}'
const POLICIES: readonly [string, string][] = [
  [
    'users, tags and other ports',
    `{${TAGS}, "groups": {"group:dev": ["anna@", "ben@"]}, "acls": [
      {"action": "accept", "src": ["group:dev"], "dst": ["tag:web:8080"]},
      {"action": "accept", "src": ["tag:web"], "dst": ["tag:db:8000-8100"]},
      {"action": "accept", "src": ["anna@"], "dst": ["ben@:22"]},
      {"action": "accept", "proto": "udp", "src": ["tag:db"], "dst": ["anna@:8080"]}
    ]}`,
  ],
  [
    'autogroups and grants',
    `{${TAGS}, "acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}],
      "grants": [
        {"src": ["autogroup:tagged"], "dst": ["anna@"], "ip": ["tcp:8080"]},
        {"src": ["ben@"], "dst": ["tag:db"], "ip": ["icmp:*"]},
        {"src": ["tag:db"], "dst": ["tag:web"], "ip": ["tcp:80", "udp:8080"]}
      ]}`,
  ],
]

describe.skipIf(!ok)('policy explain', () => {
  let tailnet: Tailnet
  const addresses = new Map<string, string>()
  const run = async (...line: string[]) => runHere(line, {env: {HEADSCALE_UNIX_SOCKET: tailnet.headscale.socketPath}})

  beforeAll(async () => {
    tailnet = await startTailnet({version: '0.29.3', clients: CLIENTS.map(([name]) => name), relay: 'insecure'})
    await run('policy', 'set', '-f', textFile(POLICIES[0]![1]))
    for (const user of ['anna', 'ben']) await run('users', 'create', user)
    for (const [i, [, user, tag]] of CLIENTS.entries()) {
      const made = await run('preauthkeys', 'create', '-u', user, ...(tag === null ? [] : ['--tags', tag]))
      expect(made).toMatchObject({status: 0, stderr: ''})
      await tailnet.clients[i]!.up(['--auth-key', made.stdout.trim()])
    }
    for (const client of tailnet.clients) {
      await client.joined()
      addresses.set(client.hostname, (await client.status()).TailscaleIPs![0]!)
    }
    // Userspace clients pass connections on to this address.
    const server = `require('net').createServer((s) => s.end('here')).listen(${PORT}, '127.0.0.1')`
    tailnet.start([process.execPath, '-e', server])
  }, 90_000)
  afterAll(() => tailnet?.stop())

  function textFile(text: string): string {
    const path = join(folder, 'policy.hujson')
    writeFileSync(path, `${text}\n`)
    return path
  }

  const connects = async (from: TailnetClient, to: string): Promise<boolean> =>
    (await from.receive(addresses.get(to)!, PORT)) === 'here'

  async function pings(from: TailnetClient, to: string): Promise<boolean> {
    const {stdout} = await from.cli(['ping', '--icmp', '-c', '1', '--timeout', '2s', addresses.get(to)!])
    return stdout.startsWith('pong')
  }

  test.for(POLICIES)('predicts what clients do: %s', {timeout: 90_000}, async ([, text]) => {
    expect(await run('policy', 'set', '-f', textFile(text))).toMatchObject({status: 0})
    const pairs = tailnet.clients.flatMap((from) =>
      tailnet.clients.filter((to) => to !== from).map((to) => ({from, to: to.hostname})),
    )
    const allowed = async (from: string, to: string, ...proto: string[]) =>
      (await run('policy', 'explain', from, to, ...proto)).status === 0
    const predicted: string[] = []
    for (const {from, to} of pairs) {
      const tcp = await allowed(from.hostname, `${to}:${PORT}`)
      predicted.push(
        `${from.hostname} -> ${to}: tcp ${tcp}, ping ${await allowed(from.hostname, to, '--proto', 'icmp')}`,
      )
    }
    await settled(pairs.find(({from, to}) => predicted.includes(`${from.hostname} -> ${to}: tcp true, ping true`))!)
    const seen: string[] = []
    // A few at a time: each waits for its answer, or for the time to pass.
    for (let start = 0; start < pairs.length; start += 6) {
      const part = pairs.slice(start, start + 6).map(async ({from, to}) => {
        const [tcp, ping] = await Promise.all([connects(from, to), pings(from, to)])
        return `${from.hostname} -> ${to}: tcp ${tcp}, ping ${ping}`
      })
      seen.push(...(await Promise.all(part)))
    }
    expect(seen).toEqual(predicted)
    expect(new Set(predicted.map((line) => line.slice(line.indexOf(':')))).size).toBeGreaterThan(2)
  })

  /** Waits until the clients have the rules, which the server sends after the change. */
  async function settled({from, to}: {from: TailnetClient; to: string}): Promise<void> {
    await expect.poll(() => connects(from, to), {timeout: 30_000}).toBe(true)
    await new Promise((done) => setTimeout(done, 2000))
  }
})
