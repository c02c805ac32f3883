/**
 * The servers a contract suite runs over, each over its socket and over REST:
 * - `npm test`: the sandbox as one release per message set, each over one of the two; long suites only the oldest release
 *   and the last one with gRPC
 * - `npm run test:matrix` (HEADSCALE_TS_MATRIX=1): the sandbox as every release
 * - `npm run test:real` (HEADSCALE_TS_REAL=1): every real headscale that can be started here
 *
 * A suite checks capabilities and never a release number. The set-up of the run prints what is left out.
 */
import {join} from 'node:path'
import {connect, type Connection} from '../../src/api/connect.ts'
import type {ServerTarget} from '../../src/config/target.ts'
import {SANDBOX_RELEASES, type SandboxRelease, type SeedData, startSandbox} from '../../src/sandbox/index.ts'
import {type Env, MATRIX, scratchFolder} from './program.ts'
import {available, headscaleVersions, type RealHeadscale, startHeadscale} from './real-servers.ts'

export type Via = 'socket' | 'REST'

export interface TestServer {
  /** The variables that make the program use it. */
  env: Env
  /** A connection without the program, to inspect the server. */
  connect(): Promise<Connection>
  /** The process of a real server; null for a sandbox. */
  real: RealHeadscale | null
  close(): Promise<void>
}

export interface ServerSpec {
  /** Name of the server in test names. */
  label: string
  kind: 'sandbox' | 'real'
  /** The release line: `0.17` for a sandbox 0.17 as well as for a real 0.17.1. */
  line: string
  via: Via
  /** @param seed the tailnet of a sandbox; real servers have none */
  start(seed?: SeedData): Promise<TestServer>
}

/** The address pool of the guide. */
const POOL = '10.1.0.0/16'

const REAL = process.env.HEADSCALE_TS_REAL === '1'

export function sandboxSpec(release: string, via: Via): ServerSpec {
  return {
    label: `sandbox ${release} over ${via}`,
    kind: 'sandbox',
    line: release,
    via,
    start: (seed) => startTestSandbox({release, via, ...(seed && {seed})}),
  }
}

/** A sandbox with an empty tailnet in the guide's address pool, unless a seed is given. */
export async function startTestSandbox({
  release = '0.15',
  via = 'socket',
  seed = {prefixes: [POOL]},
  now,
}: {release?: string; via?: Via; seed?: SeedData; now?: () => Date} = {}): Promise<TestServer> {
  const socketPath = join(scratchFolder(), 'hs.sock')
  const {url, apiKey, close} = await startSandbox({
    release,
    seed,
    ...(now && {now}),
    ...(via === 'socket' ? {socketPath} : {listen: {host: '127.0.0.1', port: 0}}),
  })
  const server = testServer(via === 'socket' ? {socketPath} : {url: url!, apiKey: apiKey!}, close)
  // For an unknown socket that speaks HTTP, a command waits a quarter of a second for gRPC first.
  return via === 'socket' && release === '0.30'
    ? {...server, env: {...server.env, XDG_CACHE_HOME: scratchFolder()}}
    : server
}

export function realSpec(version: string, via: Via): ServerSpec {
  return {
    label: `headscale ${version} over ${via}`,
    kind: 'real',
    line: version.split('.').slice(0, 2).join('.'),
    via,
    async start() {
      const real = await startHeadscale({version, prefixes: {v4: POOL}})
      const {socketPath, url, apiKey, stop} = real
      return {...testServer(via === 'socket' ? {socketPath} : {url, apiKey}, stop), real}
    },
  }
}

/** The variables in which tests name their server. */
const SOURCE = {kind: 'environment', name: 'the test'} as const

/** A server at this socket or address, as tests use it. */
export function testServer(
  way: {socketPath: string} | {url: string; apiKey: string},
  close: () => Promise<void>,
): TestServer {
  const target: ServerTarget =
    'socketPath' in way
      ? {kind: 'socket', path: way.socketPath, timeoutMs: 10_000, debugListener: null, source: SOURCE}
      : {
          kind: 'remote',
          url: new URL(way.url),
          apiKey: way.apiKey,
          apiKeySource: SOURCE,
          insecure: false,
          caFile: null,
          timeoutMs: 10_000,
          debugListener: null,
          source: SOURCE,
        }
  return {
    env:
      'socketPath' in way
        ? {HEADSCALE_UNIX_SOCKET: way.socketPath}
        : {HEADSCALE_CLI_ADDRESS: way.url, HEADSCALE_CLI_API_KEY: way.apiKey},
    real: null,
    connect: () => connect(target, {env: {}, home: null, now: () => new Date()}),
    close,
  }
}

const bothWays = (spec: (via: Via) => ServerSpec) => [spec('socket'), spec('REST')]

/**
 * The sandboxes of `npm test`: one release per message set of the API, and 0.30, which has HTTP alone. 0.15 is the
 * release of the guide; of the other message sets it is the last release. Each over one transport: both hand the same messages
 * to the same code.
 */
const ONE_PER_MESSAGE_SET: readonly (readonly [SandboxRelease, ...Via[]])[] = [
  ['0.15', 'socket'],
  ['0.22', 'socket'],
  ['0.25', 'REST'],
  ['0.29', 'socket'],
  ['0.30', 'REST'],
]

/** The releases that the sandbox is tested as. */
export const TEST_RELEASES: readonly SandboxRelease[] = MATRIX
  ? SANDBOX_RELEASES
  : ONE_PER_MESSAGE_SET.map(([release]) => release)

const sandboxes = MATRIX
  ? SANDBOX_RELEASES.flatMap((release) => bothWays((via) => sandboxSpec(release, via)))
  : ONE_PER_MESSAGE_SET.flatMap(([release, ...vias]) => vias.map((via) => sandboxSpec(release, via)))

const realServers = (REAL ? headscaleVersions() : [])
  .filter((version) => available(version).ok)
  .flatMap((version) => bothWays((via) => realSpec(version, via)))

/** The sandbox and, in a run over real servers, these too. */
export const ALL_SERVERS: readonly ServerSpec[] = [...sandboxes, ...realServers]

/** The servers of this run. With real servers only these, since `npm run test:real` comes after `npm test`. */
export const SERVERS: readonly ServerSpec[] = realServers.length > 0 ? realServers : sandboxes

/** The servers of a suite with long scripts: two sandboxes in `npm test`, otherwise all servers of the run. */
export const LONG_SUITE_SERVERS: readonly ServerSpec[] =
  MATRIX || realServers.length > 0 ? SERVERS : SERVERS.filter(({line}) => line === '0.15' || line === '0.29')
