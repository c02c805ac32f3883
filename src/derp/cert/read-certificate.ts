/**
 * A certificate from whatever the user named: its file, or a relay that is up. A file that exists is a file.
 */
import {open} from 'node:fs/promises'
import {resolve} from 'node:path'
import {parseDuration} from '../../domain/duration.ts'
import {HeadscaleError} from '../../errors.ts'
import {parseHostPort} from '../net/target.ts'
import {fetchCertificate} from './fetch-certificate.ts'
import {parseCertificate} from './pin.ts'
import type {LeafCertificate} from './pin.ts'

/** No certificate file is larger; a chain has some kilobytes. */
const MAX_FILE = 1 << 20
const HINT = 'give the .crt file that derper serves; the key beside it is not needed'

/**
 * @param how.timeout a duration as typed, for a relay
 * @param how.cwd where a relative path begins
 * @throws HeadscaleError (not-found, permission-denied, invalid-input, unreachable)
 */
export async function readCertificate(
  target: string,
  {timeout, cwd = process.cwd()}: {timeout?: string | undefined; cwd?: string} = {},
): Promise<LeafCertificate> {
  const found = await readCertificateFile(target, cwd)
  if (found !== null) return found
  const address = /\.(?:crt|cer|pem|der)$/i.test(target) ? null : parseHostPort(target)
  if (address === null) {
    throw new HeadscaleError('not-found', `${target}: no such file`, {
      hint: 'give a certificate file or HOST:PORT of a relay',
    })
  }
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout)
  return fetchCertificate(address, {...(timeoutMs !== undefined && {timeoutMs}), signal: new AbortController().signal})
}

/**
 * The certificate in a file; null when there is no such file.
 *
 * @throws HeadscaleError (permission-denied, invalid-input)
 */
export async function readCertificateFile(path: string, cwd: string): Promise<LeafCertificate | null> {
  const content = await readBytes(path, cwd)
  return content === null ? null : parseCertificate(content, path)
}

async function readBytes(path: string, cwd: string): Promise<Uint8Array | null> {
  try {
    await using file = await open(resolve(cwd, path))
    const {bytesRead, buffer} = await file.read(Buffer.alloc(MAX_FILE + 1))
    if (bytesRead <= MAX_FILE) return buffer.subarray(0, bytesRead)
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'EACCES') throw new HeadscaleError('permission-denied', `${path} cannot be read`, {hint: HINT, cause})
    throw new HeadscaleError('invalid-input', `${path} cannot be read: ${code ?? String(cause)}`, {hint: HINT, cause})
  }
  throw new HeadscaleError('invalid-input', `${path} is no certificate: larger than 1 MiB`, {hint: HINT})
}
