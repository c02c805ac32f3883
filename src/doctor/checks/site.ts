/**
 * Judges what a probe of an address found: whether headscale answers there, and the same headscale as on this machine;
 * its certificate; whether the upgrade of clients arrives. Pure: facts in, verdicts out.
 */
import {isIP} from 'node:net'
import {expiresSoon} from '../../derp/cert/trust.ts'
import {roughDuration} from '../../domain/values/duration.ts'
import {cleanText} from '../../api/transport/server-text.ts'
import {bareHost, portOf, publicKeyOf} from '../probe/site.ts'
import type {SiteCertificate, SiteFacts, SiteFault} from '../probe/site.ts'
import type {Reply} from '../probe/exchange.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict, Words} from '../result.ts'

/** What an address is for. */
export interface SiteRole {
  /** `server_url` or `the address`: the subject of messages. */
  name: string
  /** Who gets no answer: `clients` or `commands`. */
  users: string
  /** Where it is set: `server_url in /etc/headscale/config.yaml`. */
  setIn: string
}

export interface SiteContext {
  role: SiteRole
  /** The public key of the server on this machine; null if it is not known. */
  ownKey: string | null
  /** The listener of the server on this machine; null if there is none. */
  listener: URL | null
}

export function shownUrl(url: URL): string {
  return cleanText(url.href.replace(/\/$/, ''))
}

/** Whether headscale answers at the address. */
export function judgeAnswer(facts: SiteFacts, context: SiteContext): Verdict {
  const {url, fault, key} = facts
  const target = shownUrl(url)
  const {role, ownKey} = context
  if (fault !== null) {
    const problem = faultProblem(fault, facts, context)
    return {target, seen: seenOf(fault), problems: [problem]}
  }
  const found = publicKeyOf(key)
  if (found === null) {
    const problem = answerProblem(key!, facts, context)
    return {target, seen: `HTTP ${key!.status}, not from headscale`, problems: [problem]}
  }
  if (ownKey !== null && found !== ownKey) {
    return {
      target,
      seen: 'another headscale server answers',
      problems: [
        error('other-server', [
          `${role.name} ${target} leads to another headscale server than the one on this machine: their public keys differ`,
          `${capital(role.users)} use that other server`,
          `Correct ${role.setIn}, its DNS record or the proxy there, and restart headscale`,
        ]),
      ],
    }
  }
  const same = ownKey === null ? '' : ', the one on this machine'
  return {target, seen: `headscale answers${same}`}
}

function seenOf({kind}: SiteFault): string {
  const texts: Record<SiteFault['kind'], string> = {
    'no-host': 'host not found',
    'no-dns': 'no answer from DNS',
    refused: 'connection refused',
    silent: 'no answer',
    'no-route': 'no route',
    'not-tls': 'no TLS',
    'tls-failed': 'TLS handshake failed',
    'not-http': 'not HTTP/1.1',
    closed: 'connection closed',
  }
  return texts[kind]
}

function faultProblem({kind, detail}: SiteFault, {url}: SiteFacts, context: SiteContext): Problem {
  const {role, listener} = context
  const target = shownUrl(url)
  const subject = `${role.name} ${target}`
  const who = `${capital(role.users)} cannot connect`
  const host = bareHost(url)
  switch (kind) {
    case 'no-host':
      return error('host-not-found', [
        `${subject}: DNS has no address for ${host}`,
        who,
        `Create the DNS record of ${host}, or correct ${role.setIn}`,
      ])
    case 'no-dns':
      return error('dns-silent', [
        `${subject}: the DNS server of this machine does not answer (${detail})`,
        'This machine cannot look up names; other machines may still connect',
        'Check /etc/resolv.conf and the network of this machine',
      ])
    case 'refused':
      return error('connection-refused', [
        `${subject}: nothing listens on port ${portOf(url)} of ${host}`,
        who,
        listener === null || listener.origin === url.origin
          ? `Check that headscale runs there (systemctl status headscale), and the port in ${role.setIn}`
          : `headscale here listens at ${shownUrl(listener)}: start the proxy in front of it, or correct ${role.setIn}`,
      ])
    case 'silent':
      return error('no-answer', [
        `${subject} does not answer`,
        who,
        `Open port ${portOf(url)} in the firewall and check that ${host} is the right machine`,
      ])
    case 'no-route':
      return error('no-route', [
        `${subject}: this machine has no route to ${host} (${detail})`,
        'Commands fail here; other machines may still connect',
        'Check the network of this machine',
      ])
    case 'not-tls':
      return error('not-https', [
        `${subject}: the port does not speak TLS`,
        `${who}: the address says https`,
        `Add a certificate to headscale (tls_cert_path, tls_key_path) or put a proxy in front, or change ${role.setIn} to http://`,
      ])
    case 'tls-failed':
      return error('tls-failed', [
        `${subject}: ${detail}`,
        who,
        'Check the TLS settings of the server or proxy, and its log',
      ])
    case 'not-http':
      return error('not-http', [
        `${subject} does not speak HTTP/1.1: ${detail}`,
        who,
        `Use the port of listen_addr or of the proxy in ${role.setIn}`,
      ])
    case 'closed':
      return error('connection-closed', [
        `${subject} closes the connection without an answer (${detail})`,
        who,
        'Check the log of the proxy and of headscale',
      ])
  }
}

