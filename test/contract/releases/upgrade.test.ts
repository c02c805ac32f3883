/**
 * The server is upgraded or downgraded while its old release is cached, at the same socket path or address. Reads give
 * the same output as without a cache, and changes change what was meant.
 */
import {cpSync} from 'node:fs'
import {connect as dial, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {type SeedData, startSandbox} from '../../../src/sandbox/index.ts'
import {type Env, MATRIX, type Outcome, runHere, scratchFolder} from '../../support/program.ts'
import {TEST_RELEASES} from '../../support/servers.ts'

const SEED: SeedData = {
  users: [{name: 'alpha'}, {name: 'beta'}],
  nodes: [
    {name: 'n1', user: 'alpha', routes: ['10.0.0.0/24'], approved: ['10.0.0.0/24'], online: false},
    {name: 'n2', user: 'beta', online: false},
  ],
  // Keys and users have the same ids: the id of a user on one release is the id of a key on another.
  preAuthKeys: [{user: 'beta'}, {user: 'alpha'}, {user: 'beta'}].map((key) => ({
    ...key,
    expiration: new Date(Date.now() + 24 * 3600 * 1000).toISOString(),
  })),
}

/** From 0.26 on a tag needs an owner in the policy. */
function seedFor(release: string): SeedData {
  const policy = JSON.stringify({tagOwners: {'tag:a': ['alpha@']}, acls: []})
  return Number(release.split('.')[1]) >= 26 ? {...SEED, policy} : SEED
}

const READS = [
  ['users', 'list', '-o', 'json'],
  ['nodes', 'list', '-o', 'json'],
  ['nodes', 'list', '--user', 'beta'],
  ['nodes', 'show', 'n1', '-o', 'json'],
  ['routes', 'list', '-o', 'json'],
  ['nodes', 'list-routes'],
  ['preauthkeys', 'list', '-o', 'json'],
  ['preauthkeys', 'list', '--user', 'beta', '-o', 'json'],
  ['apikeys', 'list'],
  ['policy', 'get'],
  ['health'],
]

/** Each release and the next one, and the oldest and the newest, in both directions. */
const MOVES = [...TEST_RELEASES.slice(1).map((to, index) => [TEST_RELEASES[index]!, to]), ['0.15', '0.29']].flatMap(
  ([from, to]) => [
    {from: from!, to: to!},
    {from: to!, to: from!},
  ],
)

interface Place {
  env(apiKey: string | null): Env
  start(release: string): Promise<{apiKey: string | null; close(): Promise<void>}>
}

function socketPlace(): Place {
  const socketPath = join(scratchFolder(), 'hs.sock')
  return {
    env: () => ({HEADSCALE_UNIX_SOCKET: socketPath}),
    start: (release) => startSandbox({release, seed: seedFor(release), socketPath}),
  }
}

/** A socket that remains when the server behind it is replaced: `ssh -L`, socat, a proxy. */
async function forwardedPlace(): Promise<Place> {
  const folder = scratchFolder()
  const front = join(folder, 'front.sock')
  let behind = ''
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = dial(behind)
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) open.add(socket.on('error', () => {}))
  })
  await new Promise<void>((done) => server.listen(front, done))
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    env: () => ({HEADSCALE_UNIX_SOCKET: front}),
    start(release) {
      behind = join(folder, `${release}.sock`)
      return startSandbox({release, seed: seedFor(release), socketPath: behind})
    },
  }
}

function addressPlace(): Place {
  let url: string | null = null
  return {
    env: (apiKey) => ({HEADSCALE_CLI_ADDRESS: url!, HEADSCALE_CLI_API_KEY: apiKey!}),
    async start(release) {
      const port = url === null ? 0 : Number(new URL(url).port)
      const sandbox = await startSandbox({release, seed: seedFor(release), listen: {host: '127.0.0.1', port}})
      url = sandbox.url
      return sandbox
    },
  }
}

const PLACES: Record<string, () => Place | Promise<Place>> = {
  'a socket': socketPlace,
  'a socket with a forwarder': forwardedPlace,
  'an address': addressPlace,
}

