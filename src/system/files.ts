/**
 * Reads files and streams up to a maximum size.
 *
 * The outcome is a value and not an exception, since the same failure is an error for a file that the user names, but a
 * warning or nothing for a file at a default location. Pipes and devices work (`-c <(…)`), so the limit is checked
 * while reading.
 */
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs'
import {resolve} from 'node:path'

/** The result of reading a file. `reason` completes "cannot read FILE: …". */
export type ReadOutcome =
  | {
      kind: 'text'
      path: string
      text: string
      /** permission bits; null for what is no regular file */ mode: number | null
    }
  | {
      kind: 'absent' | 'special' | 'forbidden' | 'too-large' | 'not-text' | 'failed'
      path: string
      reason: string
      cause?: unknown
    }

/**
 * Reads a file as UTF-8, without its byte order mark unless `keepMark` is set.
 *
 * @param limit the largest size in bytes that is accepted
 * @param cwd where a relative path starts
 * @param options.regular reads nothing but regular files
 * @returns the outcome, with the absolute path
 */
export function readSmallFile(
  name: string,
  limit: number,
  cwd: string,
  {regular = false, keepMark = false} = {},
): ReadOutcome {
  const path = resolve(cwd, name)
  let fd: number | null = null
  try {
    // Opening a named pipe waits for its writer, which is right only for a pipe that the user names.
    fd = openSync(path, regular ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY)
    const stat = fstatSync(fd)
    if (stat.isDirectory()) return {kind: 'special', path, reason: 'it is a directory'}
    if (regular && !stat.isFile()) return {kind: 'special', path, reason: 'it is not a regular file'}
    const bytes = stat.isFile() && stat.size > limit ? null : readUpTo(fd, limit)
    if (bytes === null) return {kind: 'too-large', path, reason: `it is larger than ${sizeText(limit)}`}
    const text = decodeText(bytes, {keepMark})
    if (text === null) return {kind: 'not-text', path, reason: 'it is not UTF-8 text'}
    return {kind: 'text', path, text, mode: stat.isFile() ? stat.mode & 0o777 : null}
  } catch (error) {
    return {...outcomeOf(error), path}
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** UTF-8, without its byte order mark unless `keepMark` is set; null for other bytes. */
export function decodeText(bytes: Uint8Array, {keepMark = false} = {}): string | null {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: keepMark}).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** The content of a stream, or null if it exceeds the limit in bytes. */
export async function collectBytes(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of stream) {
    total += chunk.byteLength
    if (total > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The content of standard input, or null if it exceeds the limit. Uses the stream and not descriptor 0, which can be
 * non-blocking, so that reading it would fail.
 */
export function readStdin(limit: number): Promise<Buffer | null> {
  return collectBytes(process.stdin, limit)
}

/** A size as text: "1 MiB". */
export function sizeText(bytes: number): string {
  return bytes >= 1_048_576 ? `${bytes / 1_048_576} MiB` : `${bytes / 1024} KiB`
}

/** Reads to the end; null if there is more than the limit. */
function readUpTo(fd: number, limit: number): Buffer | null {
  const chunks: Buffer[] = []
  let total = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536)
    const count = readSync(fd, chunk)
    if (count === 0) return Buffer.concat(chunks)
    total += count
    if (total > limit) return null
    chunks.push(chunk.subarray(0, count))
  }
}

/** Texts for other errors. */
const REASONS: Record<string, string> = {
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket',
  EMFILE: 'too many open files',
}

function outcomeOf(cause: unknown): {kind: 'absent' | 'forbidden' | 'failed'; reason: string; cause: unknown} {
  const code = (cause as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return {kind: 'absent', reason: 'no such file', cause}
    case 'EACCES':
    case 'EPERM':
      return {kind: 'forbidden', reason: 'permission denied', cause}
    default:
      return {kind: 'failed', reason: REASONS[code ?? ''] ?? code ?? 'reading failed', cause}
  }
}
