/** `upgrade plan`: whole plans, the files that it writes, what it cannot decide, and the server that it reads. */
import {copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {upgradePlan} from '../../../src/setup/schemas.ts'
import type {SeedData} from '../../../src/sandbox/index.ts'
import {pageNode, startDebugPage} from '../../support/debug-page.ts'
import {runHere, scratchFolder} from '../../support/program.ts'
import {sandboxSpec, type TestServer} from '../../support/servers.ts'
import {BASE, BASE_22, DERP} from '../cases.ts'
import {folderOf, setup} from '../support.ts'

const derp = {'derp.yaml': {text: DERP}}
const key = (digit: string) => ({text: `privkey:${digit.repeat(64)}`, mode: 0o600})
const keys = {'private.key': key('1'), 'noise_private.key': key('2')}

/** Runs `headscale-ts upgrade plan WORDS` in a folder; its path is FOLDER in the output. */
async function plan(folder: string, words: readonly string[], options: Parameters<typeof runHere>[1] = {}) {
  const outcome = await runHere(['upgrade', 'plan', ...words], {cwd: folder, env: {}, ...options})
  const masked = (text: string) => text.replaceAll(folder, 'FOLDER')
  return {...outcome, stdout: masked(outcome.stdout), stderr: masked(outcome.stderr)}
}

async function transcript(folder: string, words: readonly string[], options: Parameters<typeof runHere>[1] = {}) {
  const {stdout, stderr, status} = await plan(folder, words, options)
  const error = stderr === '' ? '' : `--- stderr\n${stderr}`
  return `$ headscale-ts upgrade plan ${words.join(' ')}\n${stdout}${error}--- exit ${status}\n`
}

/** Without the lines to type. */
const summary = (text: string) => text.replaceAll(/^ {4}\S.*\n/gm, '')

const LINES = Array.from({length: 16}, (_, index) => `0.${15 + index}`)

describe('a whole plan', () => {
  test('from 0.22.3 to 0.29, with the files of each step', async () => {
    const policy = `{
  "groups": {"group:admin": ["alice", "carol@example.com"]},
  "hosts": {"web": "10.0.0.1/32"},
  "tagOwners": {"tag:server": ["alice", "group:admin"]},
  "acls": [{"action": "accept", "src": ["alice", "group:admin", "web"], "dst": ["bob:22", "web:80", "tag:server:*"]}],
  "autoApprovers": {"routes": {"10.0.0.0/24": ["alice"]}, "exitNode": ["alice"]},
  "ssh": [{"action": "accept", "src": ["alice"], "dst": ["tag:server", "alice"], "users": ["root"]}],
}
`
    const config = `${BASE_22}# Who may do what.
acl_policy_path: FOLDER/policy.hujson
node_update_check_interval: 10s
ephemeral_node_inactivity_timeout: 30m # half an hour
randomize_client_port: false
`
    const folder = folderOf({config, files: {...derp, ...keys, 'policy.hujson': {text: policy}}})
    const words = ['--from', '0.22.3', '--to', '0.29', 'config.yaml', '--write', 'upgrade']
    await expect(await transcript(folder, words)).toMatchFileSnapshot('golden/whole.txt')
    const tree = readdirSync(join(folder, 'upgrade'), {recursive: true, encoding: 'utf8'}).filter((name) =>
      /\./.test(name.split('/').at(-1)!.slice(5)),
    )
    const read = (name: string) => readFileSync(join(folder, 'upgrade', name), 'utf8').replaceAll(folder, 'FOLDER')
    const texts = tree.sort().map((name) => `==== ${name}\n${read(name)}`)
    await expect(texts.join('')).toMatchFileSnapshot('golden/whole-files.txt')
    expect(statSync(join(folder, 'upgrade/0.23.0/config.yaml')).mode & 0o777).toBe(0o600)
    // The files of each step have no error for its release.
    for (const name of tree.filter((file) => file.endsWith('config.yaml'))) {
      const release = name.split('/')[0]!
      if (release === '0.26.1')
        copyFileSync(join(folder, 'upgrade/0.26.1/policy.hujson'), join(folder, 'policy.hujson'))
      expect((await setup(folder, ['check', join('upgrade', name), '--for', release])).status).toBe(0)
    }
  })

  test('from 0.19 to 0.21, with files in place of packages', async () => {
    const folder = folderOf({config: BASE_22, files: derp})
    const run = await transcript(folder, ['--from', '0.19', '--to', '0.21', 'config.yaml', '--backup', 'backups'])
    await expect(run).toMatchFileSnapshot('golden/without-packages.txt')
  })

  test('of one patch release', async () => {
    const folder = folderOf({config: BASE, files: derp})
    const run = await transcript(folder, ['--from', '0.29.0', '--to', '0.29.3', 'config.yaml'])
    await expect(run).toMatchFileSnapshot('golden/patch.txt')
  })

  test('has the published schema', async () => {
    const folder = folderOf({config: BASE_22, files: derp})
    const {stdout, status} = await plan(folder, ['--from', '0.22', '--to', '0.26', 'config.yaml', '-o', 'json'])
    const document = upgradePlan.parse(JSON.parse(stdout))
    expect(document.steps.map(({release, testedFrom}) => [release, testedFrom])).toEqual([
      ['0.23.0', '0.22.3'],
      ['0.24.3', null],
      ['0.25.1', '0.23.0'],
      ['0.26.1', '0.25.1'],
    ])
    expect([document.from, document.to, document.ready, status]).toEqual(['0.22', '0.26.1', true, 0])
  })
})

describe('from each release', () => {
  test('to 0.30, with the keys and changes of each step', async () => {
    const plans = await Promise.all(
      ['0.15', '0.17', '0.23', '0.26', '0.28'].map(async (from) => {
        const folder = scratchFolder()
        const answers = ['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--base-domain', 'tn.example.com']
        const {stdout} = await setup(folder, ['render', '--release', from, ...answers])
        writeFileSync(join(folder, 'config.yaml'), stdout)
        return summary(await transcript(folder, ['--from', from, '--to', '0.30', 'config.yaml']))
      }),
    )
    await expect(plans.join('\n')).toMatchFileSnapshot('golden/to-0.30.txt')
  })

  test('to each later one, one minor release after the other', async () => {
    const folder = folderOf({config: BASE_22, files: derp})
    for (const from of ['0.22', '0.28']) {
      for (const to of LINES.slice(LINES.indexOf(from) + 1)) {
        const {stdout} = await plan(folder, ['--from', from, '--to', to, 'config.yaml'])
        const found = [...stdout.matchAll(/^Step .*headscale (0\.\d+)\.\d+/gm)].map(([, line]) => line)
        expect(found).toEqual(LINES.slice(LINES.indexOf(from) + 1, LINES.indexOf(to) + 1))
      }
    }
  })

  test('to a release that is there already', async () => {
    const folder = folderOf({config: BASE, files: derp})
    for (const [from, to] of [
      ['0.28', '0.28'],
      ['0.29.7', '0.29'],
      ['0.29.3', '0.29.3'],
      ['0.29.9', '0.29'],
    ] as const) {
      const {stdout, status} = await plan(folder, ['--from', from, '--to', to, 'config.yaml'])
      expect([stdout, status]).toEqual([`headscale ${from} needs no upgrade to ${to}\n`, 0])
    }
  })
})

const OIDC = `oidc:
  issuer: https://sso.example.com
  client_id: headscale
  client_secret: secret
  expiry: 90d
  strip_email_domain: true
`
const RELAY = `derp:
  server:
    enabled: true
    region_id: 999
    region_code: own
    region_name: Own
    stun_listen_addr: 0.0.0.0:3478
`
const withoutDerp = (config: string) => config.replace(/^derp:\n(?: .*\n)+/m, '')

describe('a configuration', () => {
  test.each([
    ['single-sign-on', '0.22.3', '0.29', BASE_22 + OIDC, {}, []],
    ['embedded-relay', '0.22.3', '0.23', withoutDerp(BASE_22) + RELAY, {}, []],
    [
      'new-embedded-relay',
      '0.22.3',
      '0.24',
      withoutDerp(BASE_22).replace(/^private_key_path.*\n/m, '') + RELAY,
      {},
      [],
    ],
    [
      'two-prefixes',
      '0.22.3',
      '0.24',
      BASE_22.replace('  - 100.64.0.0/10', '  - 100.64.0.0/11\n  - 100.96.0.0/11'),
      {},
      [],
    ],
    ['no-names', '0.22.3', '0.26', BASE_22.replace(/^(?:dns_config|ip_prefixes):\n(?: .*\n)+/gm, ''), {}, []],
    [
      'domain',
      '0.22.3',
      '0.26',
      BASE_22.replace('tailnet.example.com', 'example.com').replace('http://127.0.0.1:18480', 'http://hs.example.com'),
      {},
      [],
    ],
    ['client-port', '0.28.0', '0.29', `${BASE}randomize_client_port: true\n`, {}, []],
    [
      'braces',
      '0.22.3',
      '0.23',
      BASE_22.replace(/^dns_config:\n(?: .*\n)+/m, 'dns_config: {magic_dns: true, base_domain: tn.example.com}\n'),
      {},
      [],
    ],
    [
      'postgres',
      '0.25.1',
      '0.26',
      BASE.replace(
        /^ {2}type: sqlite\n(?: {2,}.*\n)+(?=derp)/m,
        '  type: postgres\n  postgres:\n    host: db.example.com\n    port: 5432\n    name: headscale\n    user: hs\n    pass: secret\n',
      ),
      {},
      [],
    ],
    [
      'variables',
      '0.22.3',
      '0.24',
      BASE_22,
      {
        'server.env': {
          text: 'HEADSCALE_DB_TYPE=sqlite3\nHEADSCALE_IP_PREFIXES=100.64.0.0/10\nHEADSCALE_PRIVATE_KEY_PATH=/x\n',
        },
      },
      ['--env-file', 'server.env'],
    ],
    [
      'yaml-policy',
      '0.22.3',
      '0.23',
      `${BASE_22}acl_policy_path: policy.yaml\n`,
      {'policy.yaml': {text: 'acls: []\n'}},
      [],
    ],
    [
      'stored-policy',
      '0.25.1',
      '0.28',
      `${BASE}policy:\n  mode: database\n`,
      {
        'policy.hujson': {
          text: '{"acls": [{"action": "accept", "src": ["alice"], "dst": ["*:*"]}], "ssh": [{"action": "accept", "src": ["alice"], "dst": ["*"], "users": ["root"]}]}\n',
        },
      },
      ['--policy', 'policy.hujson', '--write', 'upgrade'],
    ],
    ['missing-policy', '0.25.1', '0.26', `${BASE}policy:\n  path: /nowhere/policy.hujson\n`, {}, []],
    ['unseen-policy', '0.25.1', '0.26', `${BASE}policy:\n  mode: database\n`, {}, []],
  ])('with %s', async (name, from, to, config, files, flags) => {
    const folder = folderOf({config, files: {...derp, ...files}})
    const run = await transcript(folder, ['--from', from, '--to', to, 'config.yaml', ...flags])
    const isAboutLines = ['stored-policy', 'postgres', 'new-embedded-relay'].includes(name)
    await expect(isAboutLines ? run : summary(run)).toMatchFileSnapshot(`golden/${name}.txt`)
  })
})

describe('an error', () => {
  test.each([
    ['back', ['--from', '0.29', '--to', '0.28', 'config.yaml'], 2],
    ['patch-back', ['--from', '0.29.3', '--to', '0.29.1', 'config.yaml'], 2],
    ['unknown', ['--from', '0.22', '--to', '0.31', 'config.yaml'], 2],
    ['no-release', ['--from', 'latest', '--to', '0.29', 'config.yaml'], 2],
    ['no-target', ['--from', '0.22', 'config.yaml'], 2],
    ['no-file', ['--from', '0.22', '--to', '0.29', 'none.yaml'], 3],
    ['not-yaml', ['--from', '0.22', '--to', '0.29', 'broken.yaml'], 6],
    ['url', ['--from', '0.22', '--to', '0.29', 'https://example.com/config.yaml'], 2],
    // The file names the socket of a server, and none listens.
    ['no-server', ['--to', '0.29', 'config.yaml', '--timeout', '100ms'], 7],
  ])('%s', async (name, words, status) => {
    const folder = folderOf({config: BASE_22, files: {...derp, 'broken.yaml': {text: 'a: [\n'}}})
    const outcome = await plan(folder, words)
    expect(`${outcome.stdout}${outcome.stderr}`).toMatchSnapshot(name)
    expect(outcome.status).toBe(status)
  })
})

test('a file is replaced only after a question', async () => {
  const folder = folderOf({config: BASE_22, files: derp})
  const words = ['--from', '0.22', '--to', '0.23', 'config.yaml', '--write', 'upgrade']
  const path = join(folder, 'upgrade/0.23.0/config.yaml')
  mkdirSync(join(folder, 'upgrade/0.23.0'), {recursive: true})
  writeFileSync(path, '# mine\n')
  const refused = await plan(folder, words)
  expect([refused.status, readFileSync(path, 'utf8')]).toEqual([9, '# mine\n'])
  expect(refused.stderr).toContain('-# mine\n+server_url')
  expect((await plan(folder, words, {answer: false})).status).toBe(9)
  expect((await plan(folder, words, {answer: true})).status).toBe(0)
  expect(readFileSync(path, 'utf8')).toContain('prefixes:\n')
  expect((await plan(folder, [...words, '--force'])).stderr).toContain('unchanged: upgrade/0.23.0/config.yaml\n')
})

async function listNodes(server: TestServer): Promise<{id: string; machineKey: string}[]> {
  const {stdout} = await runHere(['nodes', 'list', '-o', 'json'], {env: server.env})
  return JSON.parse(stdout) as {id: string; machineKey: string}[]
}

describe('a server', () => {
  const seed: SeedData = {
    users: [{name: 'alice'}, {name: 'bob'}],
    nodes: [
      {name: 'web', user: 'alice', tags: ['tag:web'], routes: ['10.0.0.0/24'], approved: ['10.0.0.0/24']},
      {name: 'laptop', user: 'bob'},
      {name: 'phone-x4k2p9q1', user: 'bob'},
    ],
    preAuthKeys: [{user: 'alice', reusable: true}],
  }
  const servers: Record<string, TestServer> = {}
  beforeAll(async () => {
    for (const release of ['0.22', '0.28']) servers[release] = await sandboxSpec(release, 'socket').start(seed)
  })
  afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())))

  test.each(['0.22', '0.28'])('of %s says what the plan means for its nodes', async (release) => {
    const folder = folderOf({config: release === '0.22' ? BASE_22 : `${BASE}policy:\n  mode: database\n`, files: derp})
    const run = await transcript(folder, ['--to', '0.29', 'config.yaml'], {env: servers[release]!.env})
    await expect(summary(run)).toMatchFileSnapshot(`golden/server-${release}.txt`)
  })

  test('of 0.28 says which clients are too old', async () => {
    const nodes = await listNodes(servers['0.28']!)
    const versions = ['1.72.1-t1a2b3c4d5', '1.78.3', '1.80.2-t1a2b3c4d5-g6e7f8a9b0']
    const page = await startDebugPage(
      Object.fromEntries(nodes.map(({id, machineKey}, i) => [id, pageNode(machineKey, {IPNVersion: versions[i]}, [])])),
    )
    try {
      const config = BASE.replace('127.0.0.1:18490', page.address)
      const run = await transcript(folderOf({config, files: derp}), ['--to', '0.30', 'config.yaml'], {
        env: servers['0.28']!.env,
      })
      await expect(summary(run)).toMatchFileSnapshot('golden/old-clients.txt')
    } finally {
      page.close()
    }
  })

  test('of 0.28 says why their versions are not known, with the key of the config file', async () => {
    const {env} = servers['0.28']!
    const closed = folderOf({config: BASE.replace('127.0.0.1:18490', '127.0.0.1:1'), files: derp})
    expect((await plan(closed, ['--to', '0.30', 'config.yaml'], {env})).stdout).toContain(
      'not known (connection refused (http://127.0.0.1:1/debug/nodestore, from metrics_listen_addr)).',
    )
    const without = folderOf({config: BASE.replace(/^metrics_listen_addr.*\n/m, ''), files: derp})
    expect((await plan(without, ['--to', '0.30', 'config.yaml'], {env})).stdout).toContain(
      'not known (metrics_listen_addr is not known).',
    )
  })

  test('with two users of one name, whom its policy names, must change first', async () => {
    const server = await sandboxSpec('0.28', 'socket').start({
      users: [{name: 'bob'}, {name: 'bob', email: 'bob@example.com', provider: 'oidc', providerId: 'https://sso/1'}],
      policy: '{"acls": [{"action": "accept", "src": ["bob@"], "dst": ["*:*"]}]}',
    })
    try {
      const folder = folderOf({config: `${BASE}policy:\n  mode: database\n`, files: derp})
      const {stdout, status} = await plan(folder, ['--to', '0.29.3', 'config.yaml'], {env: server.env})
      expect(stdout).toContain('  1. policy:1:40: "bob@" means 2 users (before 0.29.3)\n')
      expect(status).toBe(1)
    } finally {
      await server.close()
    }
  })

  test('is found by the config file of the plan', async () => {
    const {HEADSCALE_UNIX_SOCKET: socket} = servers['0.22']!.env
    const folder = folderOf({config: BASE_22.replace('FOLDER/headscale.sock', socket!), files: derp})
    expect((await plan(folder, ['--to', '0.23', 'config.yaml'])).stdout).toMatch(
      /^headscale 0\.21 to 0\.23\.0: 2 steps/,
    )
  })
})
