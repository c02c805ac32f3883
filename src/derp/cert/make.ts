/**
 * `derp cert` in one call: a host as typed becomes a certificate in its files.
 */
import {createRelayCertificate} from './create.ts'
import {certificateFiles, writeCertificate} from './files.ts'
import {parseRelayHost} from './host.ts'
import type {MadeCertificate} from './view.ts'

/** @throws HeadscaleError (usage, already-exists, permission-denied) */
export async function makeCertificate(
  hostText: string,
  {dir, days, overwrite, now}: {dir: string; days: number; overwrite: boolean; now: Date},
): Promise<MadeCertificate> {
  const host = parseRelayHost(hostText)
  const files = certificateFiles(host, dir)
  const {certificatePem, keyPem, pin, notBefore, notAfter} = await createRelayCertificate(host, {days, notBefore: now})
  await writeCertificate(files, {certificatePem, keyPem}, {dir, overwrite})
  return {host, dir, pin, notBefore, notAfter, ...files}
}
