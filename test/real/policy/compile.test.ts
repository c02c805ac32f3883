/**
 * `policy compile` gives nodes what headscale gives them: the cases that headscale's own tests replay, straight from the module
 * cache, and a real server.
 */
import {describe, expect, test} from 'vitest'
import {checkPolicy} from '../../../src/policy/check/check-policy.ts'
import {compilePolicy} from '../../../src/policy/compile/compile.ts'
import type {FilterRule} from '../../../src/policy/compile/filter.ts'
import {contains, parseAddress, rangeOf} from '../../../src/policy/compile/ip-set.ts'
import type {SshRule} from '../../../src/policy/compile/ssh-rule.ts'
import type {Tailnet} from '../../../src/policy/compile/tailnet.ts'
import {policyRelease} from '../../../src/policy/releases.ts'
import {corpusFor} from '../../policy/corpus.ts'
import {runHere} from '../../support/program.ts'
import {available, type RealHeadscale, startHeadscale} from '../../support/real-servers.ts'
import {comparable, withMergedAddresses} from './comparable.ts'
import {OTHER_RULES} from './left-out.ts'
import {recordedRules} from './module.ts'

const RULES = policyRelease('0.29')

/** Cases in which headscale and Tailscale write the same addresses in other ways; headscale's tests do not compare these filters. */
const OTHER_NOTATION = /^issue_3212\/|^nodeattrs_results\/nodeattrs-interaction-h3-/

/**
 * A node that got its rules when it had another address than the case says, to which no rule led. headscale's own test of the case has
 * a third tailnet, and looks only at whether the policy is taken.
 */
const OTHER_ADDRESS = 'policytest_results/policytest-allpass-grants-only-tag-src-ipv6-literal-dst beedrill'

const CASES = recordedRules()

test.skipIf(CASES === null)('the recorded cases have the recorded rules', {timeout: 180_000}, () => {
  let nodes = 0
  const different = new Set<string>()
  for (const {id, policy: text, tailnet, captures} of CASES!) {
    const {policy, findings} = checkPolicy(text, id, RULES)
    // Those that headscale rejects, unlike Tailscale, are in verdicts.test.ts.
    if (policy === null || findings.some(({severity}) => severity === 'error')) continue
    // Without rules headscale allows everybody, Tailscale the tailnet.
    const hasFilter = policy.hasAcls || policy.hasGrants
    const filterOf = OTHER_NOTATION.test(id) ? withMergedAddresses : (filter: FilterRule[]) => filter
    for (const {node, packetFilter, sshPolicy} of compilePolicy(policy, tailnet, RULES, 'https://unused')) {
      const recorded = captures.get(node)
      if (!recorded) continue
      nodes++
      const ours = comparable(hasFilter ? filterOf(packetFilter) : [], sshPolicy.rules)
      const theirs = comparable(hasFilter ? filterOf(recorded.packetFilter) : [], recorded.sshRules)
      if (`${id} ${node}` === OTHER_ADDRESS) expect(recorded.packetFilter).toEqual([])
      else if (!OTHER_RULES.has(id)) expect(ours, `${id} ${node}`).toEqual(theirs)
      else if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.add(id)
    }
  }
  expect(nodes).toBeGreaterThan(8000)
  expect(different).toEqual(new Set(OTHER_RULES.keys()))
})

const POLICIES = [
  `{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}`,
  `{"acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:22", "100.64.0.1:80"]},
    {"action": "accept", "src": ["autogroup:tagged"], "dst": ["autogroup:member:*"]}],
    "ssh": [{"action": "accept", "src": ["alice@"], "dst": ["alice@"], "users": ["root"]},
    {"action": "check", "src": ["alice@", "bob@"], "dst": ["tag:web"], "users": ["autogroup:nonroot", "deploy"]}],
    "tagOwners": {"tag:web": []}}`,
  `{"groups": {"group:all": ["alice@", "bob@"]}, "tagOwners": {"tag:web": ["group:all"]}, "hosts": {"one": "100.64.0.1"},
    "acls": [{"action": "accept", "proto": "udp", "src": ["group:all", "tag:web"], "dst": ["tag:web:53,1000-2000", "one:22"]}],
    "grants": [{"src": ["group:all"], "dst": ["tag:web"], "ip": ["tcp:443", "icmp:*"], "app": {"example.com/cap": [{"a": 1}]}},
    {"src": ["bob@"], "dst": ["alice@"], "app": {"tailscale.com/cap/drive": [{"shares": ["*"]}]}}]}`,
]

const RELEASES = ['0.26.1', '0.27.1', '0.28.0', '0.29.3']

