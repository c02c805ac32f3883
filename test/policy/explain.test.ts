/** `policy explain` and `policy access`: answers, exit codes and errors. test/real/policy compares answers with real clients. */
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {startSandbox} from '../../src/sandbox/index.ts'
import {runHere, scratchFiles, scratchFolder} from '../support/program.ts'

const TAILNET = `users:
  - name: anna
  - {name: ben, email: ben@example.com}
nodes:
  - {name: laptop, user: anna, ip: [100.64.0.1, 'fd7a:115c:a1e0::1']}
  - {name: phone, user: anna, ip: 100.64.0.3}
  - {name: desk, user: ben, ip: 100.64.0.5, expiry: 2026-01-01T00:00:00Z}
  - {name: web, user: ben, ip: [100.64.0.7, 'fd7a:115c:a1e0::7'], tags: [tag:web], online: false}
  - {name: db, user: ben, ip: 100.64.0.8, tags: [tag:db]}
  - {name: router, user: ben, ip: 100.64.0.9, tags: [tag:router], routes: [10.0.0.0/24, 10.1.0.0/24], approved: [10.0.0.0/24]}
  - {name: exit, user: ben, ip: 100.64.0.11, tags: [tag:exit], routes: [0.0.0.0/0, '::/0'], approved: [0.0.0.0/0, '::/0']}
`

const POLICY = `{
  "groups": {"group:dev": ["anna@", "ben@example.com"]},
  "tagOwners": {"tag:web": ["group:dev"], "tag:db": [], "tag:router": [], "tag:exit": [], "tag:empty": []},
  "hosts": {"printer": "10.0.0.9", "lab": "10.1.0.9"},
  "acls": [
    {"action": "accept", "src": ["group:dev"], "dst": ["tag:web:80,443", "printer:631", "lab:22", "tag:db:22"]},
    {"action": "accept", "proto": "udp", "src": ["*"], "dst": ["tag:web:53"]},
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:22", "autogroup:internet:*"]},
  ],
  "grants": [
    {"src": ["anna@"], "dst": ["10.0.0.0/16"], "ip": ["tcp:443"], "via": ["tag:router"]},
  ],
  "ssh": [
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]},
    {"action": "check", "src": ["group:dev"], "dst": ["tag:web", "tag:db"], "users": ["root", "deploy"]},
  ],
}
`

const {folder, file} = scratchFiles()
const policy = file('policy.hujson', POLICY)
const tailnet = file('tailnet.yaml', TAILNET)

const here = (line: string[]) => runHere(line, {cwd: folder, now: () => new Date('2026-11-27T12:00:00Z')})
/** With names of files without their folder. */
const explain = async (line: string, ...flags: string[]) => {
  const files = ['--policy', policy, '--tailnet', tailnet]
  const {status, stdout, stderr} = await here(['policy', 'explain', ...line.split(' '), ...files, ...flags])
  return {status, stdout: stdout.replaceAll(`${folder}/`, ''), stderr}
}

const QUESTIONS = [
  'laptop web:443',
  'laptop web:22',
  'anna@ tag:web',
  'anna web:53 --proto udp',
  'laptop web --proto icmp',
  'laptop router --proto 47',
  'laptop printer:631',
  'laptop 10.0.0.77:443',
  'laptop lab:22',
  'laptop 172.16.0.1',
  'laptop internet',
  'laptop 9.9.9.9',
  'web exit',
  'desk web:80',
  'web laptop',
  'laptop laptop',
  'phone fd7a:115c:a1e0::7',
  'laptop tag:empty',
  'group:dev autogroup:self:22',
  'web autogroup:self',
  'laptop phone --ssh ben',
  'laptop phone --ssh root',
  'laptop db --ssh root',
  'laptop db --ssh admin',
  'laptop web --ssh root',
  'router db --ssh root',
  'laptop 10.0.0.9 --ssh root',
]

