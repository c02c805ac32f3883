/**
 * `upgrade plan` followed literally: a real 0.22.3 with users, keys, routes and joined clients becomes a real 0.29.3, one release after
 * the other, by the lines and the files of one plan.
 *
 * Every line runs in a shell. Of its programs, systemctl is the harness of the tests, wget and apt-get put the program of the release
 * in place, and runuser changes no user; the rest is as on a server. 0.24 is not served as a Go module: its step is left out.
 */
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'

import {TESTED_RELEASES} from '../../../src/setup/upgrade/releases.ts'
import {run} from '../../servers/process.ts'
import {PROGRAMS, runHere, scratchFolder} from '../../support/program.ts'
import {available, type RealHeadscale, startHeadscale} from '../../support/real-servers.ts'
import {startTailnet, tailnetAvailable, type Tailnet} from '../../support/real-tailnet.ts'

const missing =
  TESTED_RELEASES.find((version) => !available(version).ok || !tailnetAvailable(version).ok) ??
  ['sqlite3', 'dpkg'].find((program) => !existsSync(join('/usr/bin', program)))
if (missing !== undefined)
  console.error(`left out: an upgrade over ${TESTED_RELEASES.join(', ')}; ${missing} is missing`)

const POLICY = `{
  // Who may do what.
  "groups": {"group:admin": ["alice"]},
  "tagOwners": {"tag:server": ["alice", "group:admin"]},
  "acls": [
    {"action": "accept", "src": ["group:admin", "bob"], "dst": ["*:*"]},
    {"action": "accept", "src": ["tag:server"], "dst": ["alice:22", "tag:server:*"]},
  ],
  "autoApprovers": {"routes": {"10.20.0.0/24": ["alice"]}},
}
`

interface Step {
  release: string
  head: string
  lines: string[]
}

/** The steps of a plan as a person reads them, and the lines at its end. */
function stepsOf(text: string): {steps: Step[]; restore: string[]} {
  const lines = (block: string) => [...block.matchAll(/^ {4}(?! )(.*)$/gm)].map(([, line]) => line!)
  const [before, end = ''] = text.split(/^(?=To go back)/m)
  const steps = before!.split(/^(?=Step \d)/m).slice(1)
  return {
    steps: steps.map((block) => ({
      release: /headscale (\S+)/.exec(block)![1]!,
      head: block.split('\n')[0]!,
      lines: lines(block),
    })),
    restore: lines(end),
  }
}

/** @returns a function that runs one printed line, with the programs of a server as far as a test can have them */
function typist(folder: string, server: RealHeadscale): (line: string) => Promise<string> {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const script = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  script('wget', 'case $1 in https://github.com/juanfont/headscale/releases/download/v0.*.deb) exit 0;; esac; exit 1')
  script('apt-get', 'exit 0')
  script('runuser', 'shift 3; exec "$@"')
  script('headscale', 'exec "$HEADSCALE_PROGRAM" "$@"')
  script('headscale-ts', `exec ${PROGRAMS['npm program'].map((word) => `'${word}'`).join(' ')} "$@"`)
  const units: Record<string, () => Promise<void>> = {
    stop: () => server.halt(),
    start: () => server.start(),
    restart: () => server.restart(),
  }
  return async (line) => {
    const [, verb] = /^systemctl (\w+) headscale\b/.exec(line) ?? []
    const [, set, name, value] = /^systemctl (set|unset)-environment (\w+)=?(\w*)$/.exec(line) ?? []
    if (verb !== undefined) await units[verb]!()
    else if (set === 'set') server.env[name!] = value
    else if (set === 'unset') delete server.env[name!]
    else {
      const {HEADSCALE_POLICY_V1: _, ...inherited} = server.env
      const env = {...inherited, PATH: `${bin}:${process.env.PATH}`, HEADSCALE_PROGRAM: server.bin}
      const {code, stdout, stderr} = await run(['sh', '-c', line], {cwd: folder, env})
      expect(code, `${line}\n${stdout}${stderr}`).toBe(0)
      const [, installed] = /^apt-get .*headscale_([\d.]+)_linux/.exec(line) ?? []
      if (installed !== undefined) server.install(installed)
      return stdout
    }
    return ''
  }
}

