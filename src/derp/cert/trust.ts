/**
 * Whether clients accept a relay's certificate: tailscale's rules, which differ from those of a browser
 * (derp/derphttp and net/tlsdial, v1.102).
 *
 * CertName takes precedence over InsecureForTests; with an IP address as HostName, or without one, a trusted chain for
 * any name is accepted; a pin needs a single certificate. Pure: certificate and time are arguments. Sockets and Node's
 * verification of chains are in net/connection.ts.
 */
import {isIP} from 'node:net'
import type {X509Certificate} from 'node:crypto'
import {PIN_PREFIX, pinOf} from '../map.ts'
import type {DerpNode} from '../map.ts'
import {parsePin} from './pin-text.ts'
import {pinOfDer} from './pin.ts'

/** What a client verifies. `name` null: any name. */
export type TrustRule =
  | {kind: 'insecure'}
  | {kind: 'pin'; pin: string; name: string | null}
  | {kind: 'chain'; name: string | null}

/** What a server presented. */
export interface PresentedCertificate {
  leaf: X509Certificate
  /** Length of the chain, including the leaf, without derper's metacert. */
  certificates: number
  /** Node's error for the chain (`DEPTH_ZERO_SELF_SIGNED_CERT`, …); null when it ends at a trusted root. */
  chainError: string | null
}

/** What is wrong with a certificate. */
export type CertificateFault =
  | 'expired'
  | 'not-yet-valid'
  | 'pin-mismatch'
  | 'pin-malformed'
  | 'several-certificates'
  | 'wrong-name'
  | 'untrusted'

/** Why clients reject a certificate. */
export interface CertificateFinding {
  fault: CertificateFault
  expected: string
  found: string
  /** One line that says what to do. */
  fix: string
}

/** The rule a client derives from a node of the map. */
export function trustRule(node: DerpNode): TrustRule {
  // Without a name, or with an address for one, clients compare no name.
  const dnsName = node.hostName !== '' && isIP(node.hostName) === 0 ? node.hostName.replace(/\.$/, '') : null
  if (pinOf(node) !== null) return {kind: 'pin', pin: node.certName, name: dnsName}
  if (node.certName !== '' && node.certName !== node.hostName) return {kind: 'chain', name: node.certName}
  if (node.insecureForTests) return {kind: 'insecure'}
  return {kind: 'chain', name: dnsName}
}

/** Why a client with this rule rejects the certificate; null when it accepts it. */
export function verifyCertificate(
  rule: TrustRule,
  presented: PresentedCertificate,
  now: Date,
): CertificateFinding | null {
  if (rule.kind === 'insecure') return null
  const {leaf, certificates} = presented
  if (rule.kind === 'pin') {
    if (certificates > 1) {
      return {
        fault: 'several-certificates',
        expected: 'a single certificate, because it is pinned',
        found: `${certificates} certificates`,
        fix: 'serve only the leaf, or remove the pin from the map if the chain is publicly trusted',
      }
    }
    const pinFinding = verifyPin(rule.pin, pinOfDer(leaf.raw))
    if (pinFinding !== null) return pinFinding
  }
  return (
    verifyName(rule.name, leaf) ?? verifyDates(leaf, now) ?? (rule.kind === 'chain' ? verifyChain(presented) : null)
  )
}

function verifyPin(expected: string, found: string): CertificateFinding | null {
  if (expected === found) return null
  if (!/^[0-9a-f]{64}$/.test(expected.slice(PIN_PREFIX.length))) {
    return {
      fault: 'pin-malformed',
      expected,
      found,
      fix: `clients compare the text: if this is your relay, write certname: ${found} (64 lower-case hex digits)`,
    }
  }
  return {
    fault: 'pin-mismatch',
    expected,
    found,
    fix: 'if the certificate was renewed, put the new pin into the map; otherwise another server answers here',
  }
}

function verifyName(name: string | null, leaf: X509Certificate): CertificateFinding | null {
  // Go uses subject alternative names only, never CN.
  if (name === null || leaf.checkHost(name, {subject: 'never', partialWildcards: false}) !== undefined) return null
  const hex = parsePin(name)
  if (hex !== null) {
    return {
      fault: 'pin-malformed',
      expected: name,
      found: pinOfDer(leaf.raw),
      fix: `clients read it as a DNS name: write certname: ${PIN_PREFIX}${hex}`,
    }
  }
  return {
    fault: 'wrong-name',
    expected: name,
    found: leaf.subjectAltName ?? 'no subject alternative name',
    fix: `serve a certificate for ${name}, or correct hostname in the map`,
  }
}

function verifyDates(leaf: X509Certificate, now: Date): CertificateFinding | null {
  const [from, to] = [new Date(leaf.validFrom), new Date(leaf.validTo)]
  if (now > to) {
    return {
      fault: 'expired',
      expected: `valid on ${isoDate(now)}`,
      found: `expired on ${isoDate(to)}`,
      fix: 'renew it and restart derper, which reads its certificate once; a pin changes with it',
    }
  }
  if (now < from) {
    return {
      fault: 'not-yet-valid',
      expected: `valid on ${isoDate(now)}`,
      found: `valid from ${isoDate(from)}`,
      fix: 'compare the clocks of this machine and of the one that created the certificate',
    }
  }
  return null
}

const CHAIN_FIXES: ReadonlyMap<string, string> = new Map([
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'a self-signed certificate needs its pin in the map (headscale-ts derp pin HOST:PORT)',
  ],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    "the intermediate is missing: derper's .crt must contain the full chain, leaf first (browsers hide this)",
  ],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    "no trusted root: derper's .crt must contain the full chain of a public authority, or the map its pin",
  ],
])

function verifyChain({leaf, chainError}: PresentedCertificate): CertificateFinding | null {
  if (chainError === null) return null
  // Bun reports an unverifiable leaf when derper's metacert follows it.
  const selfSigned = leaf.subject === leaf.issuer
  const cause = selfSigned ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : chainError
  return {
    fault: 'untrusted',
    expected: 'a certificate of a trusted authority',
    found: selfSigned ? `self-signed, ${pinOfDer(leaf.raw)}` : `${chainError}, issued by ${oneLine(leaf.issuer)}`,
    fix: CHAIN_FIXES.get(cause) ?? 'serve a publicly trusted certificate, or a self-signed one with its pin in the map',
  }
}

/** Whole days until a certificate expires; negative afterwards. */
export function daysLeft(notAfter: Date, now: Date): number {
  return Math.floor((notAfter.getTime() - now.getTime()) / 86_400_000)
}

/**
 * Whether a certificate expires so soon that its renewal has probably failed: in less than 7 days, as derpprobe counts,
 * or a quarter of its life for short-lived ones (6 days for an IP address from Let's Encrypt).
 */
export function expiresSoon({notBefore, notAfter}: {notBefore: Date; notAfter: Date}, now: Date): boolean {
  const left = notAfter.getTime() - now.getTime()
  return left < Math.min(7 * 86_400_000, (notAfter.getTime() - notBefore.getTime()) / 4)
}

function isoDate(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
