/** For files that the user names: the error if one cannot be read, and the warning if other users can read it. */
import {existsSync} from 'node:fs'
import {HeadscaleError, usageError} from '../errors.ts'
import type {ReadOutcome} from '../system/files.ts'
import {looksSecret} from '../text/secrets.ts'

interface FileProblem {
  /** "config file", "API key file" … */
  what: string
  /** As the user wrote it. */
  path: string
  /** The flag or variable that names it. */
  source: string
  read: Exclude<ReadOutcome, {kind: 'text'}>
  hint: string
}

/** The usage error for a named file that cannot be read. */
export function fileError({what, path, source, read, hint}: FileProblem): HeadscaleError {
  if (read.kind === 'absent' && looksSecret(path)) return secretAsName(source)
  const message = `cannot read the ${what} ${read.path} (${source}): ${read.reason}`
  return new HeadscaleError('usage', message, {hint, cause: read.cause})
}

/** @throws a usage error, without the name, if the name looks like a key and there is no such file */
export function rejectSecretName(path: string, source: string): void {
  if (looksSecret(path) && !existsSync(path)) throw secretAsName(source)
}

function secretAsName(source: string): HeadscaleError {
  return usageError(
    `${source} expects the name of a file, got what looks like a key`,
    'write the API key to a file and name that file with --api-key-file, or set HEADSCALE_CLI_API_KEY',
  )
}

/** The warning for a file with a key that other users of the machine can read; null if they cannot. */
export function readableByOthers(what: string, {path, mode}: {path: string; mode: number | null}): string | null {
  // Windows has no permission bits; those from Node mean nothing there.
  if (mode === null || (mode & 0o044) === 0 || process.platform === 'win32') return null
  const shown = mode.toString(8).padStart(4, '0')
  return `other users can read the API key in the ${what} ${path} (mode ${shown}): restrict it with chmod 600`
}
