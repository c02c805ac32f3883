/**
 * Finds the broken link between this machine, the server and its clients. Checks that do not need each other run at the
 * same time; a check that needs what is broken is skipped, so that the report names the cause and not what follows from
 * it. Nothing is changed on the server.
 */
import {CheckRun} from './check-run.ts'
import {checkApiKey, checkLocalKeys} from './checks/api-key.ts'
import {judgeClock} from './checks/clock.ts'
import {checkConfig, checkSettings} from './checks/config.ts'
import {checkOidc} from './checks/oidc.ts'
import {checkPolicyMode} from './checks/policy.ts'
import {checkRelays} from './checks/relays.ts'
import {checkServer} from './checks/server.ts'
import {shownUrl} from './checks/site.ts'
import {checkSocket} from './checks/socket.ts'
import {checkPool, checkServedRoutes, checkUsers} from './checks/tailnet.ts'
import {publicKeyOf} from './probe/site.ts'
import {rootsOf} from './roots.ts'
import {configRules, isKnownRelease} from '../setup/releases.ts'
import {Connections} from './server.ts'
import {isOfAnotherServer, isSameServer, isUnusable, probeSites, reportSites, siteOf} from './sites.ts'
import type {ControlApi} from '../api/control-api.ts'
import type {ConnectionFlags} from '../config/target.ts'
import type {HeadscaleError} from '../errors.ts'
import type {Setup, Sites} from './sites.ts'
import type {DoctorHost} from './host.ts'
import type {CheckName, DoctorResult, Verdict} from './result.ts'
import {isLoopback} from '../system/addresses.ts'

/** Of one request, unless --timeout or another setting gives a shorter one, in milliseconds. */
const STEP_MS = 10_000

const NO_SERVER = 'no usable server in the configuration'
const NO_ANSWER = 'no server to ask'

/** Checks of what a sandbox does not have: settings that are true, clients, relays. */
const NOT_OF_SANDBOX = [
  'settings',
  'listener',
  'server-url',
  'certificate',
  'upgrade',
  'clock',
  'pool',
  'relays',
  'oidc',
] as const

/** What all steps use. */
interface Run {
  host: DoctorHost
  checks: CheckRun
  connections: Connections
  setup: Setup
  sites: Sites
  timeoutMs: number
}

/** Makes every check. @throws the reason of the host's signal, and internal errors */
export async function runDoctor(flags: ConnectionFlags, host: DoctorHost): Promise<DoctorResult> {
  const checks = new CheckRun(host)
  const connections = new Connections(host)
  try {
    const found = await checks.run('config', () => checkConfig(flags, host))
    const setup = 'setup' in found ? found.setup : {config: null, target: null, address: null}
    if (setup.config?.simulated !== true) return await runChecks(setup, host, checks, connections)
    // What else the file says is true of no server.
    const bare = {...setup, config: null}
    return await (isOfSandbox(setup) ? checkSandbox : runChecks)(bare, host, checks, connections)
  } finally {
    connections.close()
  }
}

async function runChecks(
  given: Setup,
  host: DoctorHost,
  checks: CheckRun,
  connections: Connections,
): Promise<DoctorResult> {
  const timeoutMs = Math.min(given.target?.timeoutMs ?? STEP_MS, STEP_MS)
  const roots = rootsOf(given.target)
  const probing = {timeoutMs, signal: host.signal, now: () => host.now(), roots: roots.context}
  let setup = given
  let sites = await checks.during(given.config === null ? 'address' : 'server-url', probeSites(setup, probing))
  if (isOfAnotherServer(setup, sites)) {
    setup = {...setup, config: null, ...(setup.config !== null && {unused: setup.config})}
    sites = {own: null, ownKey: null, list: sites.list.filter(({check}) => check === 'address')}
  }
  const run: Run = {host, checks, connections, setup, sites, timeoutMs}
  const {config} = setup

  const socket = await openSocket(run)
  const server = await reachServer(run, socket.path)
  const release = releaseOf(server.api ?? server.local)
  const clock = judgeClock([...sites.list.map(({facts}) => facts), ...(sites.own === null ? [] : [sites.own])])
  const terms = {
    ...{now: host.now(), offset: clock.offset, stopped: socket.stopped},
    hasUpgrade: configRules(release).noiseKey,
  }
  // Certificates of relays are judged by the clock that is probably right.
  const now = () => new Date(host.now().getTime() + clock.offset)

  checks.add('clock', clock)
  reportSites(checks, setup, sites, terms)
  await Promise.all([
    checkTailnet(run, server.rejected === null && server.api !== null ? server.api : server.local),
    checkKeys(run, server),
    checks.run('settings', () => checkSettings(config, release, host)),
    checks.run('relays', (signal) => checkRelays(config, release, {cwd: host.cwd, now, signal, moreRoots: roots.more})),
    checks.run('oidc', () => checkOidc(config)),
  ])
  return resultOf(server, checks)
}

function resultOf({api, local}: Server, checks: CheckRun): DoctorResult {
  const facts = (api ?? local)?.server
  return {
    server: facts === undefined ? null : {releases: facts.releases, version: facts.version, via: facts.via},
    checks: checks.sorted(),
  }
}

/** Whether commands reach the sandbox that wrote the config file. */
function isOfSandbox({config, target}: Setup): boolean {
  if (target === null) return true
  return target.kind === 'socket' ? target.path === config?.socket : target.url.origin === config?.serverUrl?.origin
}

