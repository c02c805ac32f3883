/**
 * The tailnet that the suites of this folder start from, the same on every server: users alpha and beta; nodes n1 with
 * two subnets, n2 an exit node, n3 with neither, all of alpha; a policy that knows tag:ci and tag:prod (0.23+). The
 * program talks to the server through a recorder.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {type Env, type Outcome, runHere, scratchFolder} from '../../support/program.ts'
import {available, headscaleVersions, startHeadscale} from '../../support/real-servers.ts'
import {startTestSandbox, TEST_RELEASES, type Via} from '../../support/servers.ts'
import {advertise} from './advertise.ts'
import {recorderFor, type Recorder} from './recorder.ts'

export const ROUTES = {n1: ['10.0.0.0/24', '10.2.0.0/24'], n2: ['0.0.0.0/0', '::/0'], n3: []} as const

export interface World {
  /** 17 for 0.17. */
  minor: number
  via: Via
  /** Runs headscale-ts; nobody is there to be asked. */
  hs(...argv: string[]): Promise<Outcome>
  /** Runs it with `-o json`, expects success, and gives the document. */
  json<Document>(...argv: string[]): Promise<Document>
  recorder: Recorder
  /** A new file with this text. @returns its path */
  file(text: string): string
  /** Whether the process of a real server still runs; always true of a sandbox. */
  alive(): boolean
  close(): Promise<void>
}

export interface Spec {
  label: string
  kind: 'sandbox' | 'real'
  /** `0.17` */
  line: string
  via: Via
  start(): Promise<World>
}

const POOL = '10.1.0.0/16'
const REAL = process.env.HEADSCALE_TS_REAL === '1'

/** Every sandbox simulator and, in `npm run test:real`, every real release, each over its socket and over REST. */
export const SPECS: readonly Spec[] = [
  ...TEST_RELEASES.flatMap((line) => (['socket', 'REST'] as const).map((via) => sandbox(line, via))),
  ...realVersions().flatMap((version) => (['socket', 'REST'] as const).map((via) => real(version, via))),
]

/** Those that this run has not met in `npm test` already: the real ones, where there are any. */
export const NEW_SPECS: readonly Spec[] = SPECS.some(({kind}) => kind === 'real')
  ? SPECS.filter(({kind}) => kind === 'real')
  : SPECS

function realVersions(): string[] {
  return REAL ? headscaleVersions().filter((version) => available(version).ok) : []
}

function sandbox(line: string, via: Via): Spec {
  return {
    label: `sandbox ${line} over ${via}`,
    kind: 'sandbox',
    line,
    via,
    async start() {
      const minor = minorOf(line)
      const nodes = Object.entries(ROUTES).map(([name, routes]) => ({
        name,
        user: 'alpha',
        online: false,
        routes: [...routes],
      }))
      const seed = {prefixes: [POOL], users: [{name: 'alpha'}, {name: 'beta'}], nodes}
      const policy = minor >= 23 ? {policy: policyFor(minor)} : {}
      const server = await startTestSandbox({release: line, via, seed: {...seed, ...policy}})
      return world({minor, via, env: server.env, alive: () => true, close: server.close})
    },
  }
}

function real(version: string, via: Via): Spec {
  const line = version.split('.').slice(0, 2).join('.')
  return {
    label: `headscale ${version} over ${via}`,
    kind: 'real',
    line,
    via,
    async start() {
      const minor = minorOf(line)
      const server = await startHeadscale({version, prefixes: {v4: POOL}})
      const env: Env =
        via === 'socket'
          ? {HEADSCALE_UNIX_SOCKET: server.socketPath}
          : {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey}
      const made = await world({minor, via, env, alive: server.alive, close: server.stop})
      await populate(made)
      await advertise(server, Object.fromEntries(Object.values(ROUTES).map((routes, index) => [index + 1, routes])))
      made.recorder.changes()
      return made
    },
  }
}

/** What a sandbox is given as its seed, done with the program. */
async function populate({hs, file, minor}: World): Promise<void> {
  const ok = async (...argv: string[]) => {
    const outcome = await hs(...argv)
    expect(outcome, argv.join(' ')).toMatchObject({status: 0})
    return outcome.stdout
  }
  await ok('users', 'create', 'alpha')
  await ok('users', 'create', 'beta')
  if (minor >= 23) await ok('policy', 'set', '-f', file(policyFor(minor)))
  for (const [name, routes] of Object.entries(ROUTES)) {
    const offered = routes.flatMap((prefix) => ['-r', prefix])
    const made = await ok('debug', 'create-node', '--name', name, '-u', 'alpha', ...offered, '-o', 'json')
    const {registrationKey} = JSON.parse(made) as {registrationKey: string}
    await ok('nodes', 'register', '-u', 'alpha', '--key', registrationKey)
  }
}

/** Everybody may reach everything; both tags belong to alpha, whom newer policies write with an @. */
export function policyFor(minor: number): string {
  const owner = minor >= 26 ? 'alpha@' : 'alpha'
  return JSON.stringify({
    tagOwners: {'tag:ci': [owner], 'tag:prod': [owner]},
    acls: [{action: 'accept', src: ['*'], dst: ['*:*']}],
  })
}

const minorOf = (line: string) => Number(line.split('.')[1])

async function world({
  env,
  minor,
  via,
  alive,
  close,
}: {
  env: Env
  minor: number
  via: Via
  alive(): boolean
  close(): Promise<void>
}): Promise<World> {
  const recorder = await recorderFor(env, {http: minor >= 30})
  const hs = (...argv: string[]) => runHere(argv, {env: recorder.env})
  return {
    minor,
    via,
    hs,
    async json<Document>(...argv: string[]) {
      const outcome = await hs(...argv, '-o', 'json')
      expect(outcome, argv.join(' ')).toMatchObject({status: 0})
      return JSON.parse(outcome.stdout) as Document
    },
    recorder,
    file(text) {
      const path = join(scratchFolder(), 'file')
      writeFileSync(path, text)
      return path
    },
    alive,
    async close() {
      recorder.close()
      await close()
    },
  }
}