describe('policy explain', () => {
  test('says yes or no, by which rule, or what is missing', async () => {
    const answers: string[] = []
    for (const question of QUESTIONS) {
      const {status, stdout, stderr} = await explain(question)
      answers.push(`$ policy explain ${question}\n${stdout}${stderr}exit ${status}\n`)
    }
    await expect(answers.join('\n')).toMatchFileSnapshot('golden/explained.txt')
  })

  test('knows that a client up to 0.25 needs a rule to the router', async () => {
    const rule = (dst: string) => `{"acls": [{"action": "accept", "src": ["anna"], "dst": [${dst}]}]}\n`
    const ask = async (dst: string, what: string) => {
      const files = ['--policy', file('old.hujson', rule(dst)), '--tailnet', tailnet, '--for', '0.25']
      const {status, stdout} = await here(['policy', 'explain', 'laptop', what, ...files])
      return {status, stdout: stdout.replaceAll(`${folder}/`, '')}
    }
    expect(await ask('"10.0.0.9:631"', '10.0.0.9:631')).toEqual({
      status: 1,
      stdout:
        'denied: laptop -> 10.0.0.9 (router), TCP port 631\n' +
        '  a rule allows it, but up to 0.25 headscale shows router only to nodes with a rule to the node itself or to the first address of its route\n' +
        '    tcp and udp port 631: old.hujson:1:11 acls[0]: anna -> 10.0.0.9:631\n',
    })
    expect(await ask('"10.0.0.9:631", "10.0.0.0:1"', '10.0.0.9:631')).toMatchObject({status: 0})
    expect(await ask('"10.0.0.9:631", "tag:router:1"', '10.0.0.9:631')).toMatchObject({status: 0})
    expect(await ask('"autogroup:internet:443"', 'internet')).toMatchObject({status: 0})
  })

  test.each([
    [
      'node: {name: exit, user: anna, routes: [0.0.0.0/0, "::/0"]}',
      'exit advertises 0.0.0.0/0, which is not approved: headscale-ts routes enable exit 0.0.0.0/0',
    ],
    ['node: {name: exit, user: anna}', 'no node is an approved exit node'],
  ])('says why nobody reaches the internet: %s', async (other, reason) => {
    const nodes = `users: [{name: anna}]\nnodes:\n  - {name: laptop, user: anna}\n  - ${other.replace('node: ', '')}\n`
    const files = ['--policy', policy, '--tailnet', file('internet.yaml', nodes)]
    const {status, stdout} = await here(['policy', 'explain', 'laptop', 'internet', ...files])
    expect({status, stdout}).toEqual({status: 1, stdout: `denied: laptop -> internet, TCP, any port\n  ${reason}\n`})
  })

  test.each([
    ['laptop', 'web:http', 2, 'invalid port in "web:http"', 'expected DST:PORT with a number from 1 to 65535'],
    [
      'laptop:22',
      'web',
      2,
      'SRC "laptop:22" has a port',
      'a port belongs to DST: headscale-ts policy explain laptop DST:PORT',
    ],
    ['nobody@', 'web', 3, 'no node, user, host or address "nobody@"', 'users: anna@, ben@'],
  ])('says what is wrong with %s %s', async (from, to, status, message, hint) => {
    expect(await explain(`${from} ${to}`)).toEqual({status, stdout: '', stderr: `error: ${message}\nhint: ${hint}\n`})
  })

  test('prints the answer as JSON', async () => {
    const {status, stdout} = await explain('laptop web:22', '-o', 'json')
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      {
        allowed: false,
        source: 'laptop',
        destination: 'web',
        protocol: 'tcp',
        port: 22,
        sshUser: null,
        release: '0.29',
        answers: [
          {
            allowed: false,
            sources: ['laptop'],
            destinations: ['web'],
            rules: [],
            reasons: [
              {
                code: 'other-ports',
                message: 'the rules open other ports or protocols',
                rules: [
                  {
                    path: 'acls[0]',
                    file: 'policy.hujson',
                    line: 6,
                    column: 5,
                    text: 'group:dev -> tag:web:80,443, printer:631, lab:22, tag:db:22',
                    opens: 'tcp and udp port 80,443',
                  },
                  {
                    path: 'acls[1]',
                    file: 'policy.hujson',
                    line: 7,
                    column: 5,
                    text: 'udp: * -> tag:web:53',
                    opens: 'udp port 53',
                  },
                ],
              },
            ],
            notes: [],
          },
        ],
      },
    ])
  })

  test('reports what it does not know, and what means two things', async () => {
    const errors: [string, number, string][] = [
      ['nas web', 3, 'no node, user, host or address "nas"'],
      ['laptop tag:wev', 3, 'there is no tag "tag:wev"'],
      ['group:ops web', 3, 'there is no group "group:ops"'],
      ['laptop web:70000', 2, 'invalid port in "web:70000"'],
      ['laptop web --proto http', 2, 'invalid value "http" for --proto'],
      ['laptop web:22 --proto icmp', 2, 'icmp has no ports'],
      ['laptop web:80 --ssh root', 2, 'Tailscale SSH is on port 22'],
      ['internet web', 2, 'the internet cannot be SRC'],
    ]
    for (const [line, status, message] of errors) {
      expect(await explain(line), line).toMatchObject({
        status,
        stdout: '',
        stderr: expect.stringContaining(`error: ${message}\n`) as string,
      })
    }
    const same = file('same.yaml', 'users: [{name: anna}]\nnodes: [{name: anna, user: anna}, {name: pc, user: anna}]\n')
    const open = file('open.hujson', '{}\n')
    const line = ['policy', 'explain', '--policy', open, '--tailnet', same]
    expect(await here([...line, 'anna', 'pc'])).toEqual({
      status: 5,
      stdout: '',
      stderr: 'error: SRC "anna" is a node and a user\nhint: write name:anna or anna@\n',
    })
    expect(await here([...line, 'name:anna', 'pc'])).toEqual({
      status: 0,
      stdout: 'allowed: anna -> pc, TCP, any port\n  by the policy, which has no rules and allows everything\n',
      stderr: '',
    })
  })

  test('reads the policy and the tailnet of the server', async () => {
    const socketPath = join(scratchFolder(), 's')
    const sandbox = await startSandbox({
      release: '0.29',
      socketPath,
      seed: {
        users: [{name: 'anna'}],
        nodes: [
          {name: 'laptop', user: 'anna', ip: '10.1.0.1'},
          {name: 'nas', user: 'anna', ip: '10.1.0.2', routes: ['192.168.7.0/24'], online: false},
        ],
        policy: '{"acls": [{"action": "accept", "src": ["anna@"], "dst": ["192.168.7.0/24:80"]}]}',
      },
    })
    try {
      const env = {HEADSCALE_UNIX_SOCKET: socketPath}
      const ask = async (...line: string[]) => {
        const {status, stdout, stderr} = await runHere(['policy', 'explain', ...line], {env})
        return `${stdout}${stderr}${status}`
      }
      expect(await ask('laptop', '192.168.7.9:80')).toBe(
        'denied: laptop -> 192.168.7.9, TCP port 80\n' +
          '  nas advertises 192.168.7.0/24, which is not approved: headscale-ts routes enable nas 192.168.7.0/24\n1',
      )
      expect((await runHere(['routes', 'enable', 'nas', '192.168.7.0/24'], {env})).status).toBe(0)
      expect(await ask('laptop', '192.168.7.9:80')).toBe(
        'allowed: laptop -> 192.168.7.9 (nas), TCP port 80\n' +
          '  by policy:1:11 acls[0]: anna@ -> 192.168.7.0/24:80\n' +
          '  note: through nas; a Linux client must accept routes (tailscale set --accept-routes)\n' +
          '  note: nas is offline\n0',
      )
      expect(await ask('laptop', 'nas', '--policy', file('all.hujson', '{}\n'))).toBe(
        'allowed: laptop -> nas, TCP, any port\n' +
          '  by the policy, which has no rules and allows everything\n  note: nas is offline\n0',
      )
    } finally {
      await sandbox.close()
    }
  })
})

