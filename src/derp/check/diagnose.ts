/**
 * One verdict from the outcomes of relay, STUN and port 80 of an address.
 *
 * The same fault has different causes depending on the other outcomes: a closed relay port where STUN answers differs
 * from a machine that does not answer at all. Pure; messages are those of verdict.ts, more exact where more is known.
 */
import {derpPortOf} from '../map.ts'
import type {DerpNode} from '../map.ts'
import type {Path} from './addresses.ts'
import type {CheckContext} from './context.ts'
import {PathFault} from '../net/fault.ts'
import type {CertificateFacts, Verdict} from './result.ts'
import {mappedAddressProblem} from './stun/mapped-address.ts'
import type {StunResult} from './stun/probe.ts'
import {daysLeft, expiresSoon} from '../cert/trust.ts'
import type {CertificateFinding, TrustRule} from '../cert/trust.ts'
import {verdict} from './verdict.ts'

/** The outcome of the relay probe: it reached the end, or a fault. */
export type RelayOutcome = {openToAll: boolean} | PathFault

/** The three outcomes. */
export interface Outcomes {
  /** null: the node is no relay. */
  relay: RelayOutcome | null
  /** null: the map has no STUN for this family. */
  stun: StunResult | null
  /** null: not in the map. */
  port80Works: boolean | null
}

/** What the connections to the relay showed. */
export interface SessionFacts {
  rule: TrustRule
  certificate: CertificateFacts | null
  finding: CertificateFinding | null
  multipleRelays: boolean
}

/** Whether the relay admits an unknown client; null when that was not tested. */
export function openToAll(relay: RelayOutcome | null): boolean | null {
  if (relay === null || relay instanceof PathFault) return isRestricted(relay) ? false : null
  return relay.openToAll
}

/** The verdict on one address. */
export function diagnose(
  path: Path,
  outcomes: Outcomes,
  facts: SessionFacts,
  {expect, now}: Pick<CheckContext, 'expect' | 'now'>,
): Verdict {
  const {relay, stun, port80Works} = outcomes
  const stunAnswers = stun?.outcome === 'answered'
  if (relay === null) {
    if (stunAnswers) return stunAddressVerdict(path, stun) ?? verdict('stun-works')
    return verdict(stun?.outcome === 'no-route' ? 'no-route' : 'stun-only-silent')
  }
  const restrictedAsExpected = expect === 'restricted' && isRestricted(relay)
  if (relay instanceof PathFault && !restrictedAsExpected) return faultVerdict(relay, stunAnswers, facts)
  if (expect === 'restricted' && openToAll(relay) === true) return verdict('open-to-all')
  if (facts.multipleRelays) return verdict('multiple-relays')
  if (stun !== null && !stunAnswers) return verdict('stun-silent')
  const wrongAddress = stunAddressVerdict(path, stun)
  if (wrongAddress !== null) return wrongAddress
  if (port80Works === false) return verdict('port80-silent')
  const {certificate} = facts
  if (certificate?.checked === true && expiresSoon(certificate, now())) {
    return verdict('certificate-expires-soon', {
      message: `the certificate expires in ${formatDaysLeft(certificate, now())}`,
    })
  }
  if (!restrictedAsExpected) return verdict('works')
  return verdict('restricted', {
    health: 'ok',
    message: 'restricted, as expected: it rejects unknown clients',
    fix: null,
  })
}

/** null: STUN did not answer, or reported a plausible address. */
function stunAddressVerdict({family, stun}: Path, result: StunResult | null): Verdict | null {
  if (stun === null || result?.outcome !== 'answered') return null
  const problem = mappedAddressProblem({address: stun.address, family}, result.mapped)
  if (problem === null) return null
  return verdict('stun-wrong-address', {
    message: `STUN tells clients that they are ${result.mapped.address}, ${problem}: direct connections fail`,
  })
}

function isRestricted(relay: RelayOutcome | null): boolean {
  return relay instanceof PathFault && relay.code === 'restricted'
}

function faultVerdict({code, detail}: PathFault, stunAnswers: boolean, {finding}: SessionFacts): Verdict {
  if (code === 'tcp-closed') {
    const how = detail === null ? '' : ` (${detail})`
    if (!stunAnswers) return verdict('no-connection', {message: `no connection${how}`})
    return verdict('relay-port-closed', {
      message: `STUN answers, but the relay port does not${how}: clients measure this relay and cannot use it`,
    })
  }
  if (code === 'certificate-rejected' && finding !== null) {
    return verdict(code, {message: CERTIFICATE_MESSAGES[finding.fault], certificate: finding})
  }
  if (code === 'multiple-relays') {
    return verdict(code, {
      health: 'broken',
      message: 'connections to this address reach different relays, and packets are not forwarded between them',
    })
  }
  return verdict(code, detail === null ? {} : {message: detail})
}

const CERTIFICATE_MESSAGES = {
  expired: 'the certificate has expired',
  'not-yet-valid': 'the certificate is not valid yet',
  'pin-mismatch': 'the certificate is not the pinned one',
  'pin-malformed': 'the pin in the map matches no certificate at all',
  'several-certificates': 'clients accept a pin for a single certificate only',
  'wrong-name': 'the certificate is for another name',
  untrusted: 'the certificate is not signed by an authority that clients trust',
} as const

/** Additional notes that do not change the verdict. */
export function notesOn(node: DerpNode, path: Path, facts: SessionFacts, now: Date): string[] {
  const {rule, certificate, finding} = facts
  const notes: string[] = []
  if (certificate !== null && rule.kind === 'insecure') {
    notes.push(
      `clients accept any certificate here (insecurefortests); pin this one instead: certname: ${certificate.pin}`,
    )
  }
  if (certificate !== null && finding === null && rule.kind === 'chain' && rule.name === null) {
    notes.push(
      'clients accept a trusted certificate for any name here, because hostname is an address; a pin is stricter',
    )
  }
  if (
    certificate?.checked === true &&
    finding === null &&
    !expiresSoon(certificate, now) &&
    daysLeft(certificate.notAfter, now) < 30
  ) {
    notes.push(`the certificate expires in ${formatDaysLeft(certificate, now)}`)
  }
  if (path.stun === null)
    notes.push('no STUN in the map: clients do not choose the region as home while another region answers')
  if (derpPortOf(node) === 80) notes.push('the relay port is 80, which proxies and firewalls treat as plain HTTP')
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
