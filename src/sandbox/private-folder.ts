/**
 * The folder of one `sandbox run`, for its socket and its config file, in the shared temporary folder.
 *
 * Its name is random and its mode 0700, so that another local user can neither prepare nor read it. At the end it is
 * removed only if it is still the folder made here.
 */
import {lstatSync, mkdtempSync, rmSync, type BigIntStats} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {HeadscaleError} from '../errors.ts'

export interface PrivateFolder {
  /** Absolute. */
  path: string
  /** Removes the folder with everything in it. */
  remove(): void
}

/** @throws HeadscaleError when it cannot be created, or is not the caller's alone */
export function makePrivateFolder(): PrivateFolder {
  const parent = resolve(tmpdir())
  let path: string
  try {
    path = mkdtempSync(join(parent, 'headscale-ts-'))
  } catch (error) {
    throw folderError(`cannot create a temporary folder in ${parent}: ${reasonOf(error)}`, error)
  }
  const made = identify(path)
  const owner = process.getuid?.()
  if (!made?.isDirectory() || (made.mode & 0o777n) !== 0o700n || (owner !== undefined && made.uid !== BigInt(owner))) {
    throw folderError(`the temporary folder ${path} is not private`)
  }
  return {
    path,
    remove() {
      const found = identify(path)
      if (found?.ino === made.ino && found.dev === made.dev) rmSync(path, {recursive: true, force: true})
    },
  }
}

/** Why a file or folder could not be created in the temporary folder. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const reasons: Record<string, string> = {
    ENOENT: 'no such folder',
    ENOTDIR: 'not a folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'read-only file system',
    ENOSPC: 'no space left',
    EDQUOT: 'disk quota exceeded',
  }
  return reasons[code] ?? (error as Error).message
}

export function folderError(message: string, cause?: unknown): HeadscaleError {
  return new HeadscaleError('failed', message, {hint: 'set TMPDIR to another folder', cause})
}

function identify(path: string): BigIntStats | undefined {
  return lstatSync(path, {bigint: true, throwIfNoEntry: false})
}
