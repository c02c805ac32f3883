/**
 * Reads the small files the configuration is made of: the config file, a key, nothing else.
 *
 * The outcome is a value and not an exception, since the same failure is an error for a file somebody named and a
 * warning, or nothing, for one we only looked for. Pipes work (`-c <(…)`), so a size can only be held while reading.
 * No meaning of the content belongs here.
 */
import {closeSync, fstatSync, openSync, readSync} from 'node:fs'

/** What reading a file came to. `words` completes "cannot read FILE: …". */
export type ReadOutcome =
  | {kind: 'text'; text: string; /** permission bits; null for what is no regular file */ mode: number | null}
  | {kind: 'absent' | 'folder' | 'forbidden' | 'failed'; words: string; cause?: unknown}

/**
 * Reads a file as UTF-8, without its byte order mark.
 *
 * @param limit the largest size in bytes that is accepted
 */
export function readSmallFile(path: string, limit: number): ReadOutcome {
  let fd: number | null = null
  try {
    fd = openSync(path, 'r')
    const stat = fstatSync(fd)
    if (stat.isDirectory()) return {kind: 'folder', words: 'it is a folder'}
    const bytes = stat.isFile() && stat.size > limit ? null : readUpTo(fd, limit)
    if (bytes === null) return {kind: 'failed', words: `it is larger than ${sizeText(limit)}`}
    const text = decodeText(bytes)
    if (text === null) return {kind: 'failed', words: 'it is not UTF-8 text'}
    return {kind: 'text', text, mode: stat.isFile() ? stat.mode & 0o777 : null}
  } catch (error) {
    return outcomeOf(error)
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** UTF-8 without its byte order mark; null when the bytes are something else. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** A limit as people say it: "1 MiB". */
export function sizeText(bytes: number): string {
  return bytes >= 1_048_576 ? `${bytes / 1_048_576} MiB` : `${bytes / 1024} KiB`
}

/** Everything up to the end, or null when there is more than the limit. */
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

function outcomeOf(cause: unknown): ReadOutcome {
  const code = (cause as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return {kind: 'absent', words: 'no such file', cause}
    case 'EACCES':
    case 'EPERM':
      return {kind: 'forbidden', words: 'permission denied', cause}
    default:
      return {kind: 'failed', words: code ?? 'it failed', cause}
  }
}
