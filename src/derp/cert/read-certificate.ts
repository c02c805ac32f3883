/**
 * Reads a certificate from a file or from a running relay. A name that exists as a file is a file.
 */
import {open} from 'node:fs/promises'
import {resolve} from 'node:path'
import {parseDuration} from '../../domain/values/duration.ts'
import {HeadscaleError} from '../../errors.ts'
import {workingFolder} from '../../system/working-folder.ts'
import {parseHostPort} from '../net/target.ts'
import {fetchCertificate} from './fetch-certificate.ts'
import {parseCertificate} from './pin.ts'
import type {LeafCertificate} from './pin.ts'

/** A chain has a few kilobytes. */
const MAX_FILE = 1 << 20
const HINT = 'expected the .crt file that derper serves; the key is not needed'

/**
 * @param options.timeout a duration as typed, for a relay
 * @param options.cwd base of a relative path
 * @throws HeadscaleError (not-found, permission-denied, invalid-input, unreachable)
 */
export async function readCertificate(
  target: string,
  {timeout, cwd = workingFolder()}: {timeout?: string | undefined; cwd?: string} = {},
): Promise<LeafCertificate> {
  const found = await readCertificateFile(target, cwd)
  if (found !== null) return found
  const address = /\.(?:crt|cer|pem|der)$/i.test(target) ? null : parseHostPort(target)
  if (address === null) {
    throw new HeadscaleError('not-found', `cannot read ${target}: no such file`, {
      hint: 'give a certificate file, or HOST:PORT of a relay',
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
    if (code === 'EACCES')
      throw new HeadscaleError('permission-denied', `cannot read ${path}: permission denied`, {hint: HINT, cause})
    throw new HeadscaleError('invalid-input', `cannot read ${path}: ${code ?? String(cause)}`, {hint: HINT, cause})
  }
  throw new HeadscaleError('invalid-input', `${path} is not a certificate: it is larger than 1 MiB`, {hint: HINT})
}