describe.skipIf(missing !== undefined)('an upgrade from 0.22.3 to 0.29.3', () => {
  let tailnet: Tailnet
  let folder: string
  let policy: string
  let keys: {alice: string; server: string}
  let before: Awaited<ReturnType<typeof state>>
  let planned: ReturnType<typeof stepsOf>
  let type: ReturnType<typeof typist>

  const ours = async (words: string[]) => {
    const {status, stdout, stderr} = await runHere(words, {env: {HEADSCALE_CONFIG: tailnet.headscale.configPath}})
    if (status > 1) throw new Error(`${words.join(' ')}: ${stderr}`)
    return {status, stdout, stderr}
  }
  const list = async (...words: string[]) =>
    JSON.parse((await ours([...words, '-o', 'json'])).stdout) as Record<string, unknown>[]

  /** What must be the same on each release. */
  async function state() {
    const pick = (objects: Record<string, unknown>[], ...names: string[]) =>
      objects.map((object) => Object.fromEntries(names.map((name) => [name, object[name]])))
    const nodes = await list('nodes', 'list')
    const preAuthKeys = await list('preauthkeys', 'list')
    const routes = await list('routes', 'list')
    return {
      users: pick(await list('users', 'list'), 'id', 'name'),
      nodes: pick(nodes, 'id', 'name', 'givenName', 'machineKey', 'nodeKey', 'ipAddresses', 'tags', 'user').map(
        (node) => ({
          ...node,
          // From 0.28 on a node with tags has no user, as the plan says.
          user: (node['tags'] as string[]).length > 0 ? null : (node['user'] as {name: string}).name,
          ipAddresses: [...(node['ipAddresses'] as string[])].sort(),
        }),
      ),
      keys: pick(preAuthKeys, 'reusable', 'ephemeral', 'used', 'expiration'),
      // From 0.28 on the server writes *** after it.
      apiKeys: pick(await list('apikeys', 'list'), 'id', 'prefix', 'expiration').map((key) => ({
        ...key,
        prefix: String(key['prefix']).replace(/\*+$/, ''),
      })),
      routes: routes
        .map(({prefix, advertised, enabled, node}) => `${prefix} ${advertised} ${enabled} ${JSON.stringify(node)}`)
        .sort(),
    }
  }

  async function clients() {
    return Promise.all(
      tailnet.clients.slice(0, 3).map(async (client) => {
        const {BackendState, TailscaleIPs, Self} = await client.status()
        // 0.22 sends them in another order after each start.
        const addresses = [...(TailscaleIPs ?? [])].sort()
        return {host: client.hostname, BackendState, addresses, key: Self.PublicKey, online: Self.Online}
      }),
    )
  }

  function overRest(key: string) {
    const command = [...PROGRAMS['npm program'], 'users', 'list', '--address', tailnet.headscale.url, '-o', 'json']
    return tailnet.exec(command, {env: {PATH: process.env.PATH, HEADSCALE_CLI_API_KEY: key}})
  }

  beforeAll(async () => {
    folder = scratchFolder()
    policy = join(folder, 'policy.hujson')
    writeFileSync(policy, POLICY)
    tailnet = await startTailnet({
      version: '0.22.3',
      clients: ['alpha', 'beta', 'gamma', 'delta'],
      relay: 'pin',
      config: {
        acl_policy_path: policy,
        node_update_check_interval: '10s',
        ephemeral_node_inactivity_timeout: '30m',
        randomize_client_port: false,
        dns_config: {magic_dns: true, base_domain: 'tn.example.com', nameservers: ['192.0.2.53'], domains: []},
      },
    })
    const {cli} = tailnet.headscale
    for (const user of ['alice', 'bob']) await cli(['users', 'create', user])
    const keyOf = async (...flags: string[]) =>
      (await cli(['preauthkeys', 'create', '--expiration', '24h', '--reusable', ...flags])).stdout
        .trim()
        .split('\n')
        .at(-1)!
    keys = {alice: await keyOf('--user', 'alice'), server: await keyOf('--user', 'alice', '--tags', 'tag:server')}
    const bob = await keyOf('--user', 'bob')
    const [alpha, beta, gamma] = tailnet.clients
    await alpha!.up(['--auth-key', keys.alice, '--advertise-routes', '10.10.0.0/24', '--advertise-exit-node'])
    await beta!.up(['--auth-key', bob])
    await gamma!.up(['--auth-key', keys.server])
    for (const client of [alpha!, beta!, gamma!]) await client.joined()
    const prefixes = async () => (await list('routes', 'list')).map(({prefix}) => String(prefix))
    await vi.waitFor(async () => expect(new Set(await prefixes()).size).toBe(3), {timeout: 15_000, interval: 200})
    // On a busy machine 0.22.3 stores a route of a new node twice.
    const twice = 'DELETE FROM routes WHERE id NOT IN (SELECT MIN(id) FROM routes GROUP BY machine_id, prefix)'
    const {stderr, code} = await run([
      'sqlite3',
      '-cmd',
      '.timeout 5000',
      join(tailnet.headscale.folder, 'db.sqlite'),
      twice,
    ])
    expect(code, stderr).toBe(0)
    await ours(['routes', 'enable', '-i', 'name:alpha', '-r', '10.10.0.0/24,0.0.0.0/0,::/0'])

    type = typist(folder, tailnet.headscale)
  }, 120_000)
  afterAll(() => tailnet?.stop())

  test('is planned without a problem', async () => {
    before = await state()
    expect(before.nodes).toHaveLength(3)
    const {configPath} = tailnet.headscale
    const words = ['--write', join(folder, 'upgrade'), '--backup', join(folder, 'backups')]
    const {status, stdout, stderr} = await ours(['upgrade', 'plan', '--to', '0.29.3', configPath, ...words])
    expect(stdout).toContain(`are rejected: create new ones: ${tailnet.headscale.apiKey.split('.')[0]} (id 1).`)
    expect(stdout).toContain('Nothing stands in the way.')
    expect(stderr).toContain('the plan begins with 0.21')
    expect(status).toBe(0)
    const exact = await ours(['upgrade', 'plan', '--from', '0.22.3', '--to', '0.29.3', configPath, ...words])
    planned = stepsOf(exact.stdout)
    expect(planned.steps.map(({release}) => release)).toEqual([
      ...['0.23.0', '0.24.3', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3'],
    ])
    expect(planned.steps[1]!.head).toContain('(this upgrade was not tested)')
  })

  test('lists the versions of clients by its line', async () => {
    const {stdout} = await ours(['upgrade', 'plan', '--from', '0.22.3', '--to', '0.29.3', tailnet.headscale.configPath])
    const line = /^ {4}(sqlite3 .*)$/m.exec(stdout)![1]!
    expect(
      (await type(line))
        .trim()
        .split('\n')
        .map((row) => row.trim().split(/\s+/)[1]),
    ).toEqual(Array.from({length: 3}, () => expect.stringMatching(/^1\.102\.5/)))
  })

  test.each(TESTED_RELEASES.slice(1))(
    'reaches %s with the same users, nodes, keys and routes, and the clients go on',
    async (release) => {
      const joined = await clients()
      const step = planned.steps.find((one) => one.release === release)!
      let said = ''
      for (const line of step.lines) said = await type(line)
      expect(tailnet.headscale.version).toBe(release)
      expect(said).toContain(`headscale ${release.startsWith('0.25') ? '0.24 or 0.25' : release.slice(0, 4)}`)
      await expect
        .poll(async () => (await list('nodes', 'list')).map(({online}) => online), {timeout: 60_000})
        .toEqual([true, true, true])
      expect(await state()).toEqual(before)
      await expect.poll(clients, {timeout: 30_000}).toEqual(joined)
      expect(joined.map(({BackendState}) => BackendState)).toEqual(['Running', 'Running', 'Running'])
      // headscale 0.28 rejects API keys of 0.22, as the plan says.
      const isRejected = ['0.28.0', '0.29.3'].includes(release)
      expect((await overRest(tailnet.headscale.apiKey)).code).toBe(isRejected ? 4 : 0)
    },
    150_000,
  )

  test('ends with the policy in force, keys that still work, and packets between the nodes', async () => {
    expect(readFileSync(policy, 'utf8')).toBe(
      POLICY.replaceAll('"alice"', '"alice@"').replace('"bob"', '"bob@"').replace('alice:22', 'alice@:22'),
    )
    const [, beta, , delta] = tailnet.clients
    const key = (await ours(['apikeys', 'create'])).stdout.trim()
    expect(JSON.parse((await overRest(key)).stdout)).toHaveLength(2)
    await ours(['apikeys', 'delete', key])
    // This key was made by 0.22.3.
    await delta!.up(['--auth-key', keys.alice])
    await delta!.joined()
    const ping = async () =>
      (await beta!.cli(['ping', '-c', '1', '--until-direct=false', '--timeout', '2s', '100.64.0.1'])).stdout
    await expect.poll(ping, {timeout: 20_000}).toMatch(/^pong from alpha /)
  }, 60_000)

  test('goes back by one step with its backup', async () => {
    const archive = readdirSync(join(folder, 'backups')).find((name) => name.startsWith('before-0.29.3-'))!
    for (const line of planned.restore) {
      await type(
        line
          .replace('ARCHIVE', join(folder, 'backups', archive))
          .replace('PACKAGE_OF_THE_RELEASE_BEFORE', 'headscale_0.28.0_linux_amd64.deb'),
      )
    }
    expect(tailnet.headscale.version).toBe('0.28.0')
    expect(await state()).toEqual(before)
  }, 60_000)
})

describe.skipIf(missing !== undefined)('a policy in the database of 0.25.1', () => {
  let server: RealHeadscale
  beforeAll(async () => {
    server = await startHeadscale({version: '0.25.1'})
  })
  afterAll(() => server?.stop())

  test('gets the names that 0.26.1 needs, on the way', async () => {
    const folder = scratchFolder()
    const env = {HEADSCALE_CONFIG: server.configPath}
    await server.cli(['users', 'create', 'alice'])
    writeFileSync(join(folder, 'policy.hujson'), '{"acls": [{"action": "accept", "src": ["alice"], "dst": ["*:*"]}]}\n')
    expect((await runHere(['policy', 'set', '-f', join(folder, 'policy.hujson')], {env})).status).toBe(0)
    const words = ['--write', join(folder, 'upgrade'), '--backup', join(folder, 'backups')]
    const plan = await runHere(['upgrade', 'plan', '--to', '0.26.1', ...words], {env})
    expect([plan.status, plan.stderr]).toEqual([0, expect.stringContaining('the plan begins with 0.24')])
    const type = typist(folder, server)
    // 0.24.3, 0.25.1 and 0.26.1; the server is 0.25.1.
    for (const line of stepsOf(plan.stdout).steps.at(-1)!.lines) await type(line)
    expect(server.version).toBe('0.26.1')
    expect((await runHere(['policy', 'get'], {env})).stdout).toContain('"src": ["alice@"]')
  })
})
