/** `setup join`: where the address comes from, when a key is created, and what is refused before that. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type InProcess, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const URL_FLAG = ['--server-url', 'https://hs.example.com']
const servers = new Map<string, TestServer>()
beforeAll(async () => {
  for (const release of ['0.15', '0.22', '0.28', '0.29']) {
    servers.set(release, await startTestSandbox({release, seed: {users: [{name: 'ada'}]}}))
  }
  servers.set('REST', await startTestSandbox({release: '0.29', via: 'REST', seed: {users: [{name: 'ada'}]}}))
})
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())))

const run = (release: string, argv: readonly string[], options: InProcess = {}) =>
  runHere(['setup', 'join', ...argv], {...options, env: {...servers.get(release)!.env, ...options.env}})

async function keys(release: string): Promise<{id: string; key: string; [field: string]: unknown}[]> {
  const {stdout} = await runHere(['preauthkeys', 'list', '-u', 'ada', '-o', 'json'], {env: servers.get(release)!.env})
  return JSON.parse(stdout) as {id: string; key: string}[]
}

describe('a key', () => {
  test('is created and printed once, with the flags of the key', async () => {
    const flags = ['--user', 'ada', '--tag', 'tag:a', '--tag', 'tag:a,tag:b', '--reusable', '--ephemeral', '-e', '2h']
    const now = new Date('2026-11-27T12:00:00Z')
    const {status, stdout, stderr} = await run('0.29', [...URL_FLAG, ...flags], {now: () => now})
    expect([status, stderr]).toEqual([0, ''])
    const [, secret] = /--auth-key (\S+) --accept-routes\n$/.exec(stdout) ?? []
    expect(stdout).toBe(
      '# As root, on a machine with Tailscale 1.80 or later (https://tailscale.com/download/linux):\n' +
        `tailscale up --login-server https://hs.example.com --auth-key ${secret} --accept-routes\n`,
    )
    expect((await keys('0.29')).at(-1)).toMatchObject({
      reusable: true,
      ephemeral: true,
      expiration: '2026-11-27T14:00:00Z',
      aclTags: ['tag:a', 'tag:b'],
    })
  })

  test('lives for an hour', async () => {
    const now = new Date('2026-11-27T12:00:00Z')
    await run('0.22', [...URL_FLAG, '-u', 'ada'], {now: () => now})
    expect((await keys('0.22')).at(-1)).toMatchObject({reusable: false, expiration: '2026-11-27T13:00:00Z'})
  })

  test('is not created by a dry run, which shows the lines', async () => {
    const before = await keys('0.29')
    const {status, stdout, stderr} = await run('0.29', [...URL_FLAG, '-u', 'ada', '--dry-run'])
    expect([status, stdout, stderr]).toEqual([
      0,
      '',
      'would create a pre-auth key for ada (id 1)\n' +
        '# As root, on a machine with Tailscale 1.80 or later (https://tailscale.com/download/linux):\n' +
        'tailscale up --login-server https://hs.example.com --auth-key PRE-AUTH-KEY --accept-routes\n',
    ])
    expect(await keys('0.29')).toEqual(before)
  })

  test('is not created without a user or a tag', async () => {
    const before = await keys('0.29')
    const {status, stdout, stderr} = await run('0.29', URL_FLAG)
    expect(status).toBe(0)
    expect(stdout).toContain('\ntailscale up --login-server https://hs.example.com --accept-routes\n')
    expect(stderr).toBe(
      'note: the node shows the address of a page: log in there, or register the key that it shows: ' +
        'headscale-ts auth register --user USER --auth-id KEY\n',
    )
    expect(await keys('0.29')).toEqual(before)
  })

  test.for([
    ['0.29', ['-u', 'nobody'], 3, 'user "nobody" not found'],
    ['0.29', ['-u', 'ada', '--tag', 'a'], 2, 'invalid tag "a": it must start with tag:'],
    ['0.29', ['-u', 'ada', '--subnet', '192.168.100.7/24'], 2, '192.168.100.7/24 has bits set after its prefix length'],
    ['0.29', ['-u', 'ada', '--subnet', 'fd00:1::1/64'], 2, 'fd00:1::1/64 has bits set after its prefix length'],
    ['0.29', ['-u', 'ada', '--subnet', '192.168.100.0'], 2, 'invalid prefix "192.168.100.0"'],
    ['0.29', ['-u', 'ada', '--subnet', '::/0'], 2, '::/0 is no network of a subnet router'],
    ['0.29', ['-u', 'ada', '--hostname', 'A b'], 2, 'invalid host name "A b"'],
    ['0.29', ['-u', 'ada', '--on', 'bsd'], 2, 'invalid value "bsd" for --on'],
    ['0.29', ['-u', 'ada', '--on', 'ios'], 2, '--user and --tag cannot be used with --on ios'],
    ['0.29', ['-u', 'ada', '--on', 'android', '--hostname', 'x'], 2, '--hostname cannot be used with --on android'],
    [
      '0.29',
      ['-u', 'ada', '--on', 'android', '--subnet', '10.0.0.0/8'],
      2,
      '--subnet cannot be used with --on android',
    ],
    ['0.29', ['--on', 'ios', '--exit-node'], 2, '--exit-node cannot be used with --on ios'],
    ['0.29', ['--on', 'ios', '--accept-dns'], 2, '--accept-routes and --accept-dns cannot be used with --on ios'],
    ['0.29', ['-u', 'ada', '--qr'], 2, '--qr needs a terminal'],
    ['0.29', ['--reusable'], 2, '--reusable, --ephemeral and --expiration are for a pre-auth key'],
    ['0.29', ['-u', 'ada', '-e', '0s'], 2, 'expiration must be positive'],
    ['0.22', ['--tag', 'tag:a'], 2, 'a pre-auth key needs a user'],
    [
      '0.15',
      ['-u', 'ada', '--tag', 'tag:a'],
      8,
      '"setup join --tag" needs headscale 0.17 or later; the server is 0.15',
    ],
  ] as const)('is not created, and nothing printed: %s %j', async ([release, flags, code, message]) => {
    const before = await keys(release)
    for (const more of [[], ['--dry-run']]) {
      const {status, stdout, stderr} = await run(release, [...URL_FLAG, ...flags, ...more])
      expect([status, stdout, stderr.split('\n')[0]]).toEqual([code, '', `error: ${message}`])
    }
    expect(await keys(release)).toEqual(before)
  })
})

describe('the address', () => {
  const lineOf = (stdout: string) => /--login-server (\S+)/.exec(stdout)?.[1]

  function config(text: string): string {
    const path = join(scratchFolder(), 'config.yaml')
    writeFileSync(path, text)
    return path
  }

  test('is server_url of the config file, on the machine of the server', async () => {
    const socket = servers.get('0.29')!.env.HEADSCALE_UNIX_SOCKET
    const path = config(`server_url: https://hs.example.com:8443/\nunix_socket: ${socket}\n`)
    for (const [argv, env] of [
      [['-c', path], {}],
      [[], {HEADSCALE_CONFIG: path}],
    ] as const) {
      const {status, stdout} = await run('0.29', argv, {env})
      expect([status, lineOf(stdout)]).toEqual([0, 'https://hs.example.com:8443'])
    }
    const {stdout} = await run('0.29', ['-c', path, '--server-url', 'HTTPS://Other.Example/'])
    expect(lineOf(stdout)).toBe('https://other.example')
  })

  test('is that of the REST API, with a warning where it leads each machine to itself', async () => {
    const url = servers.get('REST')!.env.HEADSCALE_CLI_ADDRESS!
    const {status, stdout, stderr} = await run('REST', ['-u', 'ada'])
    expect([status, lineOf(stdout)]).toEqual([0, url])
    expect(stderr).toBe(`warning: ${url} is the node itself for every other machine: pass --server-url\n`)
    const path = config('server_url: https://hs.example.com\n')
    expect(lineOf((await run('REST', ['-u', 'ada'], {env: {HEADSCALE_CONFIG: path}})).stdout)).toBe(
      'https://hs.example.com',
    )
  })

  test('is never guessed', async () => {
    const before = await keys('0.29')
    for (const path of [undefined, config('server_url: hs.example.com\n')]) {
      const {status, stdout, stderr} = await run('0.29', ['-u', 'ada'], {env: {HEADSCALE_CONFIG: path}})
      expect([status, stdout, stderr]).toEqual([
        2,
        '',
        'error: the address of the server for clients is not known\n' +
          "hint: pass --server-url URL, or headscale's config file with -c\n",
      ])
    }
    expect(await keys('0.29')).toEqual(before)
  })

  test.for([
    'hs.example.com',
    'ftp://hs.example.com',
    'https://a b',
    'https://u:p@hs',
    'https://hs/?k=1',
    "https://hs/'x",
  ])('is refused: %s', async (url) => {
    const {status, stderr} = await run('0.29', ['--server-url', url])
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: invalid value .* for --server-url\n/)])
  })
})

describe('what follows', () => {
  test('registration, in the words of the release', async () => {
    const {stderr} = await run('0.28', URL_FLAG)
    expect(stderr).toContain(': headscale-ts nodes register --user USER --key KEY\n')
  })

  test('the routes of a router', async () => {
    const flags = ['-u', 'ada', '--hostname', 'nas', '--subnet', '10.0.0.0/8', '--subnet', 'FD00:1::/64', '--exit-node']
    const {stderr} = await run('0.15', [...URL_FLAG, ...flags])
    expect(stderr).toBe(
      'note: once the node is there, enable its routes, unless autoApprovers in the policy do: ' +
        'headscale-ts routes enable -i nas -r 10.0.0.0/8,fd00:1::/64 --exit-node\n',
    )
  })
})

test('-o json has all of it', async () => {
  const flags = ['-u', 'ada', '--subnet', '10.0.0.0/8', '-o', 'json']
  const {status, stdout, stderr} = await run('0.28', [...URL_FLAG, ...flags])
  expect([status, stderr]).toEqual([0, ''])
  const {key, lines, ...rest} = JSON.parse(stdout) as {key: {key: string}; lines: string[]}
  expect(lines).toHaveLength(4)
  expect(lines.at(-1)).toContain(` --auth-key ${key.key} `)
  expect(rest).toEqual({
    platform: 'linux',
    serverUrl: 'https://hs.example.com',
    minimumClient: '1.74',
    next: ['headscale-ts routes enable -i NODE -r 10.0.0.0/8'],
  })
})

test('--qr shows the address and the key', async () => {
  const {status, stdout} = await run('0.29', [...URL_FLAG, '--on', 'android', '-u', 'ada', '--qr'], {terminal: true})
  expect(status).toBe(0)
  const codes = stdout.split(/\nThe (?:URL of the server|pre-auth key):\n/)
  expect(codes.map((text) => text.trimEnd().split('\n').length)).toEqual([6, 15, 21])
})