describe.concurrent('a real server compiles the same rules', () => {
  test.for(RELEASES.filter((version) => available(version).ok))(
    '%s',
    {timeout: 300_000},
    async (version, {expect: check}) => {
      const rules = policyRelease(version)
      const server = await startHeadscale({version, config: {policy: {mode: 'database'}}})
      try {
        const tailnet = await createTailnet(server)
        // The many variants of later sections are one case to the releases before.
        const corpus = corpusFor(version).map(([, text]) => text)
        const wanted =
          version === '0.29.3' ? corpus : corpus.filter((text) => !/"(?:grants|nodeAttrs|tests|sshTests)"/.test(text))
        const own = version === '0.29.3' ? POLICIES : POLICIES.filter((text) => !/"grants"|autogroup/.test(text))
        let taken = 0
        for (const text of [...own, ...wanted]) {
          const {policy, findings} = checkPolicy(text, 'policy', rules, tailnet)
          if (text === '' || findings.some(({severity}) => severity === 'error')) continue
          taken++
          await setPolicy(server, text)
          const global = ((await debug(server.metricsUrl, 'filter')) ?? []) as FilterRule[]
          const ssh = ((await debug(server.metricsUrl, 'ssh')) ?? {}) as Record<
            string,
            {rules?: SshRule[] | null} | null
          >
          for (const [i, {node, packetFilter, sshPolicy}] of compilePolicy(
            policy,
            tailnet,
            rules,
            server.url,
          ).entries()) {
            const [, theirs] = Object.entries(ssh).find(([key]) => key.includes(node)) ?? []
            // The page has the rules that all nodes share.
            const rulesTo = [...(policy?.acls ?? []), ...(policy?.grants ?? [])].flatMap(({dst}) => dst)
            const hasSelf = rulesTo.some((to) => to.text.startsWith('autogroup:self'))
            const filter = hasSelf ? [] : ofNode(global, tailnet.nodes[i]!.addresses)
            check(comparable(hasSelf ? [] : packetFilter, sshPolicy.rules), `${text} ${node}`).toEqual(
              comparable(filter, theirs?.rules ?? []),
            )
          }
        }
        check(taken).toBeGreaterThan(60)
      } finally {
        await server.stop()
      }
    },
  )
})

/** alice has two nodes, bob one; web belongs to its tag. */
async function createTailnet(server: RealHeadscale): Promise<Tailnet> {
  const env = {HEADSCALE_UNIX_SOCKET: server.socketPath}
  const run = async (...line: string[]) => {
    const {status, stdout, stderr} = await runHere(line, {env})
    if (status !== 0) throw new Error(`${line.join(' ')}: ${stderr}`)
    return stdout
  }
  const users = ['alice', 'bob'].map((name, i) => ({id: `${i + 1}`, name, email: '', providerId: null}))
  for (const {name} of users) await run('users', 'create', name)
  await setPolicy(server, '{"tagOwners": {"tag:web": []}, "acls": []}')
  // First the one with a tag: 0.26 notices tags when another node joins.
  for (const [name, user] of [
    ['web', 'bob'],
    ['a1', 'alice'],
    ['a2', 'alice'],
    ['b1', 'bob'],
  ] as const) {
    const made = await run('debug', 'create-node', '--name', name, '-u', user, '-o', 'json')
    const {registrationKey} = JSON.parse(made) as {registrationKey: string}
    await run('nodes', 'register', '-u', user, '--key', registrationKey)
    if (name === 'web') await run('nodes', 'tag', 'web', '-t', 'tag:web')
  }
  const listed = JSON.parse(await run('nodes', 'list', '-o', 'json')) as {name: string; ipAddresses: string[]}[]
  const nodes = listed.map(({name, ipAddresses}) => ({
    name,
    userId: name === 'web' ? null : name.startsWith('a') ? '1' : '2',
    tags: name === 'web' ? ['tag:web'] : [],
    addresses: ipAddresses,
    routes: [],
  }))
  return {users, nodes}
}

/** Of rules for all nodes, those about the addresses of one, as headscale reduces them for nodes without routes. */
function ofNode(rules: readonly FilterRule[], own: readonly string[]): FilterRule[] {
  const ownIn = (prefix: string) => own.filter((address) => contains(rangeOf(prefix), parseAddress(address)))
  return rules.flatMap(({SrcIPs, DstPorts, IPProto, CapGrant}): FilterRule[] => {
    const protocols = IPProto ? {IPProto} : {}
    const ports = (DstPorts ?? []).filter(({IP}) => IP === '*' || ownIn(IP).length > 0)
    if (ports.length > 0) return [{SrcIPs, DstPorts: ports, ...protocols}]
    const grants = (CapGrant ?? []).flatMap(({Dsts, CapMap}) => {
      const addresses = [...new Set(Dsts.flatMap(ownIn))]
      const dsts = addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
      return dsts.length > 0 ? [{Dsts: dsts, CapMap}] : []
    })
    return grants.length > 0 ? [{SrcIPs, CapGrant: grants}] : []
  })
}

async function setPolicy({url, apiKey}: {url: string; apiKey: string}, policy: string): Promise<void> {
  const reply = await fetch(`${url}/api/v1/policy`, {
    method: 'PUT',
    headers: {authorization: `Bearer ${apiKey}`, 'content-type': 'application/json'},
    body: JSON.stringify({policy}),
  })
  expect(reply.status, await reply.text()).toBe(200)
}

async function debug(url: string, page: string): Promise<unknown> {
  return (await fetch(`${url}/debug/${page}`, {headers: {accept: 'application/json'}})).json()
}
