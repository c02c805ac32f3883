/**
 * `policy check FILE`: what it says about each policy of the corpus, how it prints findings, and when it fails. test/real/policy
 * compares its verdicts with those of real servers.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {countText, findingText} from '../../src/diagnostics/report.ts'
import {checkPolicy} from '../../src/policy/check/check-policy.ts'
import {policyRelease} from '../../src/policy/releases.ts'
import {startSandbox} from '../../src/sandbox/index.ts'
import {runChild, runHere, scratchFiles, scratchFolder} from '../support/program.ts'
import {corpusFor} from './corpus.ts'

const {folder, file} = scratchFiles()

const GOOD =
  '{"groups": {"group:dev": ["alice@"]}, "acls": [{"action": "accept", "src": ["group:dev"], "dst": ["*:*"]}]}\n'
const BAD = `{
  "groups": {"group:dev": ["alice@"]},
  "acls": [
    {"action": "accept", "src": ["group:dve"], "dst": ["*:*"]},
  ],
}
`
const FINDING = `:4:34: error undefined-group: "group:dve" is not defined in "groups"
  why: headscale 0.29 rejects the whole policy
  fix: Write "group:dev", or define the group
`

describe('the corpus', () => {
  const findings = (text: string, release: string) => checkPolicy(text, 'policy', policyRelease(release)).findings

  test('on 0.29', async () => {
    const report = corpusFor('0.29').map(([title, text]) => {
      const found = findings(text, '0.29')
      return `# ${title}\n${found.map(findingText).join('')}${countText(found)}\n`
    })
    await expect(report.join('\n')).toMatchFileSnapshot('golden/corpus-0.29.txt')
  })

  test.for(['0.15', '0.22', '0.23', '0.24', '0.26', '0.27', '0.28'])('on %s', async (release) => {
    const report = corpusFor(release).map(([title, text]) => {
      const codes = findings(text, release).map(({severity, code}) => (severity === 'error' ? code : `(${code})`))
      return `${title}: ${codes.join(', ') || 'ok'}\n`
    })
    await expect(report.join('')).toMatchFileSnapshot(`golden/corpus-${release}.txt`)
  })
})

describe('policy check', () => {
  test('reports findings with their position and exits with 6', async () => {
    const path = file('bad.hujson', BAD)
    expect(await runHere(['policy', 'check', path])).toEqual({
      status: 6,
      stdout: `${path}${FINDING}${path}: 1 rule, 1 group; 1 error, no warnings (headscale 0.29)\n`,
      stderr: '',
    })
  })

  test('is silent about a good policy but for the summary', async () => {
    const path = file('good.hujson', GOOD)
    expect(await runHere(['policy', 'check', path, '--for', '0.26.1'])).toEqual({
      status: 0,
      stdout: `${path}: 1 rule, 1 group; no errors, no warnings (headscale 0.26.1)\n`,
      stderr: '',
    })
  })

  test('reads standard input', async () => {
    const {status, stdout} = await runChild('npm program', ['policy', 'check', '-'], {input: BAD})
    expect([status, stdout.split('\n')[0]]).toEqual([6, `<stdin>${FINDING.split('\n')[0]}`])
  })

  test('--strict exits with 6 on warnings', async () => {
    const path = file('warning.hujson', '{"tagOwners": {}}\n')
    expect((await runHere(['policy', 'check', path])).status).toBe(0)
    const {status, stdout} = await runHere(['policy', 'check', path, '--strict'])
    expect([status, stdout]).toEqual([6, expect.stringContaining('warning allows-everything: ')])
  })

  test('--format github prints annotations', async () => {
    const path = file('bad.hujson', BAD)
    const {stdout} = await runHere(['policy', 'check', path, '--format', 'github'])
    expect(stdout).toBe(
      `::error file=${path},line=4,col=34,title=undefined-group::"group:dve" is not defined in "groups". headscale 0.29 rejects the whole policy. Write "group:dev", or define the group.\n`,
    )
  })

  test('-o json has the findings', async () => {
    const path = file('bad.hujson', BAD)
    const {status, stdout} = await runHere(['policy', 'check', path, '-o', 'json'])
    expect([status, JSON.parse(stdout)]).toEqual([
      6,
      {
        release: '0.29',
        file: path,
        errors: 1,
        warnings: 0,
        findings: [
          {
            severity: 'error',
            code: 'undefined-group',
            file: path,
            line: 4,
            column: 34,
            path: 'acls[0].src[0]',
            message: '"group:dve" is not defined in "groups"',
            reason: 'headscale 0.29 rejects the whole policy',
            fix: 'Write "group:dev", or define the group',
            fixable: false,
          },
        ],
      },
    ])
  })

  test('counts findings alone if the file cannot be read as a policy', async () => {
    const path = file('half.hujson', '{"acls": [')
    const {status, stdout} = await runHere(['policy', 'check', path])
    expect([status, stdout.split('\n').at(-2)]).toEqual([6, `${path}: 1 error, no warnings (headscale 0.29)`])
  })

  test('finds a byte order mark', async () => {
    const {stdout} = await runHere(['policy', 'check', file('mark.hujson', `\ufeff${GOOD}`)])
    expect(stdout).toContain(':1:1: error syntax: unexpected byte order mark before the value\n')
  })

  test('says that it does not run tests', async () => {
    const text = '{"acls": [], "tests": [{"src": "alice@", "deny": ["100.64.0.1:22"]}]}\n'
    const {status, stderr} = await runHere(['policy', 'check', file('tests.hujson', text)])
    expect([status, stderr]).toEqual([0, 'note: the tests of the policy are not run without --tailnet or --server\n'])
  })

  test('says what to do about a file in another encoding', async () => {
    const path = join(folder, 'utf16.hujson')
    writeFileSync(path, Buffer.from('\uFEFF{"acls": []}', 'utf16le'))
    expect(await runHere(['policy', 'check', path])).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: cannot read ${path}: it is not UTF-8 text\nhint: save it as UTF-8\n`,
    })
  })

  test.for([
    [[], 'no file is given'],
    [['a', '-f', 'b'], 'the file is specified more than once'],
    [['-f', 'b', '--for', '0.26'], '-f asks the server alone'],
    [['a', '--server', '--tailnet', 't'], '--tailnet and --server cannot be used together'],
    [['-f', 'b', '--tailnet', 't'], '-f asks the server alone'],
    [['a', '--server', '--for', '0.26'], '--for and --server cannot be used together'],
    [['/no/such/file'], 'cannot read /no/such/file: no such file'],
    [['/dev/null', '--for', 'new'], 'invalid headscale release "new"'],
    [['/dev/null', '--for', '0.14'], 'the policy rules of headscale 0.14 are not known'],
    [['/dev/null', '--for', '0.31'], 'the policy rules of headscale 0.31 are not known'],
  ] as const)('rejects %j', async ([words, message]) => {
    const {status, stdout, stderr} = await runHere(['policy', 'check', ...words])
    expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`])
  })
})

describe('policy check --tailnet', () => {
  /** anna and ben have a node each, and another one belongs to its tag; two users have the name carl. */
  const TAILNET = `
users: [{name: anna}, {name: ben}, {name: carl, providerId: 'https://idp/1'}, {name: carl, providerId: 'https://idp/2'}]
nodes:
  - {name: laptop, user: anna}
  - {name: desk, user: ben}
  - {name: web, user: ben, tags: [tag:web]}
`
  const RULES = `
  "tagOwners": {"tag:web": [], "tag:db": []},
  "acls": [{"action": "accept", "proto": "tcp", "src": ["anna@"], "dst": ["tag:web:443", "tag:web:8000-8080"]}],
  "ssh": [
    {"action": "accept", "src": ["anna@"], "dst": ["tag:web"], "users": ["autogroup:nonroot"]},
    {"action": "check", "src": ["ben@"], "dst": ["tag:web"], "users": ["root"]},
  ]`

  async function findings(members: string, release = '0.29', text = TAILNET): Promise<string[]> {
    const [path, tailnet] = [file('policy.hujson', `{${members}}\n`), file('tailnet.yaml', text)]
    const {stdout, stderr} = await runHere([
      'policy',
      'check',
      path,
      '--tailnet',
      tailnet,
      '--for',
      release,
      '-o',
      'json',
    ])
    expect(stderr).toBe('')
    const report = JSON.parse(stdout) as {findings: {severity: string; code: string; path: string; message: string}[]}
    return report.findings.map(({severity, code, path: at, message}) => `${severity} ${code} ${at}: ${message}`)
  }
  const acl = (src: string, dst: string) =>
    `"tagOwners": {"tag:web": [], "tag:db": []}, "acls": [{"action": "accept", "src": ["${src}"], "dst": ["${dst}"]}]`

  test.for([
    ['a user that exists', acl('anna@', 'tag:web:443'), []],
    ['a user by provider ID', acl('https://idp/1@', 'web.example.com@:443').replace('web.example.com@', 'tag:web'), []],
    [
      'a user that does not exist',
      acl('dora@', 'tag:web:443'),
      ['warning unknown-user acls[0].src[0]: there is no user "dora@"'],
    ],
    ['a user twice', acl('dora@', 'dora@:443'), ['warning unknown-user acls[0].src[0]: there is no user "dora@"']],
    [
      'a name of two users',
      acl('carl@', 'tag:web:443'),
      ['error ambiguous-user acls[0].src[0]: "carl@" means 2 users'],
    ],
    [
      'a member of a group',
      '"groups": {"group:a": ["dora@"]}, "acls": []',
      ['warning unknown-user groups.group:a[0]: there is no user "dora@"'],
    ],
    [
      'a tag that no node has',
      acl('anna@', 'tag:db:443'),
      ['warning tag-without-node acls[0].dst[0]: no node has "tag:db"'],
    ],
    [
      'nodeAttrs of an unknown user',
      '"acls": [], "nodeAttrs": [{"target": ["dora@"], "attr": ["x"]}]',
      ['error unknown-user nodeAttrs[0].target[0]: there is no user "dora@"'],
    ],
  ] as const)('finds names: %s', async ([, members, expected]) => {
    expect(await findings(members)).toEqual(expected)
  })

  test('says what * does not include', async () => {
    const guide = `
prefixes: [10.1.0.0/16, 'fd7a:115c:a1e0::/48']
users: [{name: anna}]
nodes: [{name: router, user: anna}, {name: nas, user: anna}, {name: old, user: anna, ip: 100.64.0.9}]
`
    const warning =
      'warning outside-of-any acls[0].src[0]: 2 nodes have addresses that "*" does not include: 10.1.0.1 of router'
    expect(await findings(acl('*', '*:*'), '0.29', guide)).toEqual([warning])
    expect(await findings(acl('anna@', '*:*'), '0.29', guide)).toEqual([])
    expect(await findings(acl('*", "10.1.0.0/16', '*:*'), '0.29', guide)).toEqual([])
    expect(await findings(acl('*', '*:*'), '0.28', guide)).toEqual([])
    expect(await findings(acl('*', '*:*'))).toEqual([])
  })

  test('reads names as the release does', async () => {
    expect(await findings(acl('carl@', 'tag:web:443'), '0.28')).toEqual([
      'warning ambiguous-user acls[0].src[0]: "carl@" means 2 users',
    ])
    expect(await findings(acl('dora', 'tag:web:443'), '0.25')).toEqual([
      'warning unknown-user acls[0].src[0]: there is no user "dora"',
    ])
    expect(await findings(acl('anna', 'tag:web:443'), '0.25')).toEqual([])
  })

  test.for([
    ['accepted as expected', '{"src": "anna@", "accept": ["tag:web:443", "tag:web:8080"], "deny": ["ben@:443"]}', []],
    ['denied, unlike expected', '{"src": "anna@", "accept": ["tag:web:80"]}', ['anna@ cannot reach tag:web:80']],
    ['accepted, unlike expected', '{"src": "anna@", "deny": ["tag:web:443"]}', ['anna@ can reach tag:web:443']],
    [
      'of another protocol',
      '{"src": "anna@", "proto": "udp", "accept": ["tag:web:443"]}',
      ['anna@ cannot reach tag:web:443 over udp'],
    ],
    [
      'from an unknown user',
      '{"src": "dora@", "accept": ["tag:web:443"]}',
      ['"dora@" has no address, so that the test fails'],
    ],
    [
      'to a tag without nodes',
      '{"src": "anna@", "deny": ["tag:db:443"]}',
      ['"tag:db:443" has no address, so that the test fails'],
    ],
  ] as const)('runs tests: %s', async ([, one, expected]) => {
    const found = await findings(`${RULES}, "tests": [${one}]`)
    expect(found.map((line) => line.replace(/^error failed-test \S+: /, ''))).toEqual(expected)
  })

  test.for([
    ['accepted as expected', '{"src": "anna@", "dst": ["tag:web"], "accept": ["deploy"], "deny": ["root"]}', []],
    ['checked as expected', '{"src": "ben@", "dst": ["tag:web"], "check": ["root"], "accept": ["root"]}', []],
    [
      'accepted without a check',
      '{"src": "anna@", "dst": ["tag:web"], "check": ["deploy"]}',
      ['anna@ cannot log in with a check to web as deploy'],
    ],
    [
      'denied, unlike expected',
      '{"src": "anna@", "dst": ["tag:web"], "accept": ["root"]}',
      ['anna@ cannot log in to web as root'],
    ],
    [
      'accepted, unlike expected',
      '{"src": "anna@", "dst": ["tag:web"], "deny": ["deploy"]}',
      ['anna@ can log in to web as deploy'],
    ],
    [
      'to a node without rules',
      '{"src": "anna@", "dst": ["autogroup:self"], "accept": ["deploy"]}',
      ['anna@ cannot log in to laptop as deploy'],
    ],
    [
      'to a tag without nodes',
      '{"src": "anna@", "dst": ["tag:db"], "deny": ["root"]}',
      ['"tag:db" has no node, so that the test fails'],
    ],
    [
      'from the whole tailnet',
      '{"src": "100.64.0.0/10", "dst": ["tag:web"], "accept": ["deploy"]}',
      ['100.64.0.0/10 cannot log in to web as deploy'],
    ],
  ] as const)('runs SSH tests: %s', async ([, one, expected]) => {
    const found = await findings(`${RULES}, "sshTests": [${one}]`)
    expect(found.map((line) => line.replace(/^error failed-test \S+: /, ''))).toEqual(expected)
  })
})

