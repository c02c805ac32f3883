/**
 * Certificates and pins as text and as the published JSON.
 */
import {tableTime} from '../../render/time.ts'
import {printable} from '../../text/untrusted.ts'
import type {CertificateDocument, PinDocument} from '../check/output/schemas.ts'
import type {CertificateFiles} from './files.ts'
import type {RelayHost} from './host.ts'
import type {CertificatePin} from './pin.ts'

/** A pin as plain JSON values. */
export function pinDocument(found: CertificatePin): PinDocument {
  return {...found, notBefore: found.notBefore.toISOString(), notAfter: found.notAfter.toISOString()}
}

/** A pin and what its certificate says, a line each. */
export function pinReport(found: CertificatePin): string {
  return lines([
    ['Pin', found.pin],
    ['Subject', found.subject],
    ['Names', found.altNames || 'none (derper and clients look at nothing else)'],
    ['Valid', `${tableTime(found.notBefore)} to ${tableTime(found.notAfter)}`],
  ])
}

/** What `derp cert` made. */
export interface MadeCertificate extends CertificateFiles {
  host: RelayHost
  pin: string
  notBefore: Date
  notAfter: Date
  dir: string
}

/** A new certificate as plain JSON values. The key itself stays in its file. */
export function certificateDocument(made: MadeCertificate): CertificateDocument {
  return {
    host: made.host.name,
    certificateFile: made.certificateFile,
    keyFile: made.keyFile,
    pin: made.pin,
    notBefore: made.notBefore.toISOString(),
    notAfter: made.notAfter.toISOString(),
  }
}

/** A new certificate, and how derper and the map are told of it. */
export function certificateReport(made: MadeCertificate): string {
  return lines([
    ['Certificate', made.certificateFile],
    ['Key', made.keyFile],
    ['Valid', `${tableTime(made.notBefore)} to ${tableTime(made.notAfter)}`],
    ['derper', `-certmode manual -hostname ${made.host.name} -certdir ${made.dir}`],
    ['certname', made.pin],
  ])
}

function lines(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join('')
}
