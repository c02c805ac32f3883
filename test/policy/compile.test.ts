/**
 * `policy compile`: what it prints and when it fails. test/real/policy compares compiled rules with the cases that headscale
 * recorded and with a real server.
 */
import {describe, expect, test} from 'vitest'
import {
  EVERYTHING,
  formatAddress,
  formatPrefix,
  INTERNET,
  IpSet,
  parseAddress,
  rangeOf,
  TAILNET,
} from '../../src/policy/compile/ip-set.ts'
import {runHere, scratchFiles} from '../support/program.ts'

const {file} = scratchFiles()

/** anna has two nodes, ben one; web and router belong to their tags. */
const TAILNET_FILE = `
users:
  - name: anna
  - {name: ben, email: ben@example.com}
nodes:
  - {name: laptop, user: anna, ip: [100.64.0.1, 'fd7a:115c:a1e0::1']}
  - {name: phone, user: anna, ip: 100.64.0.3}
  - {name: desk, user: ben, ip: 100.64.0.5}
  - {name: web, user: ben, ip: [100.64.0.7, 'fd7a:115c:a1e0::7'], tags: [tag:web]}
  - {name: router, user: ben, ip: 100.64.0.9, tags: [tag:router], routes: [10.0.0.0/24, 10.1.0.0/24], approved: [10.0.0.0/24]}
`
const POLICY = `{
  "groups": {"group:dev": ["anna@", "ben@example.com"]},
  "tagOwners": {"tag:web": ["group:dev"], "tag:router": []},
  "hosts": {"printer": "10.0.0.9", "lab": "10.1.0.9"},
  "acls": [
    {"action": "accept", "src": ["group:dev"], "dst": ["tag:web:80,443", "printer:631", "lab:22"]},
    {"action": "accept", "proto": "udp", "src": ["*"], "dst": ["tag:web:53"]},
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:22"]},
  ],
  "grants": [
    {"src": ["anna@"], "dst": ["10.0.0.0/16"], "ip": ["tcp:443"], "via": ["tag:router"]},
    {"src": ["ben@example.com"], "dst": ["tag:web"], "app": {"example.com/cap/admin": [{"role": "owner"}]}},
  ],
  "ssh": [
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]},
    {"action": "check", "src": ["group:dev"], "dst": ["tag:web"], "users": ["root", "deploy"], "acceptEnv": ["LANG"]},
  ],
}
`

const ALL = '{"action": "accept", "src": ["*"], "dst": ["*:*"]}'

/** For 0.23 to 0.25: ben is a user and a host, and group members have addresses of single sign-on. */
const OLD_POLICY = `{
  "groups": {"group:dev": ["anna", "ben@example.com", "nobody"]},
  "tagOwners": {"tag:web": ["group:dev"], "tag:router": []},
  "hosts": {"printer": "10.0.0.9", "lab": "10.1.0.9", "ben": "10.9.9.9", "desk6": "fd7a:115c:a1e0::5/128"},
  "acls": [
    {"action": "accept", "src": ["group:dev", "anna"], "dst": ["tag:web:80,443", "printer:631", "lab:22", "ben:22"]},
    {"action": "accept", "proto": "icmp", "src": ["nobody"], "dst": ["*:*"]},
    {"action": "accept", "proto": "udp", "src": ["100.64.0.1"], "dst": ["100.64.0.0/29:53", "autogroup:internet:123"]},
  ],
  "ssh": [
    {"action": "accept", "src": ["group:dev", "tag:web", "lab"], "dst": ["*"], "users": ["root", "*"]},
    {"action": "check", "checkPeriod": "1h30m", "src": ["ben", "*"], "dst": ["ben"], "users": ["deploy"]},
  ],
}
`

