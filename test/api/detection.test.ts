/**
 * Detection of the release: each of the fourteen groups over its socket and at an address, with servers that have
 * exactly the operations of the group. And the cache of detected releases.
 */
import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {connect, type ConnectHost} from '../../src/api/connect.ts'
import {RELEASE_GROUPS, type ReleaseGroup, findReleaseGroup} from '../../src/api/releases.ts'
import type {ServerTarget} from '../../src/config/target.ts'
import {grpcOf, httpOf, strangerOnSocket} from '../support/fake-releases.ts'
import {scratchFolder} from '../support/program.ts'
import {listenOnPort, temporaryFolder} from '../wire/support/servers.ts'

const nowhere: ConnectHost = {env: {}, home: null, now: () => new Date()}

const SOURCE = {kind: 'flag', name: 'the test'} as const
const socketTarget = (path: string): ServerTarget => ({
  kind: 'socket',
  path,
  timeoutMs: 5000,
  debugListener: null,
  source: SOURCE,
})
const remoteTarget = (url: string): ServerTarget => ({
  kind: 'remote',
  url: new URL(url),
  apiKey: 'abc.def',
  apiKeySource: SOURCE,
  insecure: false,
  caFile: null,
  timeoutMs: 5000,
  debugListener: null,
  source: SOURCE,
})

/** The releases a server is taken for, and what of it is known. */
async function detected(target: ServerTarget, host = nowhere): Promise<string> {
  const {api, close} = await connect(target, host)
  close()
  return api.server.releases
}

const group = (id: string): ReleaseGroup => findReleaseGroup(id)!

/** As people write them; the table the README and `version` speak of. */
const RELEASES = [
  '0.15',
  '0.16',
  '0.17',
  '0.18',
  '0.19 or 0.20',
  '0.21 or 0.22',
  '0.23',
  '0.24 or 0.25',
  '0.26',
  '0.27.0',
  '0.27.1',
  '0.28',
  '0.29',
  '0.30',
]

test('there are fourteen groups', () => {
  expect(RELEASE_GROUPS.map(({releases}) => releases)).toEqual(RELEASES)
})

describe('over a socket', () => {
  test.for(RELEASE_GROUPS.filter(({messageSet}) => messageSet !== null))('$id', async (one) => {
    const {path} = await grpcOf(one)
    expect(await detected(socketTarget(path))).toBe(one.releases)
  })

  test('0.30, which speaks HTTP there', async () => {
    const {at} = await httpOf(group('0.30'), {})
    expect(await detected(socketTarget(at))).toBe('0.30')
  })

  test.for([
    ['0.16', '0.17'],
    ['0.17', '0.17'],
    ['0.27.0', '0.27.0'],
    ['0.27.1', '0.27.0'],
  ])('%s without reflection counts as %s', async ([id, taken]) => {
    const {path} = await grpcOf(group(id!), {reflects: false})
    expect(await detected(socketTarget(path))).toBe(group(taken!).releases)
  })

  test('runs nothing: every probe has a payload that cannot be decoded', async () => {
    const {path, asked} = await grpcOf(group('0.29'))
    await detected(socketTarget(path))
    expect(asked().toSorted()).toEqual(
      [
        'AuthRegister',
        'DeletePreAuthKey',
        'DeleteRoute',
        'GetRoutes',
        'GetUser',
        'Health',
        'ListNamespaces',
        'ListNodes',
        'ListUsers',
        'SetApprovedRoutes',
        'SetTags',
      ].map((rpc) => `/headscale.v1.HeadscaleService/${rpc}`),
    )
  })

  test('rejects another gRPC server', async () => {
    const {path} = await grpcOf({...group('0.15'), operations: new Set()})
    await expect(detected(socketTarget(path))).rejects.toMatchObject({
      exitCode: 7,
      message: `the socket ${path} is not a headscale server`,
    })
  })

  test('rejects another HTTP server', async () => {
    const path = await strangerOnSocket()
    await expect(detected(socketTarget(path))).rejects.toMatchObject({
      exitCode: 7,
      message: `expected headscale at the socket ${path}, got another server (HTTP 200)`,
    })
  })
})