/** The address answers, and not with the key of a headscale server. */
function answerProblem(reply: Reply, {url}: SiteFacts, {role, listener}: SiteContext): Problem {
  const {status, headers, body} = reply
  const subject = `${role.name} ${shownUrl(url)}`
  const via = cleanText(headers.get('server') ?? '')
  const by = via === '' ? '' : `, server: ${via}`
  const forward = listener === null ? 'headscale' : shownUrl(listener)
  const who = `${capital(role.users)} do not reach headscale`
  if (status === 400 && /HTTP request to an HTTPS server/i.test(body)) {
    return error('expects-https', [`${subject} expects https, not http`, who, `Change ${role.setIn} to https://`])
  }
  if (status >= 502 && status <= 504) {
    return error('proxy-no-server', [
      `${subject}: a proxy answers and does not reach headscale (HTTP ${status}${by})`,
      who,
      `Check that headscale runs, and that the proxy forwards to ${forward}`,
    ])
  }
  if (status >= 300 && status < 400) {
    return error('redirected', [
      `${subject} redirects to ${cleanText(headers.get('location') ?? 'nowhere')} (HTTP ${status})`,
      'Clients do not follow a redirect when they upgrade a connection, and commands do not send a key there',
      `Set ${role.setIn} to the address that it redirects to, or remove the redirect or the login of the proxy`,
    ])
  }
  if (status === 401 || status === 403 || status === 407) {
    return error('proxy-denies', [
      `${subject}: a proxy denies access (HTTP ${status}${by})`,
      `${who}: they have no login for the proxy`,
      'Let the proxy pass all paths through without its own login',
    ])
  }
  if (/^\s*<(?:!doctype html|html)\b/i.test(body) || /^text\/html/i.test(headers.get('content-type') ?? '')) {
    return error('web-page', [
      `${subject} answers with a web page in place of headscale (HTTP ${status}${by})`,
      who,
      `Let the proxy pass all paths through to ${forward}, or correct ${role.setIn}`,
    ])
  }
  const text = cleanText(body.slice(0, 100))
  return error('not-headscale', [
    `${subject} is not headscale: GET /key gets HTTP ${status}${text === '' ? '' : ` (${text})`}`,
    who,
    `Correct ${role.setIn}, or let the proxy pass all paths through to ${forward}`,
  ])
}

/**
 * Whether the upgrade of clients arrives.
 * @param hasUpgrade whether the release has it (0.17 and later)
 */
export function judgeUpgrade({url, upgrade}: SiteFacts, {role}: SiteContext, hasUpgrade: boolean): Verdict {
  const target = shownUrl(url)
  if (!hasUpgrade) return skipped('this release has no upgrade', target)
  if (upgrade === null) return skipped(`${role.name} is not usable`, target)
  const problem = (code: string, seen: string, message: string): Verdict => {
    const words: Words = [
      message,
      'Clients cannot log in: they send POST /ts2021 with "Upgrade: tailscale-control-protocol", and headscale needs this header',
      'nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection "upgrade"; headscale-ts setup render -o nginx writes it; Cloudflare tunnels cannot pass it',
    ]
    return {target, seen, problems: [error(code, words)]}
  }
  if ('kind' in upgrade) {
    return problem(
      'upgrade-blocked',
      'the upgrade gets no answer',
      `The upgrade of POST /ts2021 at ${target} gets no answer (${upgrade.detail}): a proxy does not pass it`,
    )
  }
  const {status, body} = upgrade
  if (status === 101 || (status === 400 && /handshake header/i.test(body)))
    return {target, seen: 'arrives at headscale'}
  if ((status === 500 && /internal error/i.test(body)) || (status === 400 && /next protocol/i.test(body))) {
    return problem(
      'upgrade-stripped',
      'a proxy removes the Upgrade header',
      `A proxy at ${target} removes or replaces the Upgrade header of POST /ts2021`,
    )
  }
  return problem(
    'upgrade-blocked',
    `the upgrade gets HTTP ${status}`,
    `The upgrade of POST /ts2021 at ${target} gets HTTP ${status}: a proxy does not pass it to headscale`,
  )
}

/** A certificate that expires earlier is reported. */
const DAYS_LEFT = 14
const DAY = 86_400_000

