/**
 * Finds the broken link between this machine, the server and its clients. Checks that do not need each other run at the
 * same time; a check that needs what is broken is skipped, so that the report names the cause and not what follows from
 * it. Nothing is changed on the server.
 */
import {rootsOf} from './roots.ts'
import {CheckRun} from './check-run.ts'
import {checkApiKey, checkLocalKeys} from './checks/api-key.ts'
import {judgeClock} from './checks/clock.ts'
import {checkConfig, checkSettings} from './checks/config.ts'
import {checkOidc} from './checks/oidc.ts'
import {checkPolicyMode} from './checks/policy.ts'
import {checkRelays} from './checks/relays.ts'
import {checkServer} from './checks/server.ts'
import {judgeAnswer, judgeCertificate, judgeUpgrade, shownUrl} from './checks/site.ts'
import {checkSocket} from './checks/socket.ts'
import {proxyOf} from '../api/transport/http/dispatcher.ts'
import {checkPool, checkServedRoutes, checkUsers} from './checks/tailnet.ts'
import {probeSite, publicKeyOf} from './probe/site.ts'
import {hasErrors, skipped} from './result.ts'
import {Connections} from './server.ts'
import type {ControlApi} from '../api/control-api.ts'
import type {ConnectionFlags, ServerTarget} from '../config/target.ts'
import {isLoopback} from '../system/addresses.ts'
import type {SiteContext, SiteRole} from './checks/site.ts'
import type {SiteFacts} from './probe/site.ts'
import type {DoctorHost} from './host.ts'
import type {CheckName, DoctorResult, Verdict} from './result.ts'
import type {ServerConfig} from './server-config.ts'

/** Of one request, unless --timeout or another setting gives a shorter one, in milliseconds. */
const STEP_MS = 10_000

const NO_SERVER = 'no usable server in the configuration'
const NO_ANSWER = 'no server to ask'

/** Makes every check. @throws the reason of the host's signal, and internal errors */
export async function runDoctor(flags: ConnectionFlags, host: DoctorHost): Promise<DoctorResult> {
  const run = new CheckRun(host)
  const connections = new Connections(host)
  try {
    return await new Doctor(flags, host, run, connections).run()
  } finally {
    connections.close()
  }
}

/** An address and what it is for. */
interface Site {
  check: 'server-url' | 'address'
  url: URL
  role: SiteRole
}

class Doctor {
  readonly #flags: ConnectionFlags
  readonly #host: DoctorHost
  readonly #checks: CheckRun
  readonly #connections: Connections
  #config: ServerConfig | null = null
  #target: ServerTarget | null = null
  #timeoutMs = STEP_MS
  /** Whether the socket shows that headscale does not run. */
  #stopped = false

  constructor(flags: ConnectionFlags, host: DoctorHost, checks: CheckRun, connections: Connections) {
    this.#flags = flags
    this.#host = host
    this.#checks = checks
    this.#connections = connections
  }

