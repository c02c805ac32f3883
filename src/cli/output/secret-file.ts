/** The file of `--output-file`: its errors in words, as HeadscaleError. What it may be is in system/new-private-file.ts. */
import {resolve} from 'node:path'
import {HeadscaleError, usageError} from '../../errors.ts'
import {checkNewFile, createPrivateFile, type NewPrivateFile} from '../../system/new-private-file.ts'
import {writeFailure} from '../io/write-errors.ts'

/** The absolute path of a file that can be created. @throws HeadscaleError if it cannot be */
export function newSecretFile(name: string, cwd: string): string {
  if (name === '-') throw usageError('--output-file expects the name of a file', 'without it the key is printed')
  const path = resolve(cwd, name)
  try {
    checkNewFile(path)
  } catch (error) {
    throw notCreated(path, error)
  }
  return path
}

/** Creates the file, still empty. @throws HeadscaleError */
export function createSecretFile(path: string): NewPrivateFile {
  try {
    return createPrivateFile(path)
  } catch (error) {
    throw notCreated(path, error)
  }
}

function notCreated(path: string, cause: unknown): HeadscaleError {
  const hint = 'no key was created; name another file with --output-file'
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EEXIST':
      return new HeadscaleError('already-exists', `${path} already exists, and is not overwritten`, {cause, hint})
    case 'ENOENT':
    case 'ENOTDIR':
      return new HeadscaleError('usage', `cannot create ${path}: there is no such directory`, {cause, hint})
    case 'EACCES':
    case 'EPERM':
      return new HeadscaleError('permission-denied', `cannot create ${path}: permission denied`, {cause, hint})
    default:
      return new HeadscaleError('failed', `cannot create ${path}: ${writeFailure(cause)}`, {cause, hint})
  }
}
