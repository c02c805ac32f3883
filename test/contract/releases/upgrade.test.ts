/**
 * The server is upgraded, or put back, while a finding of its old release is remembered: the same socket path, the same
 * address. What is read is what a program with no memory reads, and what is changed is what was meant.
 */
import {cpSync} from 'node:fs'
import {connect as dial, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {type SeedData, startSandbox} from '../../../src/sandbox/index.ts'
import {type Env, type Outcome, runHere, scratchFolder} from '../../support/program.ts'
import {TEST_RELEASES} from '../../support/servers.ts'

const SEED: SeedData = {
  users: [{name: 'alpha'}, {name: 'beta'}],
  nodes: [
    {name: 'n1', user: 'alpha', routes: ['10.0.0.0/24'], approved: ['10.0.0.0/24'], online: false},
    {name: 'n2', user: 'beta', online: false},
  ],
  // Keys and users share numbers: what names a user on one release names a key on another.
  preAuthKeys: [{user: 'beta'}, {user: 'alpha'}, {user: 'beta'}].map((key) => ({
    ...key,
    expiration: new Date(Date.now() + 24 * 3600 * 1000).toISOString(),
  })),
}

/** From 0.26 on a tag needs an owner. */
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

/** Each release and the next, both ways, and the ends of the line. */
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

/** A socket that stays when the server behind it is replaced: `ssh -L`, socat, a proxy. */
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

test.for(MOVES.flatMap((move) => Object.keys(PLACES).map((at) => ({...move, at}))))(
  'from $from to $to at $at',
  async ({from, to, at}) => {
    const place = await PLACES[at]!()
    const memory = scratchFolder()
    const old = await place.start(from)
    await runHere(['nodes', 'list'], {env: {...place.env(old.apiKey), XDG_CACHE_HOME: memory}})
    await old.close()

    const {apiKey, close} = await place.start(to)
    onTestFinished(close)
    const forgetful = (argv: string[]) => runHere(argv, {env: place.env(apiKey)})
    /** Each call finds the old release remembered, as the first after the move does. */
    const remembering = (argv: string[]) => {
      const folder = scratchFolder()
      cpSync(memory, folder, {recursive: true, preserveTimestamps: true})
      return runHere(argv, {env: {...place.env(apiKey), XDG_CACHE_HOME: folder}})
    }
    for (const argv of READS) expect({argv, ...(await remembering(argv))}).toEqual({argv, ...(await forgetful(argv))})

    const listed = ['preauthkeys', 'list', '-o', 'json']
    const before = JSON.parse((await forgetful(listed)).stdout) as Key[]
    expect(await remembering(['preauthkeys', 'expire', '-i', before[1]!.id])).toMatchObject({status: 0})
    const after = JSON.parse((await forgetful(listed)).stdout) as Key[]
    const changed = after.filter(({expiration}, index) => expiration !== before[index]!.expiration)
    expect(changed.map(({id}) => id)).toEqual([before[1]!.id])
    expect(await remembering(['users', 'rename', 'beta', 'bravo'])).toMatchObject({status: 0})
    const users = JSON.parse((await forgetful(['users', 'list', '-o', 'json'])).stdout) as {name: string}[]
    expect(users.map(({name}) => name)).toEqual(['alpha', 'bravo'])
  },
)

/** Remembers one release for a socket, then has another behind it. @returns runs the program on that one */
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

describe('a release that is remembered and not there any more does not lead to', () => {
  test('the expiry of a node that was to expire later', async () => {
    const run = await replaced('0.28', '0.26')
    expect(await run('nodes', 'expire', '-i', '1', '--expiry', '2031-01-01T00:00:00Z')).toMatchObject({status: 8})
    expect((await nodes(run))[0]).toMatchObject({expiry: null})
  })

  test('the loss of all pre-auth keys without a word', async () => {
    const run = await replaced('0.29', '0.28')
    await run('users', 'create', 'gamma')
    const {stderr} = await run('users', 'destroy', 'gamma')
    expect(stderr).toMatch(/pre-auth keys/)
    expect(JSON.parse((await run('preauthkeys', 'list', '-o', 'json')).stdout)).toHaveLength(3)
  })

  test('the end of a server by a key in the form of another release', async () => {
    const run = await replaced('0.29', '0.17')
    await run('debug', 'create-node', '-n', 'x', '-u', 'alpha', '-k', 'a'.repeat(64))
    expect(await run('users', 'list')).toMatchObject({status: 0})
  })

  test('a node without a user, and nobody told', async () => {
    const run = await replaced('0.26', '0.28')
    const {stderr} = await run('nodes', 'tag', '-i', '1', '-t', 'tag:a', '--dry-run')
    expect(stderr).toMatch(/user/)
  })
})

interface Key {
  id: string
  expiration: string
}
