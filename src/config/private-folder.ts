/**
 * Folders of this program that no other user of the machine can read, change or replace. Whatever is remembered
 * between two runs is kept there: code that is run again, facts that are believed, locks that are waited for. As root
 * runs this program, a folder that somebody else can write to would let them run code or steer commands as root.
 *
 * When the place is not safe there is no folder, and the caller goes without: slower, but right. That is so under
 * `sudo` with the HOME of the calling user, too: the folder belongs to somebody else, and root leaves no files in it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {dirname, isAbsolute, join} from 'node:path'

/** What the folder is looked for by. */
export interface FolderHost {
  env: Record<string, string | undefined>
  /** The user's home folder; null when there is none. */
  home: string | null
}

/** Absent on Windows, where a profile folder has access rights of its own and modes say nothing. */
const ownId = process.geteuid?.()

const MISSING = 'ENOENT'

/**
 * `headscale-ts/NAME` below the user's cache folder ($XDG_CACHE_HOME, else ~/.cache), created where it is missing.
 *
 * @returns an absolute path without symbolic links. It belongs to this user and has mode 0700, and nobody but this
 * user and root can replace it. Null when there is no such place; nothing is reported then
 */
export function privateFolder(name: string, {env, home}: FolderHost): string | null {
  try {
    // The XDG specification has relative paths ignored: they would lead into whatever folder the program is run in.
    const named = env.XDG_CACHE_HOME
    const cache = named && isAbsolute(named) ? named : home && isAbsolute(home) ? join(home, '.cache') : null
    if (cache === null) return null
    const base = existingFolder(cache)
    if (base === null || !isOutOfReach(base)) return null
    const own = ownFolder(join(base, 'headscale-ts'), WRITABLE)
    return own && ownFolder(join(own, name), WRITABLE | READABLE)
  } catch {
    return null
  }
}

/** The folder's real path. Created where it is missing, but not its parents: a home that does not exist stays so. */
function existingFolder(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== MISSING) throw error
  }
  const parent = realpathSync.native(dirname(path))
  if (!isOutOfReach(parent)) return null
  mkdirSync(path, {mode: 0o700})
  return realpathSync.native(path)
}

/**
 * Whether no other user but root can put something else in the place of what is in the folder. Each folder up to the
 * root must belong to this user or to root, and others may write to it only where the sticky bit keeps them from
 * moving what is not theirs (/tmp), or where a folder further up is closed to them.
 */
function isOutOfReach(folder: string): boolean {
  if (ownId === undefined) return true
  let exposed = false
  for (let at = folder; ; at = dirname(at)) {
    const {uid, mode} = lstatSync(at)
    if (uid !== ownId && uid !== 0) return false
    if ((mode & 0o011) === 0) exposed = false
    else if ((mode & WRITABLE) !== 0 && (mode & 0o1000) === 0) exposed = true
    if (at === dirname(at)) return !exposed
  }
}

/** Mode bits that let others write to a folder, or read it and what is in it. */
const WRITABLE = 0o022
const READABLE = 0o055

/**
 * The folder itself when it belongs to this user and is no symbolic link; created with mode 0700 where it is missing.
 * @param forbidden mode bits that it must not have
 */
function ownFolder(path: string, forbidden: number): string | null {
  let stats = lstatSync(path, {throwIfNoEntry: false})
  if (stats === undefined) {
    try {
      mkdirSync(path, {mode: 0o700})
    } catch (error) {
      // Another run of this program may have created it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    stats = lstatSync(path)
  }
  if (!stats.isDirectory()) return null
  return ownId === undefined || (stats.uid === ownId && (stats.mode & forbidden) === 0) ? path : null
}

/** Without a link followed, and without waiting for the other end of a FIFO. Windows has neither flag. */
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Reads a file of a private folder.
 * @returns its text and the time it was written, in milliseconds; null when it is missing, longer than `limit` bytes,
 * or anything but a regular file of this user
 */
export function readPrivateFile(path: string, limit: number): {text: string; mtimeMs: number} | null {
  let fd: number | null = null
  try {
    fd = openSync(path, constants.O_RDONLY | CAREFULLY)
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size > limit || (ownId !== undefined && stats.uid !== ownId)) return null
    const bytes = Buffer.alloc(limit)
    return {text: bytes.toString('utf8', 0, readSync(fd, bytes, 0, limit, 0)), mtimeMs: stats.mtimeMs}
  } catch {
    return null
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/**
 * Writes a file of a private folder, mode 0600. It appears whole or not at all: a new file takes its place.
 * @throws an error of the file system
 */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}${DRAFT_MARK}${process.pid}-${Math.random().toString(36).slice(2)}`
  const fd = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAREFULLY, 0o600)
  try {
    try {
      writeSync(fd, text)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, path)
  } catch (error) {
    unlinkSync(draft)
    throw error
  }
}

/** What the name of a file that is being written has after its own name. */
export const DRAFT_MARK = '.draft-'
