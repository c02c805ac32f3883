/**
 * `derp cert` in one call: a host as typed becomes a certificate in its files.
 */
import {resolve} from 'node:path'
import {createRelayCertificate} from './create.ts'
import {certificateFiles, writeCertificate} from './files.ts'
import {parseRelayHost} from './host.ts'
import type {MadeCertificate} from './view.ts'

export interface MakeOptions {
  /** The folder, as it is shown. */
  dir: string
  /** Where a relative folder begins; default: the working directory. */
  cwd?: string
  days: number
  /** Replace files that exist. */
  overwrite: boolean
  now: Date
}

/** @throws HeadscaleError (usage, already-exists, permission-denied) */
export async function makeCertificate(
  hostText: string,
  {dir, cwd = process.cwd(), days, overwrite, now}: MakeOptions,
): Promise<MadeCertificate> {
  const host = parseRelayHost(hostText)
  const files = certificateFiles(host, dir)
  const {certificatePem, keyPem, pin, notBefore, notAfter} = await createRelayCertificate(host, {days, notBefore: now})
  const place = resolve(cwd, dir)
  await writeCertificate(certificateFiles(host, place), {certificatePem, keyPem}, {dir: place, overwrite})
  return {host, dir, pin, notBefore, notAfter, ...files}
}
