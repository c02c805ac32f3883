/**
 * Judges the certificate of an address by the rules of clients: host name, dates, a chain to a trusted authority. Pure, as
 * checks/site.ts.
 */
import {isIP} from 'node:net'
import {cleanText} from '../../api/transport/server-text.ts'
import {expiresSoon} from '../../derp/cert/trust.ts'
import {roughDuration} from '../../domain/values/duration.ts'
import {bareHost} from '../probe/site.ts'
import type {SiteCertificate, SiteFacts} from '../probe/site.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict, Words} from '../result.ts'
import {capital, shownUrl} from './site.ts'
import type {SiteContext, SiteRole} from './site.ts'

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