/** Every move at every place; in `npm test` the places take turns. */
const CASES = MOVES.flatMap((move, index) =>
  Object.keys(PLACES)
    .filter((_, place, {length}) => MATRIX || place === index % length)
    .map((at) => ({...move, at})),
)

test.for(CASES)('reads and changes are right after $from is replaced by $to at $at', async ({from, to, at}) => {
  const place = await PLACES[at]!()
  const cacheFolder = scratchFolder()
  const old = await place.start(from)
  await runHere(['nodes', 'list'], {env: {...place.env(old.apiKey), XDG_CACHE_HOME: cacheFolder}})
  await old.close()

  const {apiKey, close} = await place.start(to)
  onTestFinished(close)
  const uncached = (argv: string[]) => runHere(argv, {env: place.env(apiKey)})
  /** Each call finds the old release in the cache, like the first call after the server was replaced. */
  const cached = (argv: string[]) => {
    const folder = scratchFolder()
    cpSync(cacheFolder, folder, {recursive: true, preserveTimestamps: true})
    return runHere(argv, {env: {...place.env(apiKey), XDG_CACHE_HOME: folder}})
  }
  for (const argv of READS) expect({argv, ...(await cached(argv))}).toEqual({argv, ...(await uncached(argv))})

  const listed = ['preauthkeys', 'list', '-o', 'json']
  const before = JSON.parse((await uncached(listed)).stdout) as Key[]
  expect(await cached(['preauthkeys', 'expire', '-i', before[1]!.id])).toMatchObject({status: 0})
  const after = JSON.parse((await uncached(listed)).stdout) as Key[]
  const changed = after.filter(({expiration}, index) => expiration !== before[index]!.expiration)
  expect(changed.map(({id}) => id)).toEqual([before[1]!.id])
  expect(await cached(['users', 'rename', 'beta', 'bravo'])).toMatchObject({status: 0})
  const users = JSON.parse((await uncached(['users', 'list', '-o', 'json'])).stdout) as {name: string}[]
  expect(users.map(({name}) => name)).toEqual(['alpha', 'bravo'])
})

/** Caches one release for a socket, then starts another behind it. @returns a function that runs the program on it */
async function replaced(from: string, to: string): Promise<(...argv: string[]) => Promise<Outcome>> {
  const place = await forwardedPlace()
  const env = {...place.env(null), XDG_CACHE_HOME: scratchFolder()}
  const old = await place.start(from)
  await runHere(['nodes', 'list'], {env})
  await old.close()
  onTestFinished((await place.start(to)).close)
  return (...argv) => runHere(argv, {env})
}

/** Nodes as JSON. */
async function nodes(run: (...argv: string[]) => Promise<Outcome>): Promise<Record<string, unknown>[]> {
  return JSON.parse((await run('nodes', 'list', '-o', 'json')).stdout) as Record<string, unknown>[]
}

describe('a cached release that is out of date does not cause', () => {
  test('a node to expire now instead of later', async () => {
    const run = await replaced('0.28', '0.26')
    expect(await run('nodes', 'expire', '-i', '1', '--expiry', '2031-01-01T00:00:00Z')).toMatchObject({status: 8})
    expect((await nodes(run))[0]).toMatchObject({expiry: null})
  })

  test('the loss of all pre-auth keys without a warning', async () => {
    const run = await replaced('0.29', '0.28')
    await run('users', 'create', 'gamma')
    const {stderr} = await run('users', 'destroy', 'gamma')
    expect(stderr).toMatch(/pre-auth keys/)
    expect(JSON.parse((await run('preauthkeys', 'list', '-o', 'json')).stdout)).toHaveLength(3)
  })

  test('a crash of the server by a key in the form of another release', async () => {
    const run = await replaced('0.29', '0.17')
    await run('debug', 'create-node', '-n', 'x', '-u', 'alpha', '-k', 'a'.repeat(64))
    expect(await run('users', 'list')).toMatchObject({status: 0})
  })

  test('a node to lose its user without a warning', async () => {
    const run = await replaced('0.26', '0.28')
    const {stderr} = await run('nodes', 'tag', '-i', '1', '-t', 'tag:a', '--dry-run')
    expect(stderr).toMatch(/user/)
  })
})

interface Key {
  id: string
  expiration: string
}
