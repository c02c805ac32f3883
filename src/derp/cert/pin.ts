/**
 * A certificate's pin: `sha256-raw:` and the lower-case hex SHA-256 of its DER, which makes a relay
 * without a domain safe (clients from 1.84; tailscale net/tlsdial).
 *
 * Clients accept a pin only if the server presents a single certificate. A file or server with a chain still has a pin,
 * but no client accepts it, so the number of certificates is always reported with the pin.
 */
import {createHash, X509Certificate} from 'node:crypto'
import {HeadscaleError} from '../../errors.ts'
import {PIN_PREFIX} from '../map.ts'

/** The certificate of a relay or a file. */
export interface CertificatePin {
  /** For the map's CertName. */
  pin: string
  /** The leaf's distinguished name, one line. */
  subject: string
  /** Subject alternative names of the leaf in Node's notation; '' if there are none. */
  altNames: string
  notBefore: Date
  notAfter: Date
  /** How many certificates, including the leaf. A pin works with a single one. */
  certificates: number
}

/** A certificate, and the length of the chain it came in. */
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
 * @param name its name in messages
 * @throws HeadscaleError (invalid-input) when it contains no certificate
 */
export function parseCertificate(content: Uint8Array, name: string): LeafCertificate {
  const blocks = Buffer.from(content).toString('latin1').match(PEM_BLOCK)
  try {
    return {leaf: new X509Certificate(blocks?.[0] ?? content), certificates: blocks?.length ?? 1}
  } catch (cause) {
    throw new HeadscaleError('invalid-input', `${name} contains no certificate`, {
      hint: 'give the .crt file (PEM or DER) that derper serves, not the .key file',
      cause,
    })
  }
}

/** The pin and fields of a certificate. */
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
