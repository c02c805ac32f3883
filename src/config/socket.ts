/**
 * Which unix socket is meant: the well-known ones, and a relative path in a config file.
 *
 * Looking is all that happens here. Opening it, and saying who owns it, is the transport's.
 */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {usageError} from '../errors.ts'

/** sun_path holds 108 bytes on Linux and 104 on macOS, a closing NUL among them. */
const LONGEST_PATH = process.platform === 'darwin' ? 103 : 107

/**
 * The path to try first: one that is there; else one behind a folder closed to us, which may be there, so that the
 * error can say "permission" and not "missing"; else the first.
 *
 * @param candidates absolute paths, at least one, the likeliest first
 * @returns the path, and whether something was seen there
 */
export function likeliestSocket(candidates: readonly [string, ...string[]]): {path: string; seen: boolean} {
  let hidden: string | null = null
  for (const path of candidates) {
    const state = look(path)
    if (state === 'there') return {path, seen: true}
    if (state === 'hidden') hidden ??= path
  }
  return {path: hidden ?? candidates[0], seen: false}
}

/**
 * The socket a config file names by a relative path.
 *
 * The example file of 0.17 to 0.21 says `unix_socket: ./headscale.sock`, relative to the folder the server was started
 * in, which nobody but the server knows. So three guesses: our own working directory, as headscale's own command line
 * has it (what works there works here); the file's folder; the folder of headscale's systemd unit. The file's folder
 * does not come first, since a server started by hand seldom runs in /etc/headscale.
 */
export function relativeSocket(path: string, cwd: string, fileFolder: string, serverFolder: string) {
  return likeliestSocket([resolve(cwd, path), resolve(fileFolder, path), resolve(serverFolder, path)])
}

/** Absolute, and short enough for the operating system, which else answers with a bare "invalid argument". */
export function socketPath(folder: string, path: string, source: string): string {
  const full = resolve(folder, path)
  if (/\p{Cc}/u.test(full)) throw usageError(`the socket path from ${source} contains a control character`)
  if (Buffer.byteLength(full) > LONGEST_PATH) {
    const hint = 'make a symbolic link to its folder from a shorter path'
    throw usageError(`the socket path from ${source} is longer than ${LONGEST_PATH} bytes: ${full}`, hint)
  }
  return full
}

function look(path: string): 'there' | 'hidden' | 'absent' {
  try {
    return statSync(path, {throwIfNoEntry: false}) === undefined ? 'absent' : 'there'
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'EACCES' || code === 'EPERM' ? 'hidden' : 'absent'
  }
}
