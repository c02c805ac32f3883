/**
 * Certificates and pins as text and as the published JSON.
 */
import {tableTime} from '../../render/time.ts'
import {printable} from '../../text/untrusted.ts'
import type {CertificateDocument, PinDocument} from './schemas.ts'
import type {CertificateFiles} from './files.ts'
import type {RelayHost} from './host.ts'
import type {CertificatePin} from './pin.ts'

/** A pin as plain JSON values. */
export function pinDocument(found: CertificatePin): PinDocument {
  return {...found, notBefore: found.notBefore.toISOString(), notAfter: found.notAfter.toISOString()}
}

/** A pin and the fields of its certificate, a line each. */
export function pinReport(found: CertificatePin): string {
  return lines([
    ['Pin', found.pin],
    ['Subject', found.subject],
    ['Names', found.altNames || 'none (derper and clients use nothing else)'],
    ['Valid', `${tableTime(found.notBefore)} to ${tableTime(found.notAfter)}`],
  ])
}

/** A certificate that `derp cert` created. */
export interface CreatedCertificate extends CertificateFiles {
  host: RelayHost
  pin: string
  notBefore: Date
  notAfter: Date
  dir: string
}

/** A new certificate as plain JSON values. The key itself stays in its file. */
export function certificateDocument(created: CreatedCertificate): CertificateDocument {
  return {
    host: created.host.name,
    certificateFile: created.certificateFile,
    keyFile: created.keyFile,
    pin: created.pin,
    notBefore: created.notBefore.toISOString(),
    notAfter: created.notAfter.toISOString(),
  }
}

/** A new certificate, with the flags for derper and the certname for the map. */
export function certificateReport(created: CreatedCertificate): string {
  return lines([
    ['Certificate', created.certificateFile],
    ['Key', created.keyFile],
    ['Valid', `${tableTime(created.notBefore)} to ${tableTime(created.notAfter)}`],
    ['derper', `-certmode manual -hostname ${created.host.name} -certdir ${created.dir}`],
    ['certname', created.pin],
  ])
}

function lines(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join('')
}
