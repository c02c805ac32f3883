/**
 * Real headscale servers for the tests: each has its own temporary folder and free loopback ports, is ready when it
 * answers on its port and its socket, and ends with the process that started it.
 *
 * Building is in test/servers/build.ts, the configuration in test/servers/headscale-config.ts. Only the API key that
 * tests over REST need is created here; tests create everything else.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {get as httpGet} from 'node:http'
import {get as httpsGet} from 'node:https'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'

import {stringify} from 'yaml'

import {type Availability, available as isModuleAvailable, builtWith, modules, programFolder} from '../servers/build.ts'
import {headscaleConfig, loopbackDerpMap} from '../servers/headscale-config.ts'
import {type Background, lastLines, type Outcome, run, startBackground} from '../servers/process.ts'

/** How to start one server. */
export interface StartOptions {
  /** A release that `headscaleVersions()` names. */
  version: string
  /** Certificate and key files (PEM) for REST and for the gRPC port. */
  tls?: {cert: string; key: string}
  /** Address pools, `100.64.0.0/10` and `fd7a:115c:a1e0::/48` when not given. */
  prefixes?: {v4: string; v6?: string}
  /** Top-level keys of config.yaml that replace the default ones. */
  config?: Record<string, unknown>
  /** DERP map files; by default a map of one relay that does not exist. */
  derpPaths?: string[]
  /** The command in front of the server's: to run it in a network namespace. */
  within?: string[]
  /** Seconds that a start may take, 30 when not given. 0.29.2 took 20 with 8,000 nodes; it grows with their square. */
  startTimeout?: number
}

/** A running headscale. */
export interface RealHeadscale {
  version: string
  /** Its folder: config.yaml, socket, database (db.sqlite), serve.log. Removed by `stop()`. */
  folder: string
  socketPath: string
  /** `server_url` of config.yaml, for REST and clients. */
  url: string
  /** The address of its metrics and of its debug pages. */
  metricsUrl: string
  /** host:port of the remote gRPC listener. */
  grpcAddress: string
  /** Created by the server's own CLI at its start; valid for 90 days. */
  apiKey: string
  configPath: string
  bin: string
  /** The environment of the server's own CLI; use it for every call of `bin`. HOME is the server's folder. */
  env: NodeJS.ProcessEnv
  /** Runs the server's own CLI over the socket. */
  cli(args: string[], options?: {input?: string; env?: NodeJS.ProcessEnv}): Promise<Outcome>
  /** Whether the process still runs. */
  alive(): boolean
  /** Ends the process and keeps its files, so that a test can change its database before `start()`. */
  halt(): Promise<void>
  /** Starts it again after `halt()`. */
  start(): Promise<void>
  /** Later starts, and the CLI, are of another release, on the same files. */
  install(version: string): void
  /** `halt()` and `start()`. */
  restart(): Promise<void>
  /** Ends the process and removes the folder. */
  stop(): Promise<void>
}

/** The releases that can be built here, oldest first. */
export function headscaleVersions(): string[] {
  return modules()
    .filter((module) => module.startsWith('headscale-'))
    .map((module) => module.slice('headscale-'.length))
}

/** Whether a headscale release can be started now, and why not. */
export function available(version: string): Availability {
  return isModuleAvailable(`headscale-${version}`)
}

/** Starts a headscale and returns when it is ready. If another process takes a port first, another one is used. */
export async function startHeadscale(options: StartOptions): Promise<RealHeadscale> {
  const {ok, reason} = available(options.version)
  if (!ok) throw new Error(reason ?? '')
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt === 3 || !String(error).includes('address already in use')) throw error
    }
  }
}

/** The environment of a server and of its own CLI: this machine's, without settings for headscale. */
export function serverEnvironment(version: string, folder: string): NodeJS.ProcessEnv {
  const {GOFLAGS: _, ...inherited} = process.env
  const env: NodeJS.ProcessEnv = {...inherited, HOME: folder, NO_COLOR: '1'}
  for (const name of Object.keys(env)) if (name.startsWith('HEADSCALE_')) delete env[name]
  // A library of these releases does not run with an unknown Go version unless a variable names the version.
  if (Number(version.split('.')[1]) <= 22) {
    env['ASSUME_NO_MOVING_GC_UNSAFE_RISK_IT_WITH'] = builtWith(`headscale-${version}`)
  }
  return env
}

