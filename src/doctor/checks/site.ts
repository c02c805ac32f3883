/**
 * Judges what a probe of an address found: whether headscale answers there, and the same headscale as on this machine, and
 * whether the upgrade of clients arrives. Pure: facts in, verdicts out. The certificate is in certificate.ts.
 */
import {cleanText} from '../../api/transport/server-text.ts'
import {bareHost, portOf, publicKeyOf} from '../probe/site.ts'
import type {SiteFacts, SiteFault} from '../probe/site.ts'
import type {Reply} from '../probe/exchange.ts'
import {error, skipped} from '../result.ts'
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

/** With a capital letter at its start. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