describe('policy access', () => {
  const access = async (...line: string[]) => {
    const {status, stdout, stderr} = await here(['policy', 'access', '--policy', policy, '--tailnet', tailnet, ...line])
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }

  test('lists who can reach what', async () => {
    await expect(await access()).toMatchFileSnapshot('golden/access.txt')
  })

  test('lists a part of it', async () => {
    const rows = JSON.parse(await access('--from', 'anna@', '--to', '10.0.0.0/28', '-o', 'json')) as unknown
    expect(rows).toEqual([
      {
        sources: ['laptop', 'phone'],
        destinations: ['10.0.0.0-10.0.0.8 (router)', '10.0.0.10-10.0.0.15 (router)'],
        access: ['tcp:443'],
      },
      {sources: ['laptop', 'phone'], destinations: ['10.0.0.9 (router)'], access: ['tcp:443,631', 'udp:631']},
    ])
    expect(await access('--to', 'tag:db', '-o', 'csv')).toBe(
      'sources,destinations,access\n"laptop, phone, desk",db,22 ssh-check:deploy ssh-check:root\n',
    )
    expect(await access('--from', 'web', '--to', 'laptop', '-o', 'json')).toBe('[]\n')
  })

  test('has a node and itself only if both are asked about', async () => {
    expect(await access('--to', 'web', '--from', 'tag:web', '-o', 'csv')).toBe(
      'sources,destinations,access\nweb,web,udp:53\n',
    )
    expect(await access('--to', 'web', '--from', 'web', '-o', 'csv')).toBe(
      'sources,destinations,access\nweb,web,udp:53\n',
    )
    expect(await access('--from', 'web', '-o', 'csv')).toBe('sources,destinations,access\n')
    expect(await access('--from', 'desk', '--to', '*', '-o', 'csv')).toBe(
      'sources,destinations,access\n' +
        'desk,web,"tcp:80,443 udp:53,80,443"\ndesk,db,22 ssh-check:deploy ssh-check:root\n',
    )
  })

  test('reads the server where no files are given', async () => {
    const socketPath = join(scratchFolder(), 's')
    const seed = {users: [{name: 'anna'}], nodes: ['laptop', 'nas'].map((name) => ({name, user: 'anna'}))}
    const policyText = '{"acls": [{"action": "accept", "src": ["100.64.0.1"], "dst": ["anna@:22"]}]}'
    const sandbox = await startSandbox({
      release: '0.28',
      socketPath,
      seed: {...seed, prefixes: ['100.64.0.0/10'], policy: policyText},
    })
    try {
      const {stdout} = await runHere(['policy', 'access'], {env: {HEADSCALE_UNIX_SOCKET: socketPath}})
      expect(stdout).toBe('From   | To  | Access\nlaptop | nas | 22\n')
    } finally {
      await sandbox.close()
    }
  })
})
