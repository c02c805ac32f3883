/**
 * Gets the text of a map from a file, standard input or a URL, within limits of size and time.
 *
 * A URL is fetched as headscale does it: GET, redirects followed, any status and content type accepted (the status is
 * returned, so that a caller can report it). headscale has no size limit; this program has one, because it is given
 * URLs of other people. The HTTP client is loaded on first use. Names in messages never contain the password of a URL.
 */
import {constants, createReadStream} from 'node:fs'
import {open, stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {HeadscaleError, usageError} from '../../errors.ts'
import {collectBytes} from '../../system/files.ts'
import {workingFolder} from '../../system/working-folder.ts'
import {displayName, isUrl} from './url.ts'

/** Far above any DERP map (Tailscale's own has some 60 kB), and read within seconds with any content. */
export const MAX_BYTES = 1024 * 1024

/** What headscale allows a map URL, in milliseconds. */
export const FETCH_TIMEOUT = 30_000

export interface SourceText {
  /** The file name, or the URL without user and password; `<stdin>` for `-`. */
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
  /** Receives a line about each request, without user and password. */
  trace?: Trace | undefined
}

/** Receives one line of `--debug`. */
export type Trace = (line: string) => void

/**
 * Reads a file, `-` (standard input) or an http(s) URL.
 *
 * @throws not-found, permission-denied, invalid-input (too large, not UTF-8), unreachable, timeout
 */
export async function readSource(target: string, limits: ReadLimits = {}): Promise<SourceText> {
  if (target === '') throw usageError('the file name is empty')
  const {maxBytes = MAX_BYTES, timeout = FETCH_TIMEOUT, cwd = workingFolder(), trace} = limits
  const name = target === '-' ? '<stdin>' : displayName(target)
  if (isUrl(target)) {
    const {fetchBytes} = await import('./fetch.ts')
    const begun = performance.now()
    const time = () => `${Math.round(performance.now() - begun)} ms`
    const fetched = fetchBytes(target, timeout, (body) => collect(body, name, maxBytes))
    fetched.then(
      ({status, bytes}) => trace?.(`GET ${name}: ${status}, ${time()}, received ${bytes.length} B`),
      () => trace?.(`GET ${name}: failed, ${time()}`),
    )
    const {status, bytes} = await fetched
    return {name, text: decodeUtf8(bytes, name), status}
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(target)?.[1]
  if (scheme !== undefined) {
    throw usageError(`invalid URL scheme "${scheme}": expected http or https`, 'headscale fetches maps over these only')
  }
  const bytes =
    target === '-' ? await collect(process.stdin, name, maxBytes) : await readFileBounded(target, cwd, maxBytes)
  return {name, text: decodeUtf8(bytes, name), status: null}
}

/**
 * Reads a file of any kind within the limit: an endless device, a pipe, a socket, a loop of links.
 *
 * @throws HeadscaleError `not-found`, `permission-denied`, or `invalid-input`
 */
export async function readFileBounded(path: string, cwd: string, maxBytes = MAX_BYTES): Promise<Uint8Array> {
  try {
    const file = resolve(cwd, path)
    const info = await stat(file)
    if (info.isDirectory()) throw unreadable(path, 'it is a directory', 'give a file')
    if (info.isSocket()) throw unreadable(path, 'it is a socket', 'give a file')
    if (info.isFIFO()) return await collect(readPipe(file, path), path, maxBytes)
    if (info.isFile() && info.size > maxBytes) throw tooLarge(path, maxBytes)
    return await collect(createReadStream(file), path, maxBytes)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/** How long a pipe may have no writer at first, and how long its writer may be silent, in milliseconds. */
const PIPE_OPEN_TIMEOUT = 5000
const PIPE_TIMEOUT = FETCH_TIMEOUT

/** A pipe that nobody writes to would block the open call, and with it the end of the process. */
async function* readPipe(file: string, name: string): AsyncGenerator<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    let isEmpty = true
    for (let since = Date.now(); ;) {
      const {bytesRead, buffer} = await handle.read(Buffer.alloc(65_536)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EAGAIN') return {bytesRead: -1, buffer: Buffer.alloc(0)}
        throw error
      })
      if (bytesRead === 0 && !isEmpty) return
      if (bytesRead > 0) {
        isEmpty = false
        since = Date.now()
        yield buffer.subarray(0, bytesRead)
      } else if (Date.now() - since > (bytesRead === 0 ? PIPE_OPEN_TIMEOUT : PIPE_TIMEOUT)) {
        throw unreadable(name, 'nothing is written to the pipe', 'check the program that should write to it')
      } else await sleep(20)
    }
  } finally {
    await handle.close()
  }
}

function fileError(path: string, cause: unknown): HeadscaleError {
  if (cause instanceof HeadscaleError) return cause
  const {code, message} = cause as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new HeadscaleError('not-found', `cannot read ${path}: no such file`, {hint: 'check the path', cause})
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'check its owner and mode, and those of its folder'
    return new HeadscaleError('permission-denied', `cannot read ${path}: permission denied`, {hint, cause})
  }
  if (code === 'ELOOP')
    return unreadable(path, 'it is a loop of symbolic links', 'fix the links, or give a file', cause)
  const reason = code === 'ERR_INVALID_ARG_VALUE' ? 'the name contains a NUL character' : (code ?? message)
  return unreadable(path, reason, 'check the path', cause)
}

function unreadable(path: string, reason: string, hint: string, cause?: unknown): HeadscaleError {
  return new HeadscaleError('invalid-input', `cannot read ${path}: ${reason}`, {hint, cause})
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await collectBytes(stream, maxBytes)
  if (bytes === null) throw tooLarge(name, maxBytes)
  return bytes
}

function tooLarge(name: string, maxBytes: number): HeadscaleError {
  const limit = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes} bytes`
  return new HeadscaleError('invalid-input', `${name} is larger than ${limit}`, {
    hint: 'no map, key or certificate is that large; check the name',
  })
}

/** Strict, as Go's readers are. A byte order mark stays, because JSON must not have one. */
function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch (cause) {
    throw new HeadscaleError('invalid-input', `${name} is not UTF-8 text`, {hint: 'save it as UTF-8', cause})
  }
}
