/**
 * A complete tailnet on one machine: headscale, optionally a relay (derper), and real userspace clients (tailscaled), all
 * in one network namespace without a way out. For tests that need a real client: the key on the registration page,
 * advertised routes, a node that is online, a packet through the relay.
 *
 * The unix sockets work from outside the namespace; everything that uses TCP or UDP with these servers must run
 * inside, through `exec`. Tests create users, keys and registrations themselves.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {stringify} from 'yaml'

import {type Availability, available as isModuleAvailable, programFolder} from '../servers/build.ts'
import {loopbackDerpMap} from '../servers/headscale-config.ts'
import {type Background, lastLines, type Outcome, run, startBackground} from '../servers/process.ts'
import {available, type RealHeadscale, startHeadscale} from './real-servers.ts'

/** How to start a tailnet. */
export interface TailnetOptions {
  /** The headscale release. */
  version: string
  /** Host names of the clients; each starts logged out. */
  clients: string[]
  /** Start a relay, trusted by its pin or by no check at all. Without one the clients have no relay. */
  relay?: 'pin' | 'insecure'
  /** Whether clients use only the relay, never a direct path. */
  alwaysRelay?: boolean
  prefixes?: {v4: string; v6?: string}
  /** Top-level keys of the server's config.yaml that replace the default ones. */
  config?: Record<string, unknown>
  /** More environment of the clients. */
  clientEnv?: Record<string, string>
}

/** A relay with its own certificate, region 901 of the DERP map. */
export interface RealRelay {
  host: string
  /** TCP, TLS. */
  port: number
  /** UDP. */
  stunPort: number
  /** `sha256-raw:` and 64 hex digits: what a DERP map has as certname. */
  pin: string
}

/** The fields of `tailscale status --json` that tests use. */
export interface ClientStatus {
  /** `NeedsLogin`, `Starting`, `Running`, `Stopped` … */
  BackendState: string
  TailscaleIPs: string[] | null
  Self: {HostName: string; Online: boolean; PublicKey: string}
}

/** One tailscaled and its command line. */
export interface TailnetClient {
  hostname: string
  /** The words in front of ARGS in `tailscale ARGS`; they work from outside the namespace too. */
  command: string[]
  /** Runs `tailscale ARGS`. */
  cli(args: string[]): Promise<Outcome>
  /** What a TCP connection through the client receives within a few seconds, without sending anything. Always takes them. */
  receive(address: string, port: number): Promise<string>
  /**
   * Starts `tailscale up` for the headscale with more arguments. Returns the URL that the user must visit, or `null` if
   * the client joined without one (a pre-auth key, an earlier registration).
   */
  up(args?: string[]): Promise<string | null>
  /** Waits until the client is part of the tailnet. */
  joined(): Promise<void>
  status(): Promise<ClientStatus>
  /** Advertises these routes instead of those before; 0.0.0.0/0 and ::/0 go together. */
  advertise(routes: string[]): Promise<void>
}

/** A running tailnet. */
export interface Tailnet {
  headscale: RealHeadscale
  relay: RealRelay | null
  clients: TailnetClient[]
  /** Runs a command inside the namespace, where the servers' ports are. */
  exec(command: string[], options?: {env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number}): Promise<Outcome>
  /** Starts a program inside that runs until it is stopped or the tailnet is. Its output is in `log`. */
  start(command: string[]): Background
  /** Ends everything and removes every file. */
  stop(): Promise<void>
}

const CLIENT_MODULE = 'tailscale-1.102.5'

/** Whether a tailnet with this headscale can be started here, and why not. */
export function tailnetAvailable(version: string): Availability {
  for (const {ok, reason} of [available(version), isModuleAvailable(CLIENT_MODULE)]) if (!ok) return {ok, reason}
  if (process.platform !== 'linux') return unavailable('it takes a Linux network namespace')
  if (process.getuid?.() !== 0) return unavailable('making a network namespace takes root')
  for (const tool of ['ip', 'nsenter', 'unshare']) {
    if (spawnSync(tool, ['--version']).error) return unavailable(`there is no ${tool} here`)
  }
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return unavailable('unshare -n is not permitted here')
  return {ok: true, reason: null}
}