describe('policy check --server', () => {
  test.for([
    ['0.29', ''],
    ['0.26', 'note: this server cannot check a policy itself; only the rules of its release were applied\n'],
  ] as const)('applies the rules of the server: %s', async ([release, note]) => {
    const socketPath = join(scratchFolder(), 's')
    const sandbox = await startSandbox({release, socketPath})
    try {
      const env = {HEADSCALE_UNIX_SOCKET: socketPath}
      const good = file('good.hujson', GOOD)
      expect(await runHere(['policy', 'check', good, '--server'], {env})).toEqual({
        status: 0,
        stdout: `${good}: 1 rule, 1 group; no errors, no warnings (headscale ${release})\n`,
        stderr: note,
      })
      const bad = file('bad.hujson', BAD)
      const {status, stdout} = await runHere(['policy', 'check', bad, '--server'], {env})
      expect([status, stdout]).toEqual([6, expect.stringContaining(`headscale ${release} rejects the whole policy\n`)])
      expect(stdout.includes(`${bad}:1:1: error rejected-by-server: `)).toBe(release === '0.29')
    } finally {
      await sandbox.close()
    }
  })
})

describe('large policies', () => {
  const rules = Array.from({length: 5000}, (_, i) => ({
    action: 'accept',
    src: [`group:g${i % 1000}`, `user${i}@example.com`],
    dst: [`tag:t${i % 1000}:${(i % 60_000) + 1}`, `host${i % 1000}:80,443`],
  }))
  const names = Array.from({length: 1000}, (_, i) => i)
  const policy = {
    groups: Object.fromEntries(names.map((i) => [`group:g${i}`, [`user${i}@example.com`]])),
    hosts: Object.fromEntries(names.map((i) => [`host${i}`, `10.0.${i >> 8}.${i & 255}`])),
    tagOwners: Object.fromEntries(names.map((i) => [`tag:t${i}`, i === 0 ? [] : [`tag:t${i - 1}`, `group:g${i}`]])),
    acls: rules,
  }

  test.for([
    ['5000 rules', JSON.stringify(policy), null],
    [
      '5000 rules with undefined names',
      JSON.stringify(policy)
        .replaceAll('"tag:t', '"tag:u')
        .replace(/"tag:u/, '"tag:t'),
      null,
    ],
    ['a million commas', ','.repeat(1_000_000), "expected a value, got ','"],
    ['a million values', `[${'1,'.repeat(1_000_000)}]`, 'the text has more than 300000 keys and values'],
    ['a million brackets', '['.repeat(1_000_000), 'the text is more than 200 levels deep'],
    ['a million comments', `${'/**/'.repeat(1_000_000)}{}`, null],
  ] as const)('takes less than a second of CPU time: %s', ([, text, message]) => {
    const before = process.cpuUsage()
    const {findings} = checkPolicy(text, 'policy', policyRelease('0.29'))
    const {user, system} = process.cpuUsage(before)
    // Several test files share a process, so its time has theirs in it.
    expect((user + system) / 1e6).toBeLessThan(3)
    if (message !== null) expect(findings.map((finding) => finding.message)).toEqual([message])
  })
})

describe('a policy before 0.23', () => {
  const check = async (name: string, text: string, release: string) => {
    const path = file(name, text)
    const {stdout, status} = await runHere(['policy', 'check', path, '--for', release])
    return `${stdout.replaceAll(folder, '')}${status}`
  }
  const YAML = `groups:
  group:dev: [alice]
hosts:
  db: 10.0.0.5/32
acls:
  - {action: accept, src: ["group:dev"], dst: ["db:22"]}
`

  test('can be YAML, by the name of its file', async () => {
    expect(await check('policy.yaml', YAML, '0.22')).toBe(
      '/policy.yaml: 1 rule, 1 group, 1 host; no errors, no warnings (headscale 0.22)\n0',
    )
    expect(await check('policy.yml', YAML, '0.23')).toMatch(
      /: error syntax: .*\n.*\n {2}fix: Write the policy as JSON with comments and trailing commas: headscale 0.23 does not read YAML\n/,
    )
    expect(await check('policy.hujson', YAML, '0.22')).toMatch(/: error syntax: /)
  })

  test('in YAML has keys with their case, once each, and hosts with a length', async () => {
    const text = YAML.replace('/32', '').replace('acls:', 'Acls: []\nacls: []\nacls:')
    expect(await check('policy.yaml', text, '0.22')).toMatchInlineSnapshot(`
      "/policy.yaml:4:7: error invalid-host-address: the address of "db" has no length
        why: headscale 0.22 rejects the whole policy
        fix: Write 10.0.0.5/32
      /policy.yaml:5:1: warning unknown-key: unknown key "Acls"
        why: headscale 0.22 ignores it, with everything in it
        fix: Write "acls"
      /policy.yaml:7:1: error duplicate-key: "acls" is specified more than once
        why: headscale 0.22 rejects the whole policy
        fix: Remove one of them
      /policy.yaml: 1 rule, 1 group, 1 host; 2 errors, 1 warning (headscale 0.22)
      6"
    `)
  })

  test('of 0.15 has other names, and no protocol', async () => {
    const rule = (keys: string) => `{"ACLs": [{"Action": "accept", ${keys}}]}\n`
    expect(await check('policy.json', rule('"Users": ["*"], "Ports": ["*:*"]'), '0.15')).toMatchInlineSnapshot(`
      "/policy.json: 1 rule; no errors, no warnings (headscale 0.15)
      0"
    `)
    expect(await check('policy.json', rule('"proto": "tcp", "src": ["*"], "dst": ["*:*"]'), '0.15'))
      .toMatchInlineSnapshot(`
      "/policy.json:1:32: warning unknown-key: unknown key "proto"
        why: headscale 0.15 ignores it, with everything in it
        fix: Remove it, or use one of: Action, Users, Ports
      /policy.json:1:48: warning unknown-key: unknown key "src"
        why: headscale 0.15 ignores it, with everything in it
        fix: Remove it, or use one of: Action, Users, Ports
      /policy.json:1:62: warning unknown-key: unknown key "dst"
        why: headscale 0.15 ignores it, with everything in it
        fix: Remove it, or use one of: Action, Users, Ports
      /policy.json: 1 rule; no errors, 3 warnings (headscale 0.15)
      0"
    `)
    expect(
      await check('policy.yaml', 'acls: []\nACLs: [{Action: accept, Users: ["*"], Ports: [fd7a::1:22]}]\n', '0.15'),
    ).toMatchInlineSnapshot(`
      "/policy.yaml:1:1: warning unknown-key: unknown key "acls"
        why: headscale 0.15 ignores it, with everything in it
        fix: Write "ACLs"
      /policy.yaml:2:47: error invalid-destination: invalid destination "fd7a::1:22": it is not ADDRESS:PORT
        why: headscale 0.15 rejects the whole policy
        fix: Write WHO:PORTS, such as "fd7a::1:22:443" or "*:*"
      /policy.yaml: 1 rule; 1 error, 1 warning (headscale 0.15)
      6"
    `)
  })

  test('with SSH rules needs an experiment to be on', async () => {
    const rules = '"acls": [], "groups": {"group:dev": ["alice"]}, "ssh": [{"action": "drop", "src": ["group:x"]}]'
    expect(await check('policy.hujson', `{${rules}}\n`, '0.22')).toMatchInlineSnapshot(`
      "/policy.hujson:1:57: warning unused-section: SSH rules are an experiment of headscale 0.22
        why: without HEADSCALE_EXPERIMENTAL_FEATURE_SSH=1 in its environment headscale does nothing with them
        fix: Set the variable, or use headscale 0.23 or later
      /policy.hujson: 1 rule, 1 group; no errors, 1 warning (headscale 0.22)
      0"
    `)
    expect(await check('policy.hujson', `{${rules}}\n`, '0.16')).toMatchInlineSnapshot(`
      "/policy.hujson:1:50: warning unknown-key: "ssh" needs headscale 0.17 or later
        why: headscale 0.16 ignores it, with everything in it
        fix: Remove it, or use headscale 0.17 or later
      /policy.hujson: 1 group; no errors, 1 warning (headscale 0.16)
      0"
    `)
  })

  test('in YAML with aliases of aliases ends with an error', async () => {
    const lines = ['a: &a ["alice", "bob"]']
    for (let i = 0; i < 18; i++)
      lines.push(`k${i}: &k${i} [*${i === 0 ? 'a' : `k${i - 1}`}, *${i === 0 ? 'a' : `k${i - 1}`}]`)
    expect(await check('policy.yaml', `${lines.join('\n')}\n`, '0.22')).toMatch(
      /the policy has more than 500000 values/,
    )
  })
})
