/**
 * `derp cert` without its command: a host as typed becomes a certificate in its files.
 */
import {resolve} from 'node:path'
import {workingFolder} from '../../system/working-folder.ts'
import {createRelayCertificate} from './create.ts'
import {certificateFiles, writeCertificate} from './files.ts'
import {parseRelayHost} from './host.ts'
import type {CreatedCertificate} from './view.ts'

export interface CertCommandOptions {
  /** The folder, as it is shown. */
  dir: string
  /** Base of a relative folder; default: the working directory. */
  cwd?: string
  days: number
  /** Replace files that exist. */
  overwrite: boolean
  now: Date
}

/** @throws HeadscaleError (usage, already-exists, permission-denied) */
export async function runCert(
  hostText: string,
  {dir, cwd = workingFolder(), days, overwrite, now}: CertCommandOptions,
): Promise<CreatedCertificate> {
  const host = parseRelayHost(hostText)
  const files = certificateFiles(host, dir)
  const {certificatePem, keyPem, pin, notBefore, notAfter} = await createRelayCertificate(host, {days, notBefore: now})
  const place = resolve(cwd, dir)
  await writeCertificate(certificateFiles(host, place), {certificatePem, keyPem}, {dir: place, overwrite})
  return {host, dir, pin, notBefore, notAfter, ...files}
}