/** Starts a tailnet. Throws with the reason where `tailnetAvailable` says no. */
export async function startTailnet(options: TailnetOptions): Promise<Tailnet> {
  const {ok, reason} = tailnetAvailable(options.version)
  if (!ok) throw new Error(reason ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'ts-'))
  const started: {stop(): Promise<void>}[] = []
  const stop = async () => {
    for (const part of started.toReversed()) await part.stop()
    rmSync(folder, {recursive: true, force: true})
  }
  try {
    const {version, prefixes, config} = options
    const within = await startNamespace(folder, started)
    const relay = options.relay === undefined ? null : await startRelay(folder, within, started)
    const derpPath = join(folder, 'derp.yaml')
    if (relay !== null) writeFileSync(derpPath, stringify(mapOf(relay, options.relay === 'pin')))
    const headscale = await startHeadscale({version, prefixes, config, within, ...(relay && {derpPaths: [derpPath]})})
    started.push(headscale)
    const clients = []
    for (const hostname of options.clients) {
      clients.push(await startClient(hostname, {folder, within, started, url: headscale.url, ...options}))
    }
    const exec: Tailnet['exec'] = (command, how) => run([...within, ...command], how)
    const start: Tailnet['start'] = (command) => {
      const log = join(folder, `started-${started.length}.log`)
      const background = startBackground([...within, ...command], {cwd: folder, env: process.env, log})
      started.push(background)
      return background
    }
    return {headscale, relay, clients, exec, start, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

function unavailable(why: string): Availability {
  return {ok: false, reason: `real clients: ${why}`}
}

/** Returns the command that runs another one inside. A second address besides loopback makes clients think they are online. */
async function startNamespace(folder: string, started: {stop(): Promise<void>}[]): Promise<string[]> {
  const script = `
    set -e
    ip link set lo up
    ip link add ts0 type veth peer name ts1
    ip addr add 192.0.2.10/24 dev ts0
    ip link set ts0 up
    ip link set ts1 up
    echo $$ >"$1.new"
    mv "$1.new" "$1"
    exec sleep infinity`
  const pidFile = join(folder, 'namespace.pid')
  const holder = startBackground(['unshare', '-n', 'sh', '-c', script, 'namespace', pidFile], {
    cwd: folder,
    env: process.env,
    log: join(folder, 'namespace.log'),
  })
  started.push(holder)
  await until('the namespace', holder, 5, () => existsSync(pidFile))
  return ['nsenter', '-t', readFileSync(pidFile, 'utf8').trim(), '-n', '--']
}

async function startRelay(folder: string, within: string[], started: {stop(): Promise<void>}[]): Promise<RealRelay> {
  const relay = {host: '127.0.0.1', port: 8443, stunPort: 3478}
  const certificates = join(folder, 'certs')
  mkdirSync(certificates)
  const derper = [join(programFolder(CLIENT_MODULE), 'derper'), '-a', `${relay.host}:${relay.port}`]
  const tls = ['-hostname', relay.host, '-certmode', 'manual', '-certdir', certificates]
  const rest = ['-c', join(folder, 'derper.key'), '-http-port', '-1', '-stun-port', String(relay.stunPort)]
  const log = join(folder, 'derper.log')
  const background = startBackground([...within, ...derper, ...tls, ...rest], {cwd: folder, env: process.env, log})
  started.push(background)
  const pin = () => /sha256-raw:[0-9a-f]{64}/.exec(readFileSync(log, 'utf8'))?.[0]
  await until('the relay', background, 10, () => pin() !== undefined)
  return {...relay, pin: pin()!}
}

function mapOf({port, stunPort, pin}: RealRelay, pinned: boolean): unknown {
  const trust = pinned ? {certname: pin} : {insecurefortests: true}
  return loopbackDerpMap({ipv6: 'none', derpport: port, stunport: stunPort, ...trust})
}

async function startClient(
  hostname: string,
  {
    folder,
    within,
    started,
    url,
    alwaysRelay = false,
    clientEnv = {},
  }: {
    folder: string
    within: string[]
    started: {stop(): Promise<void>}[]
    url: string
    alwaysRelay?: boolean
    clientEnv?: Record<string, string>
  },
): Promise<TailnetClient> {
  const [program, daemon] = ['tailscale', 'tailscaled'].map((name) => join(programFolder(CLIENT_MODULE), name))
  const state = join(folder, hostname)
  const socket = join(folder, `${hostname}.sock`)
  mkdirSync(state, {mode: 0o700})
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TS_NO_LOGS_NO_SUPPORT: 'true',
    TS_DISABLE_PORTMAPPER: '1',
    ...clientEnv,
  }
  if (alwaysRelay) env['TS_DEBUG_ALWAYS_USE_DERP'] = '1'
  const where = {cwd: folder, env}
  const flags = ['--tun=userspace-networking', '--statedir', state, '--socket', socket, '--port', '0']
  const background = startBackground([...within, daemon!, ...flags], {...where, log: join(folder, `${hostname}.log`)})
  started.push(background)
  await until(`client ${hostname}`, background, 15, () => existsSync(socket))

  const command = [...within, program!, '--socket', socket]
  const client: TailnetClient = {
    hostname,
    command,
    cli: (args) => run([...command, ...args], where),
    async receive(address, port) {
      // nc ends at the end of its input, which therefore stays open.
      const shell = ['sh', '-c', 'sleep 4 | timeout 4 "$@"', 'sh']
      return (await run([...shell, ...command, 'nc', address, String(port)], where)).stdout
    },
    async up(args = []) {
      const log = join(folder, `${hostname}-up.log`)
      rmSync(log, {force: true})
      const asked = ['up', '--login-server', url, '--hostname', hostname, '--accept-dns=false', ...args]
      const up = startBackground([...command, ...asked], {...where, log})
      started.push(up)
      const shown = () => /https?:\/\/\S+\/register\S*/.exec(readFileSync(log, 'utf8'))?.[0] ?? null
      const what = `tailscale up of ${hostname}`
      await until(what, up, 30, () => shown() !== null || !up.alive())
      if (shown() === null && up.exitCode() !== 0) throw new Error(`${what} failed:\n${lastLines(log)}`)
      return shown()
    },
    joined: () =>
      until(`client ${hostname} on the tailnet`, background, 60, async () => {
        const {BackendState} = await client.status()
        return BackendState === 'Running'
      }),
    async status() {
      const {code, stdout, stderr} = await client.cli(['status', '--json'])
      if (code !== 0) throw new Error(`tailscale status of ${hostname}: ${stderr.trim()}`)
      return JSON.parse(stdout) as ClientStatus
    },
    async advertise(routes) {
      const {code, stderr} = await client.cli(['set', `--advertise-routes=${routes.join(',')}`])
      if (code !== 0) throw new Error(`tailscale set of ${hostname}: ${stderr.trim()}`)
    },
  }
  return client
}

/** Waits for a condition, until the timeout or until the process that should cause it has ended. */
async function until(
  what: string,
  process_: Background,
  seconds: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const ended = !process_.alive()
    if (await holds()) return
    if (ended || Date.now() > deadline) {
      throw new Error(`${what}: ${ended ? 'ended early' : 'not there in time'}:\n${lastLines(process_.log)}`)
    }
    await sleep(100)
  }
}