describe('policy compile', () => {
  test('prints the rules of each node', async () => {
    const [policy, tailnet] = [file('policy.hujson', POLICY), file('tailnet.yaml', TAILNET_FILE)]
    const {status, stdout, stderr} = await runHere(['policy', 'compile', policy, '--tailnet', tailnet, '-o', 'yaml'])
    expect([status, stderr]).toEqual([0, ''])
    await expect(stdout).toMatchFileSnapshot('golden/compiled.yaml')
  })

  test.for(['0.23', '0.25'])('prints the rules of headscale %s', async (release) => {
    const [policy, tailnet] = [file('old.hujson', OLD_POLICY), file('tailnet.yaml', TAILNET_FILE)]
    const line = ['policy', 'compile', policy, 'desk', 'web', 'router', '--tailnet', tailnet, '--for', release]
    const {status, stdout, stderr} = await runHere([...line, '-o', 'yaml'])
    expect([status, stderr]).toEqual([0, ''])
    await expect(stdout).toMatchFileSnapshot(`golden/compiled-${release}.yaml`)
  })

  test('lets a tag without owners pass up to 0.25, if a node has it', async () => {
    const rule = (tag: string) => `{"acls": [{"action": "accept", "src": ["anna"], "dst": ["${tag}:22"]}]}\n`
    const tailnet = file('tailnet.yaml', TAILNET_FILE)
    const compile = (tag: string) =>
      runHere(['policy', 'compile', file('tag.hujson', rule(tag)), 'web', '--tailnet', tailnet, '--for', '0.25'])
    expect(await compile('tag:web')).toMatchObject({status: 0, stderr: ''})
    expect(await compile('tag:db')).toMatchObject({status: 6})
  })

  test('rejects an SSH rule whose sources are too many to list', async () => {
    const text = `{"hosts": {}, "acls": [${ALL}], "ssh": [{"action": "accept", "src": ["10.0.0.0/8"], "dst": ["*"], "users": []}]}\n`
    const tailnet = file('tailnet.yaml', TAILNET_FILE)
    expect(
      await runHere(['policy', 'compile', file('wide.hujson', text), '--tailnet', tailnet, '--for', '0.25']),
    ).toMatchObject({
      status: 6,
      stderr: expect.stringMatching(/^error: ssh\[0\]: 10\.0\.0\.0\/8 has too many/) as string,
    })
  })

  test('prints the nodes that are named, as JSON', async () => {
    const [policy, tailnet] = [file('policy.hujson', POLICY), file('tailnet.yaml', TAILNET_FILE)]
    const {stdout} = await runHere(['policy', 'compile', policy, 'web', 'desk', '--tailnet', tailnet])
    expect((JSON.parse(stdout) as {node: string}[]).map(({node}) => node)).toEqual(['desk', 'web'])
  })

  test.for([
    ['{"tagOwners": {}}\n', [{IP: '*', Ports: {First: 0, Last: 65_535}}]],
    ['', [{IP: '*', Ports: {First: 0, Last: 65_535}}]],
  ] as const)('allows everything without rules: %j', async ([text, destinations]) => {
    const tailnet = file('tailnet.yaml', TAILNET_FILE)
    const {stdout} = await runHere(['policy', 'compile', file('empty.hujson', text), 'desk', '--tailnet', tailnet])
    expect(JSON.parse(stdout)).toEqual([
      {node: 'desk', packetFilter: [{SrcIPs: ['*'], DstPorts: destinations}], sshPolicy: {rules: []}},
    ])
  })

  test('allows nothing with no rules', async () => {
    const policy = file('nothing.hujson', '{"acls": []}\n')
    const {stdout} = await runHere([
      'policy',
      'compile',
      policy,
      'desk',
      '--tailnet',
      file('tailnet.yaml', TAILNET_FILE),
    ])
    expect(JSON.parse(stdout)).toEqual([{node: 'desk', packetFilter: [], sshPolicy: {rules: []}}])
  })

  test('rejects a policy that the release rejects, an unknown node, and other releases', async () => {
    const [good, tailnet] = [file('policy.hujson', POLICY), file('tailnet.yaml', TAILNET_FILE)]
    const bad = file('bad.hujson', '{"acls": [{"action": "deny"}]}\n')
    expect(await runHere(['policy', 'compile', bad, '--tailnet', tailnet])).toEqual({
      status: 6,
      stdout: '',
      stderr:
        `error: ${bad}:1:22: the action is "accept", got "deny"\n` +
        'hint: Write "action": "accept"; what no rule accepts is denied; for all findings: headscale-ts policy check\n',
    })
    expect(await runHere(['policy', 'compile', good, 'nas', '--tailnet', tailnet])).toEqual({
      status: 3,
      stdout: '',
      stderr: 'error: node "nas" is not in the tailnet file\nhint: its nodes: laptop, phone, desk, web, router\n',
    })
    expect(await runHere(['policy', 'compile', good, '--tailnet', tailnet, '--for', '0.22'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: what headscale 0\.22 allows by a policy is not known\n/) as string,
    })
    expect((await runHere(['policy', 'compile', good])).status).toBe(2)
  })
})

describe('sets of addresses', () => {
  const set = (...texts: string[]) => new IpSet(texts.map(rangeOf))

  test.for([
    ['10.0.0.1'],
    ['255.255.255.255'],
    ['::'],
    ['::1'],
    ['fd7a:115c:a1e0::1'],
    ['2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1::1'],
    ['1::'],
    ['::ffff:10.0.0.1'],
  ] as const)('write %s as it was', ([text]) => {
    expect(formatAddress(parseAddress(text))).toBe(text)
  })

  test('merge what overlaps or is next to each other, and write ranges as few prefixes', () => {
    expect(set('10.0.0.1', '10.0.0.0', '10.0.0.2').texts).toEqual(['10.0.0.0-10.0.0.2'])
    expect(set('10.0.0.0/25', '10.0.0.128/25', '10.0.0.3').texts).toEqual(['10.0.0.0/24'])
    expect(set('255.255.255.255', '::').texts).toEqual(['255.255.255.255', '::'])
    expect(set('10.0.0.1', '10.0.0.2', '10.0.0.3').prefixes.map(formatPrefix)).toEqual(['10.0.0.1/32', '10.0.0.2/31'])
    expect(EVERYTHING.prefixes.map(formatPrefix)).toEqual(['0.0.0.0/0', '::/0'])
    expect(TAILNET.texts).toEqual(['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48'])
    expect(INTERNET.contains(parseAddress('9.9.9.9'))).toBe(true)
    expect(INTERNET.contains(parseAddress('100.64.0.1'))).toBe(false)
  })
})
