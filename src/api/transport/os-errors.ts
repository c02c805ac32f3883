/**
 * Connects to a unix socket, and explains why it cannot be opened. A missing socket, a leftover one and one without
 * permission need different fixes, but the error code does not distinguish them (a regular file gives the same error as
 * a socket without a server), so the file system is checked.
 */
import {accessSync, constants, lstatSync, readFileSync, readlinkSync, type Stats, statSync} from 'node:fs'
import {connect, type Socket} from 'node:net'
import {userInfo} from 'node:os'
import {dirname, resolve} from 'node:path'
import {HeadscaleError, usageError} from '../../errors.ts'
import {LONGEST_SOCKET_PATH} from '../../system/addresses.ts'
import type {Trace} from './trace.ts'
import {timedOut, timerMs, notSent} from './indeterminate-error.ts'

/** How long to wait for a starting server to open its socket. */
const STARTING_MS = 3000
const PAUSE_MS = 50
const RUNNING_HINT = 'check that headscale is running: systemctl status headscale'

/**
 * Connects to a unix socket. If it is missing or refuses the connection, this is retried for up to 3 s (or `timeoutMs`
 * if that is shorter), since a starting headscale opens it late. A missing directory or permission fails at once.
 *
 * @param deadline when to give up, in the time of `performance.now()`, where that is earlier
 * @returns a connected socket. It reports errors only with 'close'
 * @throws HeadscaleError
 */
export async function dialSocket(path: string, timeoutMs: number, deadline = Infinity, trace?: Trace): Promise<Socket> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) throw pathTooLong(path)
  const start = performance.now()
  const end = Math.min(start + timeoutMs, deadline)
  const endOfStarting = Math.min(start + STARTING_MS, end)
  for (let attempt = 1; ; attempt++) {
    try {
      const socket = await dialOnce(path, timeoutMs, end)
      trace?.(`connected to ${path}, ${Math.round(performance.now() - start)} ms`)
      return socket
    } catch (error) {
      if (error instanceof HeadscaleError) throw error
      if (!mayAppear(path, error) || performance.now() + PAUSE_MS > endOfStarting) throw socketError(path, error)
      if (attempt === 1) trace?.(`${path}: ${(error as Error).message}; trying again for up to ${STARTING_MS / 1000} s`)
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS))
  }
}

function dialOnce(path: string, timeoutMs: number, end: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({path})
    // Without a listener, a server that stops between calls would crash this program.
    socket.on('error', () => {})
    const timer = setTimeout(
      () => {
        socket.destroy()
        reject(notSent(timedOut(`the socket ${path}`, timeoutMs)))
      },
      timerMs(Math.max(0, end - performance.now())),
    )
    const failed = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      resolve(socket)
    })
  })
}

/** Whether waiting can help: the socket is missing in an existing directory, or has no server yet. */
function mayAppear(path: string, error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EAGAIN') return true
  const found = statOf(path)
  if (found.stats) return found.stats.isSocket() && code !== 'EACCES' && code !== 'EPERM'
  return found.code === 'ENOENT' && statOf(dirname(path)).stats?.isDirectory() === true
}

/** Explains from the file system why a unix socket could not be opened. Changes nothing. */
export function socketError(path: string, cause: unknown): HeadscaleError {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) return pathTooLong(path)
  const {stats, code} = statOf(path)
  if (!stats) return code === 'EACCES' || code === 'EPERM' ? closedFolder(path, cause) : missing(path, cause)
  if (!stats.isSocket()) {
    const kind = stats.isDirectory() ? 'a directory' : stats.isFile() ? 'a regular file' : 'a special file'
    return new HeadscaleError('unreachable', `${path} is ${kind}, not a socket`, {
      hint: "pass headscale's socket with --socket; it is unix_socket in the server's config.yaml",
      cause,
    })
  }
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code
  if (errno === 'EACCES' || errno === 'EPERM' || !mayWrite(path)) return forbidden(path, null, stats, cause)
  if (errno === 'ECONNREFUSED' || errno === 'ENOENT') {
    return new HeadscaleError(
      'unreachable',
      `connection refused: the socket ${path} is left over from a server that has stopped`,
      {
        hint: RUNNING_HINT,
        details: {socket: path},
        cause,
      },
    )
  }
  return new HeadscaleError('unreachable', `cannot open the socket ${path} (${errno ?? 'unknown error'})`, {
    hint: RUNNING_HINT,
    details: {socket: path},
    cause,
  })
}

function missing(path: string, cause: unknown): HeadscaleError {
  const folder = dirname(resolve(path))
  const what = isDangling(path)
    ? `socket ${path} not found: it is a link to ${readlinkSync(path)}, which does not exist`
    : statOf(folder).stats?.isDirectory()
      ? `socket ${path} not found`
      : `socket ${path} not found: the directory ${folder} does not exist`
  return new HeadscaleError('unreachable', what, {
    hint: `${RUNNING_HINT}; or pass another path with --socket`,
    details: {socket: path},
    cause,
  })
}

/** The error for a directory of the path that this user may not enter. */
function closedFolder(path: string, cause: unknown): HeadscaleError {
  let folder = dirname(resolve(path))
  while (!statOf(folder).stats && dirname(folder) !== folder) folder = dirname(folder)
  const {stats} = statOf(folder)
  if (!stats)
    return new HeadscaleError('permission-denied', `no permission to open the socket ${path}`, {
      hint: 'run as root',
      details: {socket: path},
      cause,
    })
  return forbidden(path, folder, stats, cause)
}

/** @param folder the directory whose mode forbids it; null for the socket itself */
function forbidden(path: string, folder: string | null, stats: Stats, cause: unknown): HeadscaleError {
  const {owner, group, mode} = ownerOf(stats)
  const needed = stats.isDirectory() ? 0o010 : 0o020
  const byGroup = (stats.mode & needed) !== 0 && stats.gid !== 0
  const subject = folder === null ? 'it' : `the directory ${folder}`
  const message = `no permission to open the socket ${path}: ${subject} belongs to ${ownerText(stats)}`
  return new HeadscaleError('permission-denied', message, {
    hint: byGroup
      ? `run as root, or join the group ${group}: sudo usermod -aG ${group} ${ownName()} (then log in again)`
      : owner === 'root'
        ? 'run as root'
        : `run as root or as ${owner}`,
    details: {socket: path, owner, group, mode},
    cause,
  })
}

function ownerOf(stats: Stats): {owner: string; group: string; mode: string} {
  return {
    owner: nameOf('/etc/passwd', stats.uid),
    group: nameOf('/etc/group', stats.gid),
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
  }
}

/** `headscale:headscale, mode 0770`. */
export function ownerText(stats: Stats): string {
  const {owner, group, mode} = ownerOf(stats)
  return `${owner}:${group}, mode ${mode}`
}

function pathTooLong(path: string): HeadscaleError {
  return usageError(
    `invalid socket path: it is ${Buffer.byteLength(path)} bytes long, the maximum is ${LONGEST_SOCKET_PATH}: ${path}`,
    'create a symbolic link to its directory and use that shorter path',
  )
}

function statOf(path: string): {stats: Stats | null; code: string} {
  try {
    return {stats: statSync(path), code: ''}
  } catch (error) {
    return {stats: null, code: (error as NodeJS.ErrnoException).code ?? ''}
  }
}

function isDangling(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The name of a user or group id in the system's file; the number if it is not there. */
function nameOf(file: string, id: number): string {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(id))
    return line?.split(':')[0] || String(id)
  } catch {
    return String(id)
  }
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return 'USER'
  }
}
