/**
 * What a check found, as data: steps, verdicts, and how they combine from one address to the whole map.
 *
 * A verdict names one cause, so that two different faults never look alike; its message and fix are in verdict.ts.
 * The report and the JSON document read these values and add nothing.
 */
import type {CertificatePin} from '../cert/pin.ts'
import type {DerpNode, DerpRegion} from '../map.ts'
import type {CertificateFinding} from '../cert/trust.ts'

/**
 * - `ok`: clients can use it.
 * - `degraded`: packets are forwarded, but something else does not work as the map says.
 * - `restricted`: it admits known clients only, and did not admit the check.
 * - `broken`: something answers, and clients cannot use it.
 * - `unreachable`: nothing answers.
 */
export type Health = 'ok' | 'degraded' | 'restricted' | 'broken' | 'unreachable'

/** The steps at one address, in this order; `stun` and `port80` run in parallel with the rest. */
export const STEPS = ['tcp', 'tls', 'http', 'upgrade', 'relay', 'packet', 'unknown-client', 'stun', 'port80'] as const
export type StepName = (typeof STEPS)[number]

/** One step. A step that was not reached or does not apply is `skipped`. */
export interface Step {
  name: StepName
  outcome: 'ok' | 'failed' | 'skipped'
  /** Duration in milliseconds; null for a skipped step. For `packet` and `stun`: the travel time of the packet. */
  ms: number | null
  /** What happened, one line; '' if there is nothing to add. */
  detail: string
}

export type VerdictCode =
  // ok
  | 'works'
  | 'stun-works' // a node that is STUN only, and answers
  // degraded
  | 'stun-silent' // the relay forwards, STUN does not answer
  | 'stun-wrong-address' // STUN reports an address that is not the client's
  | 'port80-silent' // CanPort80 is set, and port 80 does not answer
  | 'certificate-expires-soon'
  | 'multiple-relays' // connections to one address reach relays with different keys
  | 'one-family' // works over only one of IPv4 and IPv6, though the map has both
  // restricted
  | 'restricted'
  // broken
  | 'open-to-all' // against --expect restricted
  | 'relay-port-closed' // STUN answers, the relay's TCP port does not
  | 'stun-only-silent' // a node that is STUN only, and does not answer
  | 'plain-http' // HTTP without TLS on the relay port
  | 'not-tls'
  | 'name-rejected' // TLS alert 80: the relay serves another name
  | 'tls-failed'
  | 'certificate-rejected'
  | 'proxy' // HTTP in between that does not pass the upgrade
  | 'relay-disabled' // derper -derp=false
  | 'not-derp'
  | 'protocol-error' // not the DERP protocol, or beyond its limits
  | 'timeout' // accepted the connection and stopped answering
  | 'key-rejected' // the supplied key was not admitted either
  | 'no-forwarding'
  | 'invalid-map' // the values in the map leave nothing to dial
  // unreachable
  | 'no-connection'
  | 'no-address' // DNS
  | 'no-route' // this machine cannot send there

/** One cause and what to do. */
export interface Verdict {
  code: VerdictCode
  health: Health
  /** What was found, one line without a period. */
  message: string
  /** What to do about it, one line; null when there is nothing to do. */
  fix: string | null
  /** What clients expect of the certificate and what was found. */
  certificate: CertificateFinding | null
}

/** A certificate as a report shows it. */
export interface CertificateFacts extends CertificatePin {
  /** `TLSv1.3`. */
  protocol: string
  /** Whether clients check it at all (InsecureForTests). */
  checked: boolean
}

/** One address of one node. */
export interface PathResult {
  family: 4 | 6
  /** A literal. */
  address: string
  /** Steps in the order of STEPS, every one of them. */
  steps: Step[]
  verdict: Verdict
  /** Notes, one line each; none of them changes the verdict. */
  notes: string[]
  certificate: CertificateFacts | null
  /** The relay's public key, 64 hex digits; null when it was not seen. */
  serverKey: string | null
  /** This machine as STUN sees it, `address:port`; null without an answer. */
  mapped: string | null
  /** Whether the relay admits an unknown client; null when that was not tested. */
  openToAll: boolean | null
}

/** One node. */
export interface NodeResult {
  node: DerpNode
  /** Empty when no address could be found. */
  paths: PathResult[]
  /** Over all paths: the worst of them, or `one-family` when another path works. */
  verdict: Verdict
  notes: string[]
  /** DNS time in milliseconds; null when the map has the addresses. */
  dnsMs: number | null
}

/** Whether a packet got from a client on one node of a region to a client on another, both ways. */
export interface MeshResult {
  from: string
  to: string
  forwarded: boolean
}

/** One region. */
export interface RegionResult {
  region: DerpRegion
  nodes: NodeResult[]
  /** The first working node with each other one; empty when fewer than two admitted the check. */
  mesh: MeshResult[]
  health: Health
  notes: string[]
}

/** The whole check. */
export interface CheckResult {
  /** What was checked, as the user named it, without a password. */
  target: string
  startedAt: Date
  ms: number
  regions: RegionResult[]
  health: Health
}

/**
 * Combines the health of parts. Equal values stay as they are; `unreachable` only if all parts are; a fault is
 * `degraded` if another part works, and `broken` otherwise.
 */
export function combineHealth(parts: readonly Health[]): Health {
  const [first, ...rest] = parts
  if (first === undefined) return 'broken'
  if (rest.every((part) => part === first)) return first
  return parts.some((part) => part === 'ok' || part === 'degraded') ? 'degraded' : 'broken'
}

/** The exit status of a check: 0 ok (or restricted as expected), 6 degraded, restricted or broken, 7 unreachable. */
export function checkExitCode(health: Health): 0 | 6 | 7 {
  if (health === 'ok') return 0
  return health === 'unreachable' ? 7 : 6
}