/**
 * The certificate of the address.
 * @param offset how far the clock of the server is ahead of ours, in milliseconds, where that is much: a certificate that
 * only one of the clocks makes invalid is a matter of the clock
 */
export function judgeCertificate(
  {url, certificate, clock}: SiteFacts,
  {role}: SiteContext,
  {now, offset, ignored}: {now: Date; offset: number; ignored: boolean},
): Verdict {
  const target = shownUrl(url)
  if (url.protocol !== 'https:') return skipped('plain http', target)
  if (certificate === null) return skipped('no TLS connection', target)
  const {leaf} = certificate
  const end = new Date(leaf.validTo)
  const left = end.getTime() - now.getTime()
  const problem = certificateProblem(certificate, url, role, now)
  const there =
    clock === null || offset === 0
      ? problem
      : certificateProblem(certificate, url, role, new Date(now.getTime() + offset))
  if (problem !== null && there !== null) {
    const {code, message, reason, fix} = problem
    if (ignored) {
      const words: Words = [message, 'Commands do not verify it, so others can read the API key', fix]
      return {target, seen: `not verified: ${code}`, problems: [warning(code, words)]}
    }
    return {target, seen: CERTIFICATE_SEEN[code] ?? 'not trusted', problems: [error(code, [message, reason, fix])]}
  }
  const seen = `valid, ${roughDuration(Math.max(0, left))} left (until ${isoDate(end)})`
  const soon = left < DAYS_LEFT * DAY && expiresSoonFor(certificate, now)
  if (!soon || problem !== null) return {target, seen}
  return {
    target,
    seen,
    problems: [
      warning('certificate-expires-soon', [
        `The certificate of ${target} expires in ${roughDuration(left)}, on ${isoDate(end)}`,
        'Clients and commands refuse the server afterwards; its automatic renewal has probably failed',
        'Check the renewal: the log of certbot, Caddy or headscale (tls_letsencrypt_*)',
      ]),
    ],
  }
}

/** Short-lived certificates are renewed a few days before their end. */
function expiresSoonFor({leaf}: SiteCertificate, now: Date): boolean {
  const dates = {notBefore: new Date(leaf.validFrom), notAfter: new Date(leaf.validTo)}
  const life = dates.notAfter.getTime() - dates.notBefore.getTime()
  return life > 60 * DAY || expiresSoon(dates, now)
}

const CERTIFICATE_SEEN: Readonly<Record<string, string>> = {
  'certificate-expired': 'expired',
  'certificate-not-yet-valid': 'not valid yet',
  'certificate-name': 'for another host',
  'certificate-chain': 'incomplete chain',
  'certificate-untrusted': 'unknown authority',
}

function certificateProblem(
  {leaf, chainError, certificates}: SiteCertificate,
  url: URL,
  {users}: SiteRole,
  now: Date,
): Problem | null {
  const host = bareHost(url)
  const subject = `The certificate of ${shownUrl(url)}`
  const who = `${capital(users)} refuse the server`
  const [from, to] = [new Date(leaf.validFrom), new Date(leaf.validTo)]
  if (now > to) {
    return error('certificate-expired', [
      `${subject} expired on ${isoDate(to)}, ${roughDuration(now.getTime() - to.getTime())} ago`,
      who,
      'Renew it and reload the proxy or restart headscale, which reads the file at its start; then check the automatic renewal',
    ])
  }
  if (now < from) {
    return error('certificate-not-yet-valid', [
      `${subject} is valid from ${isoDate(from)} on`,
      who,
      'Check the clock of the machine that created it, and of this machine: date -u',
    ])
  }
  const fits = isIP(host) === 0 ? leaf.checkHost(host, {subject: 'never'}) : leaf.checkIP(host)
  if (fits === undefined) {
    return error('certificate-name', [
      `${subject} is for ${cleanText(leaf.subjectAltName ?? 'no host name')}`,
      who,
      `Use a certificate for ${host}, or an address that the certificate names`,
    ])
  }
  if (chainError === null) return null
  const selfSigned = leaf.subject === leaf.issuer
  if (!selfSigned && certificates === 1 && /UNABLE_TO/.test(chainError)) {
    return error('certificate-chain', [
      `${subject} comes without the certificate of its issuer, ${issuerOf(leaf.issuer)}`,
      `${who}; browsers hide it`,
      'Use the full chain (fullchain.pem) in the proxy or in tls_cert_path; for a private authority pass --ca-file',
    ])
  }
  return error('certificate-untrusted', [
    `${subject} is ${selfSigned ? 'self-signed' : `issued by ${issuerOf(leaf.issuer)}, which this machine does not trust`} (${chainError})`,
    `${who} unless they trust its authority`,
    'Use a certificate of a public authority, or install the authority on every machine; for commands pass --ca-file',
  ])
}

function issuerOf(name: string): string {
  return cleanText(/^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', '))
}

function isoDate(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
