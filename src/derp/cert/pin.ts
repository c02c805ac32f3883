/**
 * A certificate's pin: `sha256-raw:` and the lower-case hex SHA-256 of its DER, the safe form of a relay without a
 * domain (clients from 1.84; tailscale net/tlsdial).
 *
 * Clients that pin want the server to present exactly one certificate, so a file or a server with a chain still has a
 * pin, but no client will take it: the number of certificates is always told beside the pin.
 */
import {createHash, X509Certificate} from 'node:crypto'
import {HeadscaleError} from '../../errors.ts'
import {PIN_PREFIX} from '../map.ts'

/** What a relay presents, or a file holds. */
export interface CertificatePin {
  /** For the map's CertName. */
  pin: string
  /** The leaf's distinguished name, one line. */
  subject: string
  /** The leaf's subject alternative names as Node writes them, '' without any. */
  altNames: string
  notBefore: Date
  notAfter: Date
  /** How many certificates came with it, the leaf included. A pin works with one alone. */
  certificates: number
}

/** A certificate, and how many came with it, itself included. */
export interface LeafCertificate {
  leaf: X509Certificate
  certificates: number
}

/** Lower-case hex SHA-256. */
export function sha256Hex(bytes: ArrayBuffer | Uint8Array): string {
  return createHash('sha256')
    .update(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
    .digest('hex')
}

/** The pin of one certificate in DER. */
export function pinOfDer(der: Uint8Array): string {
  return PIN_PREFIX + sha256Hex(der)
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * Reads a certificate file, PEM (the first certificate is the leaf, as derper reads it) or DER.
 * @param name what messages call it
 * @throws HeadscaleError (invalid-input) when it holds no certificate
 */
export function parseCertificate(content: Uint8Array, name: string): LeafCertificate {
  const blocks = Buffer.from(content).toString('latin1').match(PEM_BLOCK)
  try {
    return {leaf: new X509Certificate(blocks?.[0] ?? content), certificates: blocks?.length ?? 1}
  } catch (cause) {
    throw new HeadscaleError('invalid-input', `${name} holds no certificate`, {
      hint: 'give the .crt file (PEM or DER) that derper serves, not the .key file',
      cause,
    })
  }
}

/** Its pin and the facts about it. */
export function describeCertificate({leaf, certificates}: LeafCertificate): CertificatePin {
  return {
    pin: pinOfDer(leaf.raw),
    subject: leaf.subject.replaceAll('\n', ', '),
    altNames: leaf.subjectAltName ?? '',
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
    certificates,
  }
}
