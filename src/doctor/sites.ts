/** The addresses of a server: those of clients and of commands, and its listener on this machine, probed and judged. */
import {proxyOf} from '../api/transport/http/dispatcher.ts'
import type {ServerTarget} from '../config/target.ts'
import {isLoopback} from '../system/addresses.ts'
import type {CheckRun} from './check-run.ts'
import {judgeCertificate} from './checks/certificate.ts'
import {judgeAnswer, judgeUpgrade, shownUrl} from './checks/site.ts'
import type {SiteContext, SiteRole} from './checks/site.ts'
import {probeSite, publicKeyOf} from './probe/site.ts'
import type {ProbeOptions, SiteFacts} from './probe/site.ts'
import {hasErrors, skipped} from './result.ts'
import type {Verdict} from './result.ts'
import type {ServerConfig} from './server-config.ts'

/** What the configuration says. */
export interface Setup {
  config: ServerConfig | null
  target: ServerTarget | null
  /** The address of commands; null for a socket. */
  address: URL | null
  /** A config file at a default location that is not used, because it is of another server than the address. */
  unused?: ServerConfig
}

/** An address, what it is for, and what a probe found there. */
export interface Site {
  check: 'server-url' | 'address'
  role: SiteRole
  facts: SiteFacts
}

export interface Sites {
  /** The listener of the server on this machine; null if no config file says where it is. */
  own: SiteFacts | null
  /** The public key that it answers with; null if it does not answer. */
  ownKey: string | null
  /** That of clients first. */
  list: Site[]
}

/** Asks every address at the same time. */
export async function probeSites(setup: Setup, options: Omit<ProbeOptions, 'upgrade'>): Promise<Sites> {
  const listener = setup.config?.listener ?? null
  const [own, list] = await Promise.all([
    listener === null ? null : probeSite(listener, {...options, upgrade: false}),
    Promise.all(
      addressesOf(setup).map(async ({url, ...site}) => ({
        ...site,
        facts: await probeSite(url, {...options, upgrade: true}),
      })),
    ),
  ])
  return {own, ownKey: publicKeyOf(own?.key ?? null), list}
}

function addressesOf({config, target, address}: Setup): (Omit<Site, 'facts'> & {url: URL})[] {
  const serverUrl = config?.serverUrl ?? null
  const both = address !== null && serverUrl !== null && address.origin === serverUrl.origin
  const sites: ReturnType<typeof addressesOf> = []
  if (serverUrl !== null) {
    const users = both ? 'clients and commands' : 'clients'
    const role = {name: 'server_url', users, setIn: `server_url in ${config!.path}`}
    sites.push({check: 'server-url', url: serverUrl, role})
  }
  if (address !== null && !both) {
    const role = {name: 'the address', users: 'commands', setIn: target?.source.name ?? 'the address'}
    sites.push({check: 'address', url: address, role})
  }
  return sites
}

/** The site of the address of commands; undefined for a socket. */
export function siteOf({list}: Sites, url: URL): Site | undefined {
  return list.find(({facts}) => facts.url.origin === url.origin)
}

/**
 * Whether the config file is of another server than the address of commands. Only for a file at a default location: one that
 * was named is believed, and the address is then wrong.
 */
export function isOfAnotherServer({config, address}: Setup, {ownKey, list}: Sites): boolean {
  if (config === null || config.namedBy !== null || address === null || ownKey === null) return false
  const site = list.find(({check}) => check === 'address')
  const key = publicKeyOf(site?.facts.key ?? null)
  return key !== null && key !== ownKey
}

/** Whether the server on this machine is the one at an address. */
export function isSameServer({config}: Setup, {ownKey}: Sites, {facts}: Site): boolean {
  if (config === null) return false
  const {origin} = facts.url
  const there = publicKeyOf(facts.key)
  if (ownKey !== null && there !== null) return ownKey === there
  return origin === config.listener?.origin || origin === config.serverUrl?.origin
}

/** Whether commands cannot use an address, for a reason that `reportSites` names. */
export function isUnusable(site: Site, {now, insecure}: {now: Date; insecure: boolean}): boolean {
  const {facts, role} = site
  if (facts.fault !== null && goesThroughProxy(facts.url)) return false
  const context = {role, ownKey: null, listener: null}
  const certificate = judgeCertificate(facts, context, {now, offset: 0, ignored: insecure})
  return hasErrors(judgeAnswer(facts, context)) || hasErrors(certificate)
}

export interface SiteTerms {
  now: Date
  /** Of the clock, as `judgeCertificate` takes it. */
  offset: number
  /** Whether the socket shows that headscale does not run here. */
  stopped: boolean
  /** Whether the release has the upgrade of clients. */
  hasUpgrade: boolean
}

/** Reports the listener, and each address with its certificate and the upgrade. */
export function reportSites(checks: CheckRun, setup: Setup, sites: Sites, terms: SiteTerms): void {
  const {config, target} = setup
  const {now, offset, stopped, hasUpgrade} = terms
  checks.add('listener', listenerVerdict(setup, sites))
  if (sites.list.length === 0) {
    const reason = config === null ? 'no config file of the server' : 'the config file has no server_url'
    for (const check of ['server-url', 'certificate', 'upgrade'] as const) checks.skip(check, reason)
  }
  for (const {check, role, facts} of sites.list) {
    const context = {role, ownKey: sites.ownKey, listener: config?.listener ?? null}
    const answer = checks.add(check, answerVerdict(facts, context, stopped))
    const ignored = check === 'address' && target?.kind === 'remote' && target.insecure
    checks.add('certificate', judgeCertificate(facts, context, {now, offset, ignored}))
    const asked = hasErrors(answer) || answer.skipped ? {...facts, upgrade: null} : facts
    checks.add('upgrade', judgeUpgrade(asked, context, hasUpgrade))
  }
}

function listenerVerdict({config, unused}: Setup, {own, ownKey}: Sites): Verdict {
  if (unused?.listener) {
    const seen = `another headscale than at the address, so ${unused.path} is not used`
    return {target: shownUrl(unused.listener), seen}
  }
  if (own === null) return skipped(config === null ? 'no config file of the server' : 'no listen_addr')
  const target = shownUrl(own.url)
  if (ownKey !== null) return {target, seen: 'headscale answers'}
  return skipped('headscale does not answer there: it runs on another machine, or not at all', target)
}

function answerVerdict(facts: SiteFacts, context: SiteContext, stopped: boolean): Verdict {
  const verdict = judgeAnswer(facts, context)
  const code = verdict.problems?.[0]?.code
  const {target = null, seen} = verdict
  if (stopped && (code === 'connection-refused' || code === 'proxy-no-server')) {
    return skipped(`${seen}: headscale does not run`, target)
  }
  if (facts.fault !== null && goesThroughProxy(facts.url)) {
    return skipped(`${seen}: not reachable without the proxy of the environment, which clients do not use`, target)
  }
  return verdict
}

/** Whether commands reach an address through a proxy of the environment. Probes are sent without it. */
function goesThroughProxy({protocol, hostname}: URL): boolean {
  return !isLoopback(hostname) && proxyOf(protocol === 'https:' ? 'https' : 'http') !== null
}
