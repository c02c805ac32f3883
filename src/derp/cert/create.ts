/**
 * Creates the self-signed certificate of a relay, without openssl.
 *
 * ECDSA P-256 with the host as the one subject alternative name, as derper itself creates them (cmd/derper/cert.go since
 * 1.82): derper rejects a certificate that names its host only in CN, and clients accept a pin for a single
 * certificate. The pin is the digest of the whole certificate, so it changes with every renewal.
 * The X.509 library is loaded only when a certificate is created; nothing is written here.
 */
import {PIN_PREFIX} from '../map.ts'
import {sha256Hex} from './pin.ts'
import type {RelayHost} from './host.ts'

/** A certificate and its key, as derper reads them. */
export interface RelayCertificate {
  certificatePem: string
  /** PKCS #8. Secret. */
  keyPem: string
  /** `sha256-raw:` and the digest of the certificate, for the map's CertName. */
  pin: string
  notBefore: Date
  notAfter: Date
}

/** The validity. */
export interface CertificateOptions {
  /** Whole days of validity. Browsers and macOS reject more than 398 (825 for a private root). */
  days: number
  /** Start of the validity. */
  notBefore: Date
}

/** Creates a key pair and a certificate for one host. */
export async function createRelayCertificate(host: RelayHost, options: CertificateOptions): Promise<RelayCertificate> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(crypto)

  const algorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'}
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  // ASN.1 times have whole seconds.
  const notBefore = new Date(Math.floor(options.notBefore.getTime() / 1000) * 1000)
  const notAfter = new Date(notBefore.getTime() + options.days * 86_400_000)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // CN has at most 64 characters (RFC 5280, ub-common-name); clients use the subject alternative name.
    name: [{CN: [host.name.slice(0, 64)]}],
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{type: host.kind, value: host.name}]),
    ],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    pin: PIN_PREFIX + sha256Hex(certificate.rawData),
    notBefore,
    notAfter,
  }
}