describe('at an address', () => {
  test.for([...RELEASE_GROUPS])('$id', async (one) => {
    const {at, seen} = await httpOf(one, 'address')
    expect(await detected(remoteTarget(at))).toBe(one.releases)
    expect(seen.filter(({headers}) => headers.authorization !== undefined)).toEqual([])
  })

  test.for([
    [502, {}, 'unreachable', /^the proxy at .* cannot reach headscale \(HTTP 502\)$/],
    [429, {}, 'unreachable', /too many requests/],
    [403, {}, 'permission-denied', /denies access/],
    [302, {location: 'https://login.example.com/'}, 'unreachable', /redirects to https:\/\/login\.example\.com\//],
  ] as const)(
    'distinguishes a proxy that answers %i from a wrong address',
    async ([status, headers, code, message]) => {
      const server = createServer((_, response) => response.writeHead(status, {...headers}).end('<html>'))
      const at = `http://127.0.0.1:${await listenOnPort(server)}`
      await expect(detected(remoteTarget(at))).rejects.toMatchObject({code, message: expect.stringMatching(message)})
    },
  )

  test('below a path', async () => {
    const {at} = await httpOf(group('0.29'), 'address')
    await expect(detected(remoteTarget(`${at}/headscale/`))).rejects.toMatchObject({exitCode: 7})
  })
})

describe('the cached release of a socket', () => {
  const remembering = (): ConnectHost & {folder: string} => {
    const cache = scratchFolder()
    return {
      env: {XDG_CACHE_HOME: cache},
      home: null,
      readsOnly: true,
      now: () => new Date(),
      folder: join(cache, 'headscale-ts/detected'),
    }
  }
  const entries = (folder: string) => readdirSync(folder).map((name) => join(folder, name))

  test('saves the next call its probes, in a file that no other user can read', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.17'))
    expect(await detected(socketTarget(path), host)).toBe('0.17')
    expect(asked().length).toBeGreaterThan(0)
    expect(await detected(socketTarget(path), host)).toBe('0.17')
    expect(asked()).toEqual([])
    const files = entries(host.folder)
    expect(files.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600'])
    expect((statSync(host.folder).mode & 0o777).toString(8)).toBe('700')
    expect(readFileSync(files[0]!, 'utf8')).toBe('0.17\n')
  })

  test('is used in the millisecond in which it was written', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.17'))
    await detected(socketTarget(path), host)
    asked()
    const second = Math.floor(Date.now() / 1000)
    utimesSync(entries(host.folder)[0]!, second, second + 0.0007)
    await detected(socketTarget(path), {...host, now: () => new Date(second * 1000)})
    expect(asked()).toEqual([])
  })

  test('is not used for a call that can change something', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.28'))
    await detected(socketTarget(path), host)
    const first = asked().length
    await detected(socketTarget(path), {...host, readsOnly: false})
    expect(asked().length).toBe(first)
  })

  test('is confirmed during the first call, by the methods that distinguish the release from all others', async () => {
    const host = remembering()
    for (const [id, probes] of [
      ['0.29', ['AuthRegister']],
      ['0.28', ['AuthRegister', 'DeletePreAuthKey']],
      ['0.21', ['DeleteRoute', 'GetUser', 'ListNodes']],
    ] as const) {
      const {path, asked} = await grpcOf(group(id))
      await detected(socketTarget(path), host)
      asked()
      const {api, close} = await connect(socketTarget(path), host)
      await Promise.all([api.users.list().catch(() => {}), api.apiKeys.list().catch(() => {})])
      close()
      const calls = ['ListUsers', 'ListApiKeys']
      const names = asked().map((name) => name.split('/').at(-1)!)
      expect(names.toSorted()).toEqual([...probes, ...calls].toSorted())
    }
  })

  test('is not used for a change, even by a command that says it only reads', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.29'))
    await detected(socketTarget(path), host)
    asked()
    const {api, close} = await connect(socketTarget(path), host)
    await expect(api.users.create({name: 'new'})).rejects.toMatchObject({code: 'bad-reply'})
    close()
    expect(asked()).toEqual([])
  })

  test('is not used for a socket that was created again', async () => {
    const host = remembering()
    const path = join(temporaryFolder(), 's.sock')
    await grpcOf(group('0.15'), {path})
    expect(await detected(socketTarget(path), host)).toBe('0.15')
    rmSync(path)
    await grpcOf(group('0.29'), {path})
    expect(await detected(socketTarget(path), host)).toBe('0.29')
  })

  test('expires after an hour', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.17'))
    await detected(socketTarget(path), host)
    asked()
    const later = new Date(Date.now() + 61 * 60_000)
    await detected(socketTarget(path), {...host, now: () => later})
    expect(asked().length).toBeGreaterThan(0)
  })

  test.for(['', '\n', '9.99\n', 'rubbish rubbish rubbish'])('is ignored if the file contains %j', async (text) => {
    const host = remembering()
    const {path} = await grpcOf(group('0.17'))
    await detected(socketTarget(path), host)
    writeFileSync(entries(host.folder)[0]!, text)
    expect(await detected(socketTarget(path), host)).toBe('0.17')
  })

  test('is used for the HTTP of 0.30 too', async () => {
    const host = remembering()
    const {at, seen} = await httpOf(group('0.30'), {})
    await detected(socketTarget(at), host)
    const first = seen.length
    expect(await detected(socketTarget(at), host)).toBe('0.30')
    expect([first > 0, seen.length - first]).toEqual([true, 0])
  })

  test('is not used if its time is in the future: the clock was set back', async () => {
    const host = remembering()
    const {path, asked} = await grpcOf(group('0.17'))
    await detected(socketTarget(path), host)
    asked()
    const before = new Date(Date.now() - 60_000)
    await detected(socketTarget(path), {...host, now: () => before})
    expect(asked().length).toBeGreaterThan(0)
  })

  test('is removed when it is old; other files stay', async () => {
    const host = remembering()
    mkdirSync(host.folder, {recursive: true, mode: 0o700})
    const old = ['socket-1-2-3', 'socket-1-2-3.draft-77-abc', 'address-https%3A%2F%2Fexample.com%2F']
    const others = ['notes.txt', 'socket-mine', 'socket-1-2-3.bak']
    for (const name of [...old, ...others]) writeFileSync(join(host.folder, name), 'x')
    symlinkSync('/etc/hostname', join(host.folder, 'socket-4-5-6'))
    writeFileSync(join(host.folder, 'socket-7-8-9'), 'fresh')
    for (const name of [...old, ...others]) {
      const then = new Date(Date.now() - 2 * 3_600_000)
      utimesSync(join(host.folder, name), then, then)
    }
    lutimesSync(join(host.folder, 'socket-4-5-6'), 1, 1)
    await detected(socketTarget((await grpcOf(group('0.17'))).path), host)
    const left = readdirSync(host.folder).filter((name) => !/^socket-\d{2,}/.test(name) || others.includes(name))
    expect(left.toSorted()).toEqual([...others, 'socket-4-5-6', 'socket-7-8-9'].toSorted())
  })

  test('is not written through a link, and nothing is removed in the target of a link', async () => {
    const elsewhere = scratchFolder()
    writeFileSync(join(elsewhere, 'precious.db'), 'x')
    utimesSync(join(elsewhere, 'precious.db'), 1, 1)
    const host = remembering()
    mkdirSync(join(host.folder, '..'), {recursive: true, mode: 0o700})
    symlinkSync(elsewhere, host.folder)
    expect(await detected(socketTarget((await grpcOf(group('0.17'))).path), host)).toBe('0.17')
    expect(readdirSync(elsewhere)).toEqual(['precious.db'])
  })

  test('does not wait for a FIFO with its name', async () => {
    const host = remembering()
    const {path} = await grpcOf(group('0.17'))
    await detected(socketTarget(path), host)
    const [file] = entries(host.folder)
    rmSync(file!)
    execFileSync('mkfifo', [file!])
    expect(await detected(socketTarget(path), host)).toBe('0.17')
    expect(readFileSync(file!, 'utf8')).toBe('0.17\n')
  })

  test.for([
    ['a file where the folder should be', (cache: string) => writeFileSync(cache, '')],
    ['a folder that takes no files', (cache: string) => mkdirSync(cache, {mode: 0o500})],
  ] as const)('can be missing: %s', async ([, make]) => {
    const cache = join(scratchFolder(), 'cache')
    make(cache)
    const {path} = await grpcOf(group('0.17'))
    const host = {...nowhere, env: {XDG_CACHE_HOME: cache}}
    expect([await detected(socketTarget(path), host), await detected(socketTarget(path), host)]).toEqual([
      '0.17',
      '0.17',
    ])
    chmodSync(cache, 0o700)
  })
})

