/**
 * Gets the text of a map from a file, standard input or a URL, within limits of size and time.
 *
 * A URL is fetched as headscale does it: GET, redirects followed, any status and content type taken (the status is
 * handed on, so that a caller can say something about it). headscale has no size limit; this program has, because
 * it is pointed at strangers' URLs. The client is loaded on first use.
 */
import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {resolve} from 'node:path'

import {HeadscaleError, usageError} from '../../errors.ts'
import {collectBytes} from '../../system/files.ts'

/** Far above any DERP map (Tailscale's own has some 60 kB), and read within seconds whatever is in it. */
export const MAX_BYTES = 1024 * 1024

/** What headscale allows a map URL, in milliseconds. */
export const FETCH_TIMEOUT = 30_000

export interface SourceText {
  /** The file name or URL as given; `<stdin>` for `-`. */
  name: string
  text: string
  /** The HTTP status; null for files. */
  status: number | null
}

export interface ReadLimits {
  maxBytes?: number
  /** For URLs, over all, in milliseconds. */
  timeout?: number
  /** Where relative file names begin; default: the working directory. */
  cwd?: string
}

/** Whether a target is a URL rather than a file. */
export function isUrl(target: string): boolean {
  return /^https?:\/\//i.test(target)
}

/**
 * Reads a file, `-` (standard input) or an http(s) URL.
 *
 * @throws not-found, permission-denied, invalid-input (too large, not UTF-8), unreachable, timeout
 */
export async function readSource(target: string, limits: ReadLimits = {}): Promise<SourceText> {
  if (target === '') throw usageError('an empty file name')
  const {maxBytes = MAX_BYTES, timeout = FETCH_TIMEOUT, cwd = '.'} = limits
  if (isUrl(target)) {
    const {fetchBytes} = await import('./fetch.ts')
    const {status, bytes} = await fetchBytes(target, timeout, (body) => collect(body, target, maxBytes))
    return {name: target, text: decodeUtf8(bytes, target), status}
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    throw usageError(`${target} is no http or https URL`, 'headscale fetches maps over http and https only')
  }
  const name = target === '-' ? '<stdin>' : target
  const bytes =
    target === '-' ? await collect(process.stdin, name, maxBytes) : await readFileBounded(target, cwd, maxBytes)
  return {name, text: decodeUtf8(bytes, name), status: null}
}

/**
 * Reads a file within the limit, whatever it is: a device without end as well.
 *
 * @throws not-found, permission-denied, invalid-input (a directory, too large)
 */
export async function readFileBounded(path: string, cwd: string, maxBytes = MAX_BYTES): Promise<Uint8Array> {
  try {
    const file = resolve(cwd, path)
    const info = await stat(file)
    if (info.isDirectory()) throw new HeadscaleError('invalid-input', `${path} is a directory`, {hint: 'name a file'})
    if (info.isFile() && info.size > maxBytes) throw tooLarge(path, maxBytes)
    return await collect(createReadStream(file), path, maxBytes)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

function fileError(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new HeadscaleError('not-found', `${path}: no such file`, {hint: 'check the path', cause})
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new HeadscaleError('permission-denied', `${path} cannot be read`, {hint: 'check its owner and mode', cause})
  }
  return cause
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await collectBytes(stream, maxBytes)
  if (bytes === null) throw tooLarge(name, maxBytes)
  return bytes
}

function tooLarge(name: string, maxBytes: number): HeadscaleError {
  const limit = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes} bytes`
  return new HeadscaleError('invalid-input', `${name} is larger than ${limit}`, {
    hint: 'no map and no key is that large; is it the right one?',
  })
}

/** Strict, as Go's readers are; a byte order mark stays, because JSON may not have one. */
function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch (cause) {
    throw new HeadscaleError('invalid-input', `${name} is not UTF-8 text`, {hint: 'save it as UTF-8', cause})
  }
}
