/**
 * `policy compile` gives nodes what headscale up to 0.25 gives them. These releases have no page that shows it, so real clients say
 * what they received.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checkPolicy} from '../../../src/policy/check/check-policy.ts'
import {compilePolicy} from '../../../src/policy/compile/compile.ts'
import {Filter, type FilterRule} from '../../../src/policy/compile/filter.ts'
import type {SshRule} from '../../../src/policy/compile/ssh-rule.ts'
import {Resolver, type Tailnet} from '../../../src/policy/compile/tailnet.ts'
import {policyRelease} from '../../../src/policy/releases.ts'
import {runHere} from '../../support/program.ts'
import {
  startTailnet,
  type Tailnet as RealTailnet,
  tailnetAvailable,
  type TailnetClient,
} from '../../support/real-tailnet.ts'
import {comparable} from './comparable.ts'

const HEAD = {
  groups: {'group:all': ['anna', 'ben'], 'group:none': ['nobody'], 'group:mail': ['Ben@example.com']},
  hosts: {
    printer: '10.0.0.9',
    lan: '10.0.0.0/24',
    one: '100.64.0.1',
    low: '100.64.0.0/29',
    six: 'fd7a:115c:a1e0::2/128',
    ben: '10.9.9.9',
    dora: '10.8.8.8',
  },
  tagOwners: {'tag:web': ['anna'], 'tag:ci': ['group:all'], 'tag:none': ['nobody']},
}
const accept = (src: string[], dst: string[], proto?: string) => ({action: 'accept', ...(proto && {proto}), src, dst})
const ssh = (src: string[], dst: string[], users = ['root'], checkPeriod?: string) => {
  return checkPeriod ? {action: 'check', checkPeriod, src, dst, users} : {action: 'accept', src, dst, users}
}

/** In each, the last rule tells that a client has it. */
const POLICIES: readonly {acls: unknown[]; ssh?: unknown[]}[] = [
  {acls: [accept(['*'], ['*:*'])]},
  {acls: [accept(['tag:web'], ['printer:631', 'tag:ci:22']), accept(['tag:ci'], ['10.0.0.0/30:443'])]},
  {
    acls: [
      accept(['anna'], ['ben:22', 'anna:80,443']),
      accept(['ben'], ['tag:web:8000-8080']),
      accept(['nobody'], ['ben:1']),
    ],
  },
  {
    acls: [
      accept(['group:all', 'tag:web'], ['group:all:80']),
      accept(['group:none', 'group:mail'], ['*:25', 'group:mail:26']),
    ],
  },
  {
    acls: [
      accept(['tag:web', 'tag:none'], ['tag:ci:22', 'tag:none:1', 'ben:2']),
      accept(['tag:ci', 'ben'], ['tag:web:3']),
    ],
  },
  {
    acls: [
      accept(['printer', 'lan'], ['one:22', 'six:23']),
      accept(['one', 'six'], ['printer:631', 'lan:443', 'low:1', 'dora:2']),
    ],
  },
  {
    acls: [
      accept(['100.64.0.2'], ['100.64.0.1:22', '100.64.0.0/30:23', 'fd7a:115c:a1e0::1:24', 'fd7a:115c:a1e0::/64:25']),
    ],
  },
  {acls: [accept(['10.1.0.7', '10.0.0.0/8'], ['10.1.0.0/24:5', '10.0.0.0/16:6', '0.0.0.0/0:7', '192.168.0.0/16:8'])]},
  {acls: [accept(['*', 'ben'], ['autogroup:internet:*']), accept(['ben', 'ben', 'group:all'], ['ben:*'], 'icmp')]},
  {
    acls: [
      accept(['ben'], ['*:*'], '47'),
      accept(['ben'], ['*:53'], 'udp'),
      accept(['ben'], ['*:1'], '6'),
      accept(['ben'], ['*:*'], 'igmp'),
    ],
  },
  {
    acls: [accept(['ben'], ['ben:90-80'])],
    ssh: [
      ssh(['ben'], ['ben', 'tag:web']),
      ssh(['anna', 'tag:web'], ['*'], ['root', 'deploy']),
      ssh(['group:all', '*'], ['group:all'], ['*']),
    ],
  },
  {
    acls: [],
    ssh: [
      ssh(['group:all', 'group:none', 'group:mail'], ['tag:web', 'ben'], ['autogroup:nonroot', 'root'], '1h30m'),
      ssh(['low', 'one', 'nobody', 'tag:ci'], ['ben', 'one', 'tag:ci'], ['ubuntu'], '0'),
      ssh(['100.64.0.2', '100.64.0.4/30'], ['low'], []),
      ssh(['tag:web'], ['anna'], ['root'], '1.5h10ms'),
    ],
  },
]

