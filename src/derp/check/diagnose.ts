/**
 * One verdict from what the relay, STUN and port 80 of an address came to.
 *
 * This is where faults are weighed against each other: a closed relay port beside STUN that answers is another matter
 * than a machine that is not there. Pure; the sentences are those of verdict.ts, made more exact where more is known.
 */
import {derpPortOf} from '../map.ts'
import type {DerpNode} from '../map.ts'
import type {Path} from './addresses.ts'
import type {CheckContext} from './context.ts'
import {PathFault} from '../net/fault.ts'
import type {CertificateFacts, Verdict} from './result.ts'
import type {StunResult} from './stun/probe.ts'
import {daysLeft, expiresSoon} from '../cert/trust.ts'
import type {CertificateFinding, TrustRule} from '../cert/trust.ts'
import {verdict} from './verdict.ts'

/** How far the climb got: to the end, or to a fault. */
export type RelayOutcome = {openToAll: boolean} | PathFault

/** What the three came to. */
export interface Outcomes {
  /** null: the node is no relay. */
  relay: RelayOutcome | null
  /** null: no STUN is promised for this family. */
  stun: StunResult | null
  /** null: not promised. */
  port80Works: boolean | null
}

/** What the conversations with the relay left behind. */
export interface SessionFacts {
  rule: TrustRule
  certificate: CertificateFacts | null
  finding: CertificateFinding | null
  multipleRelays: boolean
}

/** Whether the relay admits a key nobody knows; null when that was not seen. */
export function openToAll(relay: RelayOutcome | null): boolean | null {
  if (relay === null || relay instanceof PathFault) return isRestricted(relay) ? false : null
  return relay.openToAll
}

/** The verdict on one address. */
export function diagnose(
  outcomes: Outcomes,
  facts: SessionFacts,
  {expect, now}: Pick<CheckContext, 'expect' | 'now'>,
): Verdict {
  const {relay, stun, port80Works} = outcomes
  const stunAnswers = stun?.outcome === 'answered'
  if (relay === null) {
    if (stunAnswers) return verdict('stun-works')
    return verdict(stun?.outcome === 'no-route' ? 'no-route' : 'stun-only-silent')
  }
  const restrictedAsExpected = expect === 'restricted' && isRestricted(relay)
  if (relay instanceof PathFault && !restrictedAsExpected) return faultVerdict(relay, stunAnswers, facts)
  if (expect === 'restricted' && openToAll(relay) === true) return verdict('open-to-all')
  if (facts.multipleRelays) return verdict('multiple-relays')
  if (stun !== null && !stunAnswers) return verdict('stun-silent')
  if (port80Works === false) return verdict('port80-silent')
  const {certificate} = facts
  if (certificate?.checked === true && expiresSoon(certificate, now())) {
    return verdict('certificate-expires-soon', {
      message: `the certificate ends in ${formatDaysLeft(certificate, now())}`,
    })
  }
  if (!restrictedAsExpected) return verdict('works')
  return verdict('restricted', {
    health: 'ok',
    message: 'restricted, as expected: it does not admit a stranger',
    fix: null,
  })
}

function isRestricted(relay: RelayOutcome | null): boolean {
  return relay instanceof PathFault && relay.code === 'restricted'
}

function faultVerdict({code, detail}: PathFault, stunAnswers: boolean, {finding}: SessionFacts): Verdict {
  if (code === 'tcp-closed') {
    const how = detail === null ? '' : ` (${detail})`
    if (!stunAnswers) return verdict('no-connection', {message: `nothing answers there${how}`})
    return verdict('relay-port-closed', {
      message: `STUN answers, the relay port does not${how}: clients measure this relay and cannot use it`,
    })
  }
  if (code === 'certificate-rejected' && finding !== null) {
    return verdict(code, {message: CERTIFICATE_WORDS[finding.fault], certificate: finding})
  }
  if (code === 'multiple-relays') {
    return verdict(code, {
      health: 'broken',
      message:
        'two connections to this address reach different relays, and a packet does not get from one to the other',
    })
  }
  return verdict(code, detail === null ? {} : {message: detail})
}

const CERTIFICATE_WORDS = {
  expired: 'the certificate has expired',
  'not-yet-valid': 'the certificate is not valid yet',
  'pin-mismatch': 'the certificate is not the pinned one',
  'pin-malformed': 'the pin in the map can match no certificate',
  'several-certificates': 'clients that pin refuse a chain of certificates',
  'wrong-name': 'the certificate is for another name',
  untrusted: 'no authority that clients trust vouches for the certificate',
} as const

/** What deserves a look beside the verdict. */
export function notesOn(node: DerpNode, path: Path, facts: SessionFacts, now: Date): string[] {
  const {rule, certificate, finding} = facts
  const notes: string[] = []
  if (certificate !== null && rule.kind === 'insecure') {
    notes.push(
      `clients take any certificate here (insecurefortests); pin this one instead: certname: ${certificate.pin}`,
    )
  }
  if (certificate !== null && finding === null && rule.kind === 'chain' && rule.name === null) {
    notes.push('clients take a trusted certificate for any name here, since HostName is an address; a pin is stricter')
  }
  if (
    certificate?.checked === true &&
    finding === null &&
    !expiresSoon(certificate, now) &&
    daysLeft(certificate.notAfter, now) < 30
  ) {
    notes.push(`the certificate ends in ${formatDaysLeft(certificate, now)}`)
  }
  if (path.stun === null) notes.push('no STUN in the map: never a home while any other region answers')
  if (derpPortOf(node) === 80) notes.push('the relay port is 80, which proxies and firewalls take for plain HTTP')
  return notes
}

function formatDaysLeft({notAfter}: CertificateFacts, now: Date): string {
  const days = daysLeft(notAfter, now)
  return days === 1 ? '1 day' : `${days} days`
}

/** `address:port`, with brackets where IPv6 needs them. */
export function formatEndpoint({address, port}: {address: string; port: number}): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
