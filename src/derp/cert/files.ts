/**
 * Writes a relay's certificate where derper reads it: `<dir>/<name>.crt` (0644) and `.key` (0600).
 *
 * Existing files are overwritten only on request, because a new certificate has a new pin, and clients reject the relay
 * until the map has it. Each file is written under a temporary name and renamed, the key first, so that derper never
 * finds a partial file or a certificate without its key.
 */
import {randomBytes} from 'node:crypto'
import {link, mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {HeadscaleError} from '../../errors.ts'
import {certFileNames} from './host.ts'
import type {RelayCertificate} from './create.ts'
import type {RelayHost} from './host.ts'

/** The paths of the two files. */
export interface CertificateFiles {
  certificateFile: string
  keyFile: string
}

/** The two paths in a folder. */
export function certificateFiles(host: RelayHost, dir: string): CertificateFiles {
  const names = certFileNames(host)
  return {certificateFile: join(dir, names.certificate), keyFile: join(dir, names.key)}
}

/**
 * Writes both files; creates the folder if it is missing.
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
        // link() fails where rename() would replace.
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
    return new HeadscaleError('failed', `${dir} is not a directory`, {
      hint: 'choose another directory with --dir',
      cause,
    })
  }
  if (code === 'EEXIST') {
    return new HeadscaleError('already-exists', `${dest ?? path ?? dir} already exists`, {
      hint: 'use --replace to overwrite it; a new certificate has a new pin, which the map needs',
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new HeadscaleError('permission-denied', `cannot write to ${dir}: ${code}`, {
      hint: 'choose another directory with --dir, or run as a user with write permission',
      cause,
    })
  }
  return new HeadscaleError('failed', `cannot write to ${dir}: ${message}`, {
    hint: 'choose another directory with --dir',
    cause,
  })
}