  async run(): Promise<DoctorResult> {
    const found = await this.#checks.run('config', () => checkConfig(this.#flags, this.#host))
    let address: URL | null = null
    if ('server' in found) {
      this.#config = found.config
      this.#target = found.server
      address = found.address
    }
    this.#timeoutMs = Math.min(this.#target?.timeoutMs ?? STEP_MS, STEP_MS)
    const roots = rootsOf(this.#target)
    const sites = this.#sites(address)

    const probing = this.#probe(sites, roots.context)
    const socket = this.#socket(() =>
      probing.then(({own}) => (own !== null && publicKeyOf(own.key) !== null ? shownUrl(own.url) : null)),
    )
    const reached = Promise.all([probing, socket]).then(([facts, usable]) => this.#server(sites, facts, usable))
    const release = reached.then(({api}) => releaseOf(api))
    const clock = probing.then(({own, facts}) => judgeClock(own === null ? facts : [...facts, own]))

    await Promise.all([
      reached.then(({api, rejected, local}) => this.#tailnet((rejected === null ? api : null) ?? local)),
      reached.then((server) => this.#apiKey(server)),
      this.#checks.run('clock', () => clock),
      Promise.all([probing, release, clock]).then(([facts, text, {offset}]) =>
        this.#judgeSites(sites, facts, {release: text, offset}),
      ),
      release.then((text) => this.#checks.run('settings', () => checkSettings(this.#config, text, this.#host))),
      Promise.all([release, clock]).then(([text, {offset}]) =>
        this.#checks.run('relays', (signal) => {
          // Certificates are judged by the clock that is probably right.
          const now = () => new Date(this.#host.now().getTime() + offset)
          return checkRelays(this.#config, text, {cwd: this.#host.cwd, now, signal, moreRoots: roots.more})
        }),
      ),
      this.#checks.run('oidc', () => checkOidc(this.#config)),
    ])
    const {api, local} = await reached
    const server = (api ?? local)?.server
    return {
      server: server === undefined ? null : {releases: server.releases, version: server.version, via: server.via},
      checks: this.#checks.sorted(),
    }
  }

  /** The addresses to ask: that of clients, and that of commands if it is another one. */
  #sites(address: URL | null): Site[] {
    const serverUrl = this.#config?.serverUrl ?? null
    const sites: Site[] = []
    if (serverUrl !== null) {
      const setIn = `server_url in ${this.#config!.path}`
      const both = address !== null && address.origin === serverUrl.origin
      const users = both ? 'clients and commands' : 'clients'
      sites.push({check: 'server-url', url: serverUrl, role: {name: 'server_url', users, setIn}})
      if (both) return sites
    }
    if (address !== null) {
      const setIn = this.#target?.source.name ?? 'the address'
      sites.push({check: 'address', url: address, role: {name: 'the address', users: 'commands', setIn}})
    }
    return sites
  }

  async #probe(sites: readonly Site[], roots: () => import('node:tls').SecureContext): Promise<Probed> {
    const {signal} = this.#host
    const options = {timeoutMs: this.#timeoutMs, signal, now: () => this.#host.now(), roots}
    const listener = this.#config?.listener ?? null
    const [own, ...facts] = await Promise.all([
      listener === null ? null : probeSite(listener, {...options, upgrade: false}),
      ...sites.map(({url}) => probeSite(url, {...options, upgrade: true})),
    ])
    return {own, facts}
  }

  /** @returns the socket of the server on this machine, if somebody listens */
  async #socket(running: () => Promise<string | null>): Promise<string | null> {
    const target = this.#target
    const needed = target?.kind === 'socket'
    const path = needed ? target.path : (this.#config?.socket ?? null)
    if (path === null) {
      await this.#skip('socket', target === null ? NO_SERVER : 'commands use an address')
      return null
    }
    const verdict = await this.#checks.run('socket', () => checkSocket(path, {needed, running}))
    this.#stopped = (verdict.problems ?? []).some(({code}) => code === 'socket-missing' || code === 'socket-refused')
    return 'open' in verdict && verdict.open ? path : null
  }

  /** Connects to the server, and to the one on this machine if commands use an address. */
  async #server(sites: readonly Site[], probed: Probed, socket: string | null): Promise<Server> {
    const target = this.#target
    const none: Server = {api: null, local: null, rejected: null, probed}
    if (target === null) {
      await this.#skip('server', NO_SERVER)
      return none
    }
    const limited = {...target, timeoutMs: this.#timeoutMs}
    if (limited.kind === 'socket') {
      if (socket === null) {
        await this.#skip('server', 'the socket is not usable')
        return none
      }
      const verdict = await this.#checks.run('server', () => checkServer(limited, this.#connections))
      const api = 'api' in verdict ? verdict.api : null
      return {...none, api, local: api}
    }
    const site = sites.findIndex(({url}) => url.origin === limited.url.origin)
    const facts = probed.facts[site]
    const local =
      socket !== null && this.#isSame(limited.url, facts, probed)
        ? await this.#connections.atSocket(socket, this.#timeoutMs)
        : null
    if (facts !== undefined && this.#isUnusable(sites[site]!, facts, probed)) {
      await this.#skip('server', `${shownUrl(limited.url)} is not usable`)
      return {...none, local}
    }
    const verdict = await this.#checks.run('server', () => checkServer(limited, this.#connections))
    return 'api' in verdict ? {...none, api: verdict.api, rejected: verdict.rejected, local} : {...none, local}
  }

  /** Whether the probe of an address found already why commands cannot use it. */
  #isUnusable(site: Site, facts: SiteFacts, probed: Probed): boolean {
    if (facts.fault !== null && goesThroughProxy(facts.url)) return false
    const context = this.#context(site, {...probed, own: null})
    if (hasErrors(judgeAnswer(facts, context))) return true
    const ignored = this.#target?.kind === 'remote' && this.#target.insecure
    return hasErrors(judgeCertificate(facts, context, {now: this.#host.now(), offset: 0, ignored}))
  }

  /** Whether the server on this machine is the one at an address. */
  #isSame(url: URL, facts: SiteFacts | undefined, {own}: Probed): boolean {
    if (this.#config === null) return false
    const {serverUrl, listener} = this.#config
    if (url.origin === listener?.origin) return true
    const [here, there] = [publicKeyOf(own?.key ?? null), publicKeyOf(facts?.key ?? null)]
    return here !== null && there !== null ? here === there : url.origin === serverUrl?.origin
  }

  #context({role}: Site, {own}: Probed): SiteContext {
    return {role, ownKey: publicKeyOf(own?.key ?? null), listener: this.#config?.listener ?? null}
  }

  async #judgeSites(
    sites: readonly Site[],
    probed: Probed,
    {release, offset}: {release: string | undefined; offset: number},
  ): Promise<void> {
    await this.#checks.run('listener', async () => this.#listener(probed))
    if (sites.length === 0) {
      const reason = this.#config === null ? 'no config file of the server' : 'the config file has no server_url'
      for (const check of ['server-url', 'certificate', 'upgrade'] as const) await this.#skip(check, reason)
    }
    const {configRules} = await import('../setup/releases.ts')
    const hasUpgrade = configRules(release).noiseKey
    const target = this.#target
    for (const [at, site] of sites.entries()) {
      const facts = probed.facts[at]!
      const context = this.#context(site, probed)
      const answer = await this.#checks.run(site.check, async () => this.#answer(facts, context))
      const ignored = site.check === 'address' && target?.kind === 'remote' && target.insecure
      const when = {now: this.#host.now(), offset, ignored}
      await this.#checks.run('certificate', async () => judgeCertificate(facts, context, when))
      const upgrade = hasErrors(answer) || answer.skipped ? {...facts, upgrade: null} : facts
      await this.#checks.run('upgrade', async () => judgeUpgrade(upgrade, context, hasUpgrade))
    }
  }

  #answer(facts: SiteFacts, context: SiteContext): Verdict {
    const verdict = judgeAnswer(facts, context)
    const [problem] = verdict.problems ?? []
    const {target, seen} = verdict
    if (this.#stopped && (problem?.code === 'connection-refused' || problem?.code === 'proxy-no-server')) {
      return skipped(`${seen}: headscale does not run`, target)
    }
    if (facts.fault !== null && goesThroughProxy(facts.url)) {
      return skipped(`${seen}: not reachable without the proxy of the environment, which clients do not use`, target)
    }
    return verdict
  }

  #listener({own}: Probed): Verdict {
    if (own === null) return skipped(this.#config === null ? 'no config file of the server' : 'no listen_addr')
    const target = shownUrl(own.url)
    if (publicKeyOf(own.key) !== null) return {target, seen: 'headscale answers'}
    return skipped('headscale does not answer there: it runs on another machine, or not at all', target)
  }

  async #apiKey({api, local, rejected, probed}: Server): Promise<void> {
    const target = this.#target
    const now = this.#host.now()
    if (target?.kind !== 'remote') {
      if (api === null) await this.#skip('api-key', NO_ANSWER)
      else await this.#checks.run('api-key', () => checkLocalKeys(api, now))
      return
    }
    const {listener = null, trusted = false} = this.#config ?? {}
    const isHere = listener !== null && isLoopback(listener.hostname) && publicKeyOf(probed.own?.key ?? null) !== null
    await this.#checks.run('api-key', () =>
      checkApiKey({
        ...{target, rejected, api, local, now},
        acceptedDirectly: async () => {
          if (!isHere) return null
          // There is nothing in between.
          if (listener.origin === target.url.origin) return false
          return trusted ? this.#connections.accepts(listener, target.apiKey, this.#timeoutMs) : null
        },
      }),
    )
  }

  async #tailnet(api: ControlApi | null): Promise<void> {
    const {now} = this.#host
    const work: [CheckName, (api: ControlApi) => Promise<Verdict>][] = [
      ['pool', (server) => checkPool(server, this.#config)],
      ['users', checkUsers],
      ['routes', (server) => checkServedRoutes(server, now())],
      ['policy', (server) => checkPolicyMode(server, this.#config)],
    ]
    await Promise.all(
      work.map(([name, check]) =>
        api === null ? this.#skip(name, NO_ANSWER) : this.#checks.run(name, () => check(api)),
      ),
    )
  }

  async #skip(name: CheckName, reason: string): Promise<void> {
    await this.#checks.run(name, async () => skipped(reason))
  }
}

interface Probed {
  /** The listener of the server on this machine. */
  own: SiteFacts | null
  /** In the order of the sites. */
  facts: SiteFacts[]
}

interface Server {
  /** The server as commands reach it. */
  api: ControlApi | null
  /** The same server over its socket on this machine. */
  local: ControlApi | null
  rejected: import('../errors.ts').HeadscaleError | null
  probed: Probed
}

/** Whether commands reach an address through a proxy of the environment. Probes are sent without it. */
function goesThroughProxy({protocol, hostname}: URL): boolean {
  return !isLoopback(hostname) && proxyOf(protocol === 'https:' ? 'https' : 'http') !== null
}

/** As the release rules of other checks take it; undefined if it is not known. */
function releaseOf(api: ControlApi | null): string | undefined {
  if (api === null) return undefined
  const {version, releases} = api.server
  const text = version ?? releases
  return /\d+\.\d+(?:\.\d+)?(?!.*\d+\.\d+)/.exec(text)?.[0]
}