async function startOnce({
  version,
  within = [],
  derpPaths,
  startTimeout = 30,
  ...settings
}: StartOptions): Promise<RealHeadscale> {
  const minor = Number(version.split('.')[1])
  // Short: a socket path may have 103 bytes on some systems.
  const folder = mkdtempSync(join(tmpdir(), 'hs-'))
  const socketPath = join(folder, 'hs.sock')
  const configPath = join(folder, 'config.yaml')
  const derpPath = join(folder, 'derp.yaml')
  const [http, grpc, metrics] = await freePorts(3)
  const ports = {http: http!, grpc: grpc!, metrics: metrics!}
  writeFileSync(derpPath, stringify(loopbackDerpMap()))
  const config = headscaleConfig(minor, {folder, socketPath, ports, derpPaths: derpPaths ?? [derpPath], ...settings})
  writeFileSync(configPath, stringify(config))

  const log = join(folder, 'serve.log')
  let process_: Background | null = null
  const server: RealHeadscale = {
    version,
    folder,
    socketPath,
    url: `${settings.tls ? 'https' : 'http'}://127.0.0.1:${ports.http}`,
    metricsUrl: `http://127.0.0.1:${ports.metrics}`,
    grpcAddress: `127.0.0.1:${ports.grpc}`,
    apiKey: '',
    configPath,
    bin: programOf(version),
    env: serverEnvironment(version, folder),
    cli: (args, {input, env: more} = {}) =>
      run([server.bin, '-c', configPath, ...args], {cwd: folder, env: {...server.env, ...more}, input}),
    alive: () => process_?.alive() ?? false,
    async halt() {
      await process_?.stop()
      process_ = null
    },
    async start() {
      // A killed server leaves its socket behind, which must not look like a running server.
      rmSync(socketPath, {force: true})
      const command = [...within, server.bin, '-c', configPath, 'serve']
      process_ = startBackground(command, {cwd: folder, env: server.env, log})
      await untilServing(process_, server, within, startTimeout)
    },
    install(other) {
      server.version = other
      server.bin = programOf(other)
      server.env = serverEnvironment(other, folder)
    },
    async restart() {
      await server.halt()
      await server.start()
    },
    async stop() {
      await server.halt()
      rmSync(folder, {recursive: true, force: true})
    },
  }
  try {
    await server.start()
    server.apiKey = await createApiKey(server)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

function programOf(version: string): string {
  return join(programFolder(`headscale-${version}`), 'headscale')
}

/** What keys end with here, and its bcrypt hash of the lowest cost: with headscale's own cost every request takes a twentieth of a second. */
const SECRET = 'cheap-to-verify-0123456789-cheap-to-verify-0123456789-abcdefghij'
const HASH = '$2a$04$eSSuSS31d5S1wT0rFAEumOOtv4.R9/6ZChljd33/lvE36IkcNPGd.'

/** Creates a key with headscale's own command, and replaces its secret. */
async function createApiKey(server: RealHeadscale): Promise<string> {
  const {code, stdout, stderr} = await server.cli(['apikeys', 'create'])
  const key = stdout.trim().split('\n').at(-1) ?? ''
  // PREFIX.SECRET, and since 0.28 hskey-api-PREFIX-SECRET, where both parts can have "-".
  const [, start, prefix] = /^(hskey-api-(.{12})-|([\w-]+)\.)/.exec(key)?.filter((part) => part !== undefined) ?? []
  if (code !== 0 || start === undefined || prefix === undefined) {
    throw new Error(`headscale ${server.version} made no API key: ${stderr.trim()}`)
  }
  const database = new DatabaseSync(join(server.folder, 'db.sqlite'), {timeout: 5000})
  try {
    database.prepare('UPDATE api_keys SET hash = ? WHERE prefix = ?').run(Buffer.from(HASH), prefix)
  } finally {
    database.close()
  }
  return start + SECRET
}

/** Waits until both listeners answer. The socket file is not enough, since it exists before the port is open. */
async function untilServing(
  process_: Background,
  server: RealHeadscale,
  within: string[],
  startTimeout: number,
): Promise<void> {
  const deadline = Date.now() + startTimeout * 1000
  while (!((await connects(server.socketPath)) && (await isHealthy(`${server.url}/health`, within)))) {
    const problem = process_.alive() ? (Date.now() > deadline ? 'does not answer' : null) : 'ended at start'
    if (problem !== null) throw new Error(`headscale ${server.version} ${problem}:\n${lastLines(process_.log)}`)
    await sleep(50)
  }
}

function connects(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function isHealthy(url: string, within: string[]): Promise<boolean> {
  if (within.length > 0) {
    const script = `fetch(${JSON.stringify(url)}).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))`
    const {code} = await run([...within, process.execPath, '-e', script])
    return code === 0
  }
  return new Promise((resolve) => {
    const request = url.startsWith('https:')
      ? httpsGet(url, {agent: false, rejectUnauthorized: false})
      : httpGet(url, {agent: false})
    request.setTimeout(1000, () => request.destroy())
    request.on('error', () => resolve(false))
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
  })
}

/**
 * Different free loopback ports. They are below 32000, since systems use higher ports for outgoing connections, which
 * could take one before the server starts.
 */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 11_900)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.on('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