const RELEASES = ['0.23.0', '0.25.1']
for (const version of RELEASES) {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: ${reason}`)
}

describe('clients of a real server have the same rules', () => {
  test.for(RELEASES.filter((version) => tailnetAvailable(version).ok))('%s', {timeout: 240_000}, async (version) => {
    const rules = policyRelease(version)
    const names = ['web', 'router', 'ci']
    const real = await startTailnet({version, clients: names, config: {policy: {mode: 'database'}}})
    try {
      const tailnet = await createTailnet(real)
      for (const [i, sections] of POLICIES.entries()) {
        const mark = 60_000 + i
        const text = JSON.stringify({
          ...HEAD,
          ...sections,
          acls: [...sections.acls, accept(['10.99.0.1'], [`*:${mark}`])],
        })
        const {policy, findings} = checkPolicy(text, 'policy', rules, tailnet)
        expect(findings.filter(({severity}) => severity === 'error')).toEqual([])
        await setPolicy(real, text)
        for (const client of real.clients) {
          const {filter, ssh: theirs, peers} = await receivedBy(client, mark)
          const {packetFilter, sshPolicy} = compilePolicy(policy, tailnet, rules, '').find(
            ({node}) => node === client.hostname,
          )!
          expect(comparable(packetFilter, sshPolicy.rules), `${text} ${client.hostname}`).toEqual(
            comparable(filter, theirs),
          )
          const resolver = new Resolver(policy!, tailnet, rules)
          const compiled = new Filter(policy, resolver, rules)
          const own = resolver.nodes.find(({node}) => node.name === client.hostname)!
          const known = resolver.nodes.filter((node) => node !== own && compiled.arePeers(own, node))
          const wanted = known.map(({node}) => node.addresses[0]!).toSorted()
          // A list without peers is left out, and the client keeps those it had.
          if (wanted.length > 0) expect(wanted, `${text} ${client.hostname}`).toEqual(peers)
        }
      }
    } finally {
      await real.stop()
    }
  })
})

/** web has a tag, router serves one of two routes, ci requests its tag; b2 and a1 are no clients. */
async function createTailnet(real: RealTailnet): Promise<Tailnet> {
  const {clients, headscale} = real
  const run = async (...line: string[]) => {
    const {status, stdout, stderr} = await runHere(line, {env: {HEADSCALE_UNIX_SOCKET: headscale.socketPath}})
    if (status !== 0) throw new Error(`${line.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const keys: Record<string, string> = {}
  for (const user of ['anna', 'ben']) {
    await run('users', 'create', user)
    keys[user] = await run('preauthkeys', 'create', '-u', user, '--reusable')
  }
  await setPolicy(real, JSON.stringify({...HEAD, acls: [accept(['*'], ['*:*'])]}))
  const [web, router, ci] = clients as [TailnetClient, TailnetClient, TailnetClient]
  await web.up(['--auth-key', keys['anna']!])
  await web.joined()
  await run('nodes', 'tag', 'web', '-t', 'tag:web')
  await router.up(['--auth-key', keys['ben']!, '--advertise-routes', '10.0.0.0/24,10.1.0.0/24'])
  await router.joined()
  await run('routes', 'enable', 'router', '10.0.0.0/24')
  for (const [name, user] of [
    ['b2', 'ben'],
    ['a1', 'anna'],
  ] as const) {
    const made = JSON.parse(await run('debug', 'create-node', '--name', name, '-u', user, '-o', 'json')) as {
      registrationKey: string
    }
    await run('nodes', 'register', '-u', user, '--key', made.registrationKey)
  }
  await ci.up(['--auth-key', keys['ben']!, '--advertise-tags', 'tag:ci'])
  await ci.joined()
  const users = JSON.parse(await run('users', 'list', '-o', 'json')) as {id: string; name: string}[]
  const nodes = JSON.parse(await run('nodes', 'list', '-o', 'json')) as {
    name: string
    user: {id: string}
    tags: string[]
    ipAddresses: string[]
    availableRoutes: string[]
    approvedRoutes: string[]
  }[]
  return {
    users: users.map(({id, name}) => ({id, name, email: '', providerId: null})),
    nodes: nodes.map(({name, user, tags, ipAddresses, availableRoutes, approvedRoutes}) => ({
      name,
      userId: user.id,
      tags,
      addresses: ipAddresses,
      routes: approvedRoutes,
      state: {isOnline: true, expiry: null, available: availableRoutes, approved: approvedRoutes, serving: null},
    })),
  }
}

async function setPolicy({headscale}: RealTailnet, text: string): Promise<void> {
  const file = join(headscale.folder, 'policy.hujson')
  writeFileSync(file, `${text}\n`)
  const {status, stderr} = await runHere(['policy', 'set', '-f', file], {
    env: {HEADSCALE_UNIX_SOCKET: headscale.socketPath},
  })
  expect([status, stderr]).toEqual([0, ''])
}

interface NetworkMap {
  Peers: {Addresses: string[]}[] | null
  PacketFilterRules: FilterRule[] | null
  SSHPolicy: {rules: SshRule[] | null} | null
}

/** What a client has, as soon as a rule is about the port. */
async function receivedBy(
  client: TailnetClient,
  port: number,
): Promise<{filter: FilterRule[]; ssh: SshRule[]; peers: string[]}> {
  const read = async () => JSON.parse((await client.cli(['debug', 'netmap'])).stdout) as NetworkMap
  const isNew = ({PacketFilterRules: all}: NetworkMap) =>
    (all ?? []).some(({DstPorts = []}) => DstPorts.some(({Ports}) => Ports.First === port))
  await expect.poll(async () => isNew(await read()), {timeout: 40_000}).toBe(true)
  const {PacketFilterRules: filter, SSHPolicy: policy, Peers: others} = await read()
  const peers = (others ?? []).map(({Addresses}) => Addresses[0]!.replace('/32', '')).toSorted()
  return {filter: filter ?? [], ssh: policy?.rules ?? [], peers}
}
