/** The pin of the relay that `--pin`, `--cert` or `--fetch-pin` names. */
import {HeadscaleError, usageError} from '../../errors.ts'
import {PIN_NOTATIONS, parsePin} from '../cert/pin-text.ts'
import type {LeafCertificate} from '../cert/pin.ts'

export interface PinSource {
  pin?: string | undefined
  cert?: string | undefined
  'fetch-pin'?: string | undefined
}

/**
 * The 64 hex digits; null without any of the three.
 *
 * @param name the name clients connect to; null for an address, whose certificate may have any name
 * @throws HeadscaleError where there is no pin that clients would accept
 */
export async function pinFrom(
  {pin, cert, 'fetch-pin': from}: PinSource,
  name: string | null,
  cwd: string,
): Promise<string | null> {
  if (pin !== undefined) {
    const hex = parsePin(pin)
    if (hex === null)
      throw usageError(`invalid --pin: expected ${PIN_NOTATIONS}`, 'headscale-ts derp pin prints the pin')
    return hex
  }
  if (cert === undefined && from === undefined) return null
  const {readCertificate, readCertificateFile} = await import('../cert/read-certificate.ts')
  const found = cert === undefined ? await readCertificate(from ?? '', {cwd}) : await readCertificateFile(cert, cwd)
  if (found === null) {
    const hint = 'give the .crt file that derper serves; headscale-ts derp cert creates one'
    throw new HeadscaleError('not-found', `cannot read ${cert}: no such file`, {hint})
  }
  const source = cert ?? from ?? ''
  if (found.certificates > 1) {
    throw new HeadscaleError(
      'invalid-input',
      `${source} has ${found.certificates} certificates, and clients accept a pin for a single one`,
      {hint: 'do not pin a certificate of a public authority: clients trust it without a pin'},
    )
  }
  return acceptedPin(found, name, source)
}

/** The pin of a certificate, if clients accept it for the name. */
async function acceptedPin(found: LeafCertificate, name: string | null, source: string): Promise<string | null> {
  const [{verifyCertificate}, {pinOfDer}] = await Promise.all([import('../cert/trust.ts'), import('../cert/pin.ts')])
  const pin = pinOfDer(found.leaf.raw)
  const finding = verifyCertificate({kind: 'pin', pin, name}, {...found, chainError: null}, new Date())
  if (finding === null) return parsePin(pin)
  const {expected, found: instead, fix} = finding
  throw new HeadscaleError('invalid-input', `${source}: clients expect ${expected}, got ${instead}`, {hint: fix})
}
