/**
 * A server with a tailnet, and functions that run the program on it: shared by the contract suites. The sandbox and real
 * servers get the same tailnet, from tailnets.ts. Suites compare snapshots, because an error must not change the server.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect} from 'vitest'
import type {Capabilities} from '../../src/api/capabilities.ts'
import type {Connection} from '../../src/api/connect.ts'
import type {ControlApi} from '../../src/api/control-api.ts'
import type {Node} from '../../src/domain/node.ts'
import {type Env, type Outcome, runChild, runHere, scratchFolder} from './program.ts'
import {type Recorder, recorderFor} from './recorder.ts'
import type {SeedData} from '../../src/sandbox/index.ts'
import type {ServerSpec, TestServer, Via} from './servers.ts'

/** An error as `-o json` prints it. */
export interface ErrorJson {
  code: string
  exitCode: number
  message: string
  hint: string | null
}

export interface Fixture {
  server: TestServer
  /** The server as the library sees it. */
  api: ControlApi
  capabilities: Capabilities
  /** `namespace` or `user`. */
  word: Capabilities['ownerWord']
  /** 17 for 0.17. */
  minor: number
  via: Via
  /** The variables that make the program use the server. */
  env: Env
  /** The requests of the program, if the suite has a recorder. */
  recorder: Recorder
  /** The routes of node 1 that the server knows as advertised; empty if the release loses them. */
  offers: string[]
  /** Whether node 1 can get approved routes: it advertises them, or the release approves routes in advance. */
  canHaveRoutes: boolean
  /** A node as in messages, with the given name. */
  nodeText(id: string, name: string): string
  /** The complete state that commands can change. */
  snapshot(): Promise<unknown>
  /** Runs the program in this process. @param answer the answer to a question; without it there is no terminal */
  run(argv: readonly string[], answer?: boolean): Promise<Outcome>
  /** The same with -o json: it must succeed and print nothing on standard error. @returns what it printed */
  json<T>(...argv: string[]): Promise<T>
  /** The same with -o json: it must fail and print nothing on standard output. @returns the error */
  error(...argv: string[]): Promise<ErrorJson>
  /** The executable, as a child process. */
  spawn(argv: readonly string[]): Promise<Outcome>
  /** A new file with this text. @returns its path */
  file(text: string): string
  close(): Promise<void>
}

/** How a server gets its tailnet: the sandbox from a seed, real servers by commands of the program. */
export interface TestTailnet {
  seed?(minor: number): SeedData
  fill(fixture: Fixture): Promise<void>
}

interface Options {
  /** None when absent. */
  tailnet?: TestTailnet
  /** Whether to put a recorder between the program and the server. */
  recorded?: boolean
}

/** Starts the server before the tests of a suite and ends it after them. The fixture can be used within tests only. */
export function useFixture(spec: ServerSpec, options: Options = {}): Fixture {
  let current: Fixture | null = null
  beforeAll(async () => {
    current = await startFixture(spec, options)
  })
  afterAll(() => current?.close())
  return new Proxy({} as Fixture, {get: (_, name) => Reflect.get(current!, name) as unknown})
}

/** Starts a server and creates the tailnet. */
export async function startFixture(spec: ServerSpec, {tailnet, recorded = false}: Options = {}): Promise<Fixture> {
  const minor = Number(spec.line.split('.')[1])
  const seed = spec.kind === 'sandbox' ? tailnet?.seed?.(minor) : undefined
  const server = await spec.start(seed)
  let recorder: Recorder | null = null
  let connection: Connection | null = null
  const close = async () => {
    connection?.close()
    recorder?.close()
    await server.close()
  }
  try {
    if (recorded) recorder = await recorderFor(server.env, {http: minor >= 30})
    connection = await server.connect()
    const parts = {spec, minor, server, recorder, close}
    if (!seed && tailnet) {
      await tailnet.fill(fixtureOf({...parts, api: connection.api, nodes: [], offers: []}))
      recorder?.changes()
      // A real server may have been started again.
      connection.close()
      connection = await server.connect()
    }
    const {api} = connection
    const nodes = await api.nodes.list()
    const offers = nodes[0] ? (await api.routes.ofNode(nodes[0])).map(({prefix}) => prefix) : []
    return fixtureOf({...parts, api, nodes, offers})
  } catch (error) {
    await close()
    throw error
  }
}

interface Parts {
  spec: ServerSpec
  minor: number
  server: TestServer
  api: ControlApi
  recorder: Recorder | null
  nodes: Node[]
  offers: string[]
  close(): Promise<void>
}

function fixtureOf({spec, minor, server, api, recorder, nodes, offers, close}: Parts): Fixture {
  const {env} = recorder ?? server
  const {capabilities} = api.server
  const run: Fixture['run'] = (argv, answer) => runHere(argv, {env, ...(answer !== undefined && {answer})})
  return {
    server,
    api,
    capabilities,
    word: capabilities.ownerWord,
    minor,
    via: spec.via,
    env,
    get recorder() {
      if (!recorder) throw new Error('this suite has no recorder: useFixture(spec, {recorded: true})')
      return recorder
    },
    offers,
    canHaveRoutes: offers.length > 0 || capabilities.routes === 'node-sets',
    nodeText(id, name) {
      const {user, ipAddresses, online} = nodes.find((node) => node.id === id)!
      return `${name} (id ${id}, ${user!.name}, ${ipAddresses[0]}, ${online ? 'online' : 'offline'})`
    },
    snapshot: () => snapshotOf(api),
    run,
    async json<T>(...argv: string[]) {
      const {status, stdout, stderr} = await run([...argv, '-o', 'json'])
      expect([status, stderr], argv.join(' ')).toEqual([0, ''])
      return JSON.parse(stdout) as T
    },
    async error(...argv) {
      const {status, stdout, stderr} = await run([...argv, '-o', 'json'])
      expect([status === 0, stdout], argv.join(' ')).toEqual([false, ''])
      const {error} = JSON.parse(stderr) as {error: ErrorJson}
      expect(error.exitCode).toBe(status)
      return error
    },
    spawn: (argv) => runChild('executable', argv, {env}),
    file(text) {
      const path = join(scratchFolder(), 'file')
      writeFileSync(path, text)
      return path
    },
    close,
  }
}

async function snapshotOf(api: ControlApi): Promise<unknown> {
  const nodes = await api.nodes.list()
  const users = await api.users.list()
  const routes = await api.routes.list(nodes)
  return {
    users: users.map(({id, name}) => ({id, name})),
    nodes: nodes.map(({id, givenName, tags, user, expiry}) => ({id, givenName, tags, user: user?.name, expiry})),
    routes: routes.map(({node, prefix, approved}) => ({node: node?.id, prefix, approved})),
    preAuthKeys: (await api.preAuthKeys.list(users)).map(({id, expiration}) => ({id, expiration})),
    apiKeys: (await api.apiKeys.list()).map(({id, expiration}) => ({id, expiration})),
  }
}
