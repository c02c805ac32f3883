/**
 * Puts a relay's certificate where derper looks for it: `<dir>/<name>.crt` (0644) and `.key` (0600).
 *
 * Neither file is overwritten unasked, since a new certificate has a new pin and every client would refuse the relay
 * until the map says so. Each is written beside its place and renamed, the key first, so that derper never finds a
 * half-written file or a certificate without its key.
 */
import {randomBytes} from 'node:crypto'
import {link, mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {HeadscaleError} from '../../errors.ts'
import {certFileNames} from './host.ts'
import type {RelayCertificate} from './create.ts'
import type {RelayHost} from './host.ts'

/** Where the two files are. */
export interface CertificateFiles {
  certificateFile: string
  keyFile: string
}

/** The two places, in a folder. */
export function certificateFiles(host: RelayHost, dir: string): CertificateFiles {
  const names = certFileNames(host)
  return {certificateFile: join(dir, names.certificate), keyFile: join(dir, names.key)}
}

/**
 * Writes both files; the folder is made when it is missing.
 * @param overwrite false: files that exist are an error, and neither is touched
 * @throws HeadscaleError (already-exists, permission-denied, failed)
 */
export async function writeCertificate(
  {certificateFile, keyFile}: CertificateFiles,
  {certificatePem, keyPem}: Pick<RelayCertificate, 'certificatePem' | 'keyPem'>,
  {dir, overwrite}: {dir: string; overwrite: boolean},
): Promise<void> {
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`
  const steps = [
    {target: keyFile, content: keyPem, mode: 0o600},
    {target: certificateFile, content: certificatePem, mode: 0o644},
  ]
  const placed: string[] = []
  try {
    await mkdir(dir, {recursive: true})
    for (const {target, content, mode} of steps) await writeFile(target + suffix, content, {mode, flag: 'wx'})
    for (const {target} of steps) {
      if (overwrite) await rename(target + suffix, target)
      else {
        // link() fails where rename() would replace
        await link(target + suffix, target)
        placed.push(target)
      }
    }
  } catch (cause) {
    for (const target of placed) await rm(target, {force: true})
    throw fileError(cause, dir)
  } finally {
    for (const {target} of steps) await rm(target + suffix, {force: true}).catch(() => {})
  }
}

function fileError(cause: unknown, dir: string): HeadscaleError {
  const {code, syscall, dest, path, message} = cause as NodeJS.ErrnoException & {dest?: string}
  if (code === 'ENOTDIR' || (code === 'EEXIST' && syscall === 'mkdir')) {
    return new HeadscaleError('failed', `${dir} is not a folder`, {hint: 'choose a folder with --dir', cause})
  }
  if (code === 'EEXIST') {
    return new HeadscaleError('already-exists', `${dest ?? path ?? dir} exists already`, {
      hint: 'a new certificate has a new pin: give --replace to write over it, then put the new pin into the map',
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new HeadscaleError('permission-denied', `cannot write in ${dir}: ${code}`, {
      hint: 'choose another folder with --dir, or run as a user who may write there',
      cause,
    })
  }
  return new HeadscaleError('failed', `cannot write in ${dir}: ${message}`, {
    hint: 'choose another folder with --dir',
    cause,
  })
}