describe('the cached release of an address', () => {
  const host = (more: Partial<ConnectHost> = {}): ConnectHost => ({
    ...nowhere,
    env: {XDG_CACHE_HOME: scratchFolder()},
    ...more,
  })

  test('is used for calls that only read', async () => {
    const reading = host({readsOnly: true})
    const {at, seen} = await httpOf(group('0.28'), 'address')
    await detected(remoteTarget(at), reading)
    const first = seen.length
    expect(await detected(remoteTarget(at), reading)).toBe('0.28')
    expect(seen.length).toBe(first)
  })

  test('is not used for a call that can change something: the server may be another one by now', async () => {
    const changing = host()
    const {at, seen} = await httpOf(group('0.28'), 'address')
    await detected(remoteTarget(at), changing)
    const first = seen.length
    await detected(remoteTarget(at), changing)
    expect(seen.length).toBe(2 * first)
  })

  test('expires after a minute', async () => {
    const reading = host({readsOnly: true})
    const {at, seen} = await httpOf(group('0.28'), 'address')
    await detected(remoteTarget(at), reading)
    const first = seen.length
    const later = new Date(Date.now() + 61_000)
    await detected(remoteTarget(at), {...reading, now: () => later})
    expect(seen.length).toBe(2 * first)
  })
})