/** What there is to check of a server that no client connects to. */
async function checkSandbox(
  setup: Setup,
  host: DoctorHost,
  checks: CheckRun,
  connections: Connections,
): Promise<DoctorResult> {
  const timeoutMs = Math.min(setup.target?.timeoutMs ?? STEP_MS, STEP_MS)
  const run: Run = {host, checks, connections, setup, sites: {own: null, ownKey: null, list: []}, timeoutMs}
  const socket = await openSocket(run)
  const server = await reachServer(run, socket.path)
  for (const check of NOT_OF_SANDBOX) checks.skip(check, 'a simulated server (headscale-ts sandbox)')
  await Promise.all([checkTailnet(run, server.rejected === null ? server.api : null), checkKeys(run, server)])
  return resultOf(server, checks)
}

/** @returns the socket of the server on this machine if somebody listens, and whether it shows that headscale does not run */
async function openSocket({checks, setup, sites}: Run): Promise<{path: string | null; stopped: boolean}> {
  const {target, config} = setup
  const needed = target?.kind === 'socket'
  const path = needed ? target.path : (config?.socket ?? null)
  if (path === null) {
    checks.skip('socket', target === null ? NO_SERVER : 'commands use an address')
    return {path: null, stopped: false}
  }
  const running = sites.own === null || sites.ownKey === null ? null : shownUrl(sites.own.url)
  const verdict = await checks.run('socket', () => checkSocket(path, {needed, running}))
  const codes = (verdict.problems ?? []).map(({code}) => code)
  return {
    path: 'open' in verdict && verdict.open ? path : null,
    stopped: running === null && (codes.includes('socket-missing') || codes.includes('socket-refused')),
  }
}

interface Server {
  /** The server as commands reach it. */
  api: ControlApi | null
  /** The same server over its socket on this machine. */
  local: ControlApi | null
  /** How it rejected the API key; null if it did not. */
  rejected: HeadscaleError | null
}

/** Connects to the server, and to the one on this machine if commands use an address. */
async function reachServer(run: Run, socket: string | null): Promise<Server> {
  const {checks, connections, host, setup, sites, timeoutMs} = run
  const none: Server = {api: null, local: null, rejected: null}
  if (setup.target === null) {
    checks.skip('server', NO_SERVER)
    return none
  }
  const target = {...setup.target, timeoutMs}
  if (target.kind === 'socket') {
    if (socket === null) {
      checks.skip('server', 'the socket is not usable')
      return none
    }
    const verdict = await checks.run('server', () => checkServer(target, connections))
    const api = 'api' in verdict ? verdict.api : null
    return {...none, api, local: api}
  }
  const site = siteOf(sites, target.url)
  const isHere = socket !== null && site !== undefined && isSameServer(setup, sites, site)
  const local = isHere ? await connections.atSocket(socket, timeoutMs) : null
  if (site !== undefined && isUnusable(site, {now: host.now(), insecure: target.insecure})) {
    checks.skip('server', `${shownUrl(target.url)} is not usable`)
    return {...none, local}
  }
  const answers = site !== undefined && publicKeyOf(site.facts.key) !== null
  const verdict = await checks.run('server', () => checkServer(target, connections, answers))
  return 'api' in verdict ? {api: verdict.api, rejected: verdict.rejected, local} : {...none, local}
}

async function checkKeys({checks, connections, host, setup, sites, timeoutMs}: Run, server: Server): Promise<void> {
  const {target, config} = setup
  const now = host.now()
  if (target?.kind !== 'remote') {
    const {api} = server
    if (api === null) checks.skip('api-key', NO_ANSWER)
    else await checks.run('api-key', () => checkLocalKeys(api, now))
    return
  }
  const {listener = null, trusted = false} = config ?? {}
  const acceptedDirectly = async () => {
    if (listener === null || sites.ownKey === null || !isLoopback(listener.hostname)) return null
    // There is nothing in between.
    if (listener.origin === target.url.origin) return false
    return trusted ? connections.accepts(listener, target.apiKey, timeoutMs) : null
  }
  await checks.run('api-key', () => checkApiKey({target, ...server, acceptedDirectly, now}))
}

async function checkTailnet({checks, host, setup: {config}}: Run, api: ControlApi | null): Promise<void> {
  const known = new Set(checks.results.map(({check}) => check))
  const all: [CheckName, (api: ControlApi) => Promise<Verdict>][] = [
    ['pool', (server) => checkPool(server, config)],
    ['users', checkUsers],
    ['routes', (server) => checkServedRoutes(server, host.now())],
    ['policy', (server) => checkPolicyMode(server, config)],
  ]
  // A sandbox has no prefixes that the config file names.
  const work = all.filter(([name]) => !known.has(name))
  if (api === null) for (const [name] of work) checks.skip(name, NO_ANSWER)
  else await Promise.all(work.map(([name, check]) => checks.run(name, () => check(api))))
}

/**
 * The release for the rules of other checks; undefined if it is not known. A version that does not fit what the server can
 * do, such as that of a development build, does not count.
 */
function releaseOf(api: ControlApi | null): string | undefined {
  if (api === null) return undefined
  const {version, releases} = api.server
  const lines: string[] = releases.match(/\d+\.\d+/g) ?? []
  const exact = version === null ? null : /^v?((\d+\.\d+)\.\d+)$/.exec(version)
  const release = exact !== null && lines.includes(exact[2]!) ? exact[1] : lines.at(-1)
  return isKnownRelease(release) ? release : undefined
}
