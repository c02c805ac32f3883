/**
 * Finds the unix socket: at the default locations, or from a relative path in a config file.
 *
 * Nothing is opened here; the transport opens a socket and reports its owner.
 */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {usageError} from '../errors.ts'
import {LONGEST_SOCKET_PATH} from '../system/addresses.ts'
import {rejectSecretName} from './named-file.ts'

/**
 * The path to try: the first that exists; otherwise the first in a directory without permission, where it may exist, so
 * that the error is about permission; otherwise the first.
 *
 * @param candidates absolute paths, at least one, the likeliest first
 * @returns the path, and whether something is known to be there
 */
export function likeliestSocket(candidates: readonly [string, ...string[]]): {path: string; exists: boolean} {
  let hidden: string | null = null
  for (const path of candidates) {
    const state = stateOf(path)
    if (state === 'exists') return {path, exists: true}
    if (state === 'hidden') hidden ??= path
  }
  return {path: hidden ?? candidates[0], exists: false}
}

/**
 * The socket a config file names by a relative path.
 *
 * The example file of 0.17 to 0.21 says `unix_socket: ./headscale.sock`, relative to the directory the server was
 * started in, which only the server knows. So three directories are tried: our own working directory, as in headscale's
 * own command line; the directory of the file; the working directory of headscale's systemd unit. The directory of the
 * file does not come first, since a server started by hand seldom runs in /etc/headscale.
 */
export function relativeSocket(path: string, cwd: string, fileFolder: string, serverFolder: string) {
  return likeliestSocket([resolve(cwd, path), resolve(fileFolder, path), resolve(serverFolder, path)])
}

/** The path in `unix:PATH` and `unix:///PATH`, which gRPC and docker write; other text as it is. */
export function withoutUnixScheme(text: string): string {
  return text.replace(/^unix:(?:\/\/(?=\/))?(?!\/\/)/i, '')
}

/** Absolute, and short enough for the operating system, which would only answer "invalid argument". */
export function socketPath(folder: string, path: string, source: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw usageError(
      `invalid socket path from ${source}: it is a URL`,
      /^https?:/i.test(path) ? 'pass it with --address' : 'write a path, for example /var/run/headscale/headscale.sock',
    )
  }
  const full = resolve(folder, path)
  if (/\p{Cc}/u.test(full)) {
    throw usageError(`invalid socket path from ${source}: it contains a control character`, 'remove that character')
  }
  rejectSecretName(full, source)
  if (Buffer.byteLength(full) > LONGEST_SOCKET_PATH) {
    throw usageError(
      `invalid socket path from ${source}: it is longer than ${LONGEST_SOCKET_PATH} bytes: ${full}`,
      'create a symbolic link to its directory and use that shorter path',
    )
  }
  return full
}

function stateOf(path: string): 'exists' | 'hidden' | 'absent' {
  try {
    return statSync(path, {throwIfNoEntry: false}) === undefined ? 'absent' : 'exists'
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'EACCES' || code === 'EPERM' ? 'hidden' : 'absent'
  }
}
