/**
 * Folders of this program that no other user of the machine can read, change or replace. They contain everything that
 * is kept between runs: compiled code, detected releases and locks in the cache, and as state what cannot be made again,
 * such as old policies. Since root runs this program, a folder that another user can write to would let that user run code
 * or influence commands as root.
 *
 * If the location is not safe, there is no folder, and the caller works without it. This includes `sudo` with the HOME of
 * the calling user: the folder belongs to another user, and root creates no files in it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {dirname, isAbsolute, join} from 'node:path'

/** The inputs for finding the folder. */
export interface FolderHost {
  env: Record<string, string | undefined>
  /** The user's home folder; null when there is none. */
  home: string | null
}

/** Absent on Windows, where modes mean nothing and the profile folder has its own access rights. */
const ownId = process.geteuid?.()

const MISSING = 'ENOENT'

/** Where the folders are: the variable with the location, otherwise the path below the home folder. */
const BASES = {
  cache: {variable: 'XDG_CACHE_HOME', path: ['.cache']},
  state: {variable: 'XDG_STATE_HOME', path: ['.local', 'state']},
} as const

/**
 * `headscale-ts/NAME` below the user's cache folder ($XDG_CACHE_HOME, otherwise ~/.cache) or state folder
 * ($XDG_STATE_HOME, otherwise ~/.local/state), created if it is missing.
 *
 * @returns an absolute path without symbolic links. It belongs to this user and has mode 0700, and only this user and
 * root can replace it. Null if there is no safe location; nothing is reported then
 */
export function privateFolder(name: string, host: FolderHost, kind: keyof typeof BASES = 'cache'): string | null {
  try {
    const steps = stepsTo(kind, host)
    if (steps.length === 0) return null
    const base = steps.length === 1 ? existingFolder(steps[0]!) : belowHome(steps)
    if (base === null || !isOutOfReach(base)) return null
    const own = ownFolder(join(base, 'headscale-ts'), WRITABLE)
    return own && ownFolder(join(own, name), WRITABLE | READABLE)
  } catch {
    return null
  }
}

/** The same folder if it exists; nothing is created. */
export function existingPrivateFolder(name: string, host: FolderHost): string | null {
  const steps = stepsTo('cache', host)
  return steps.length > 0 && existsSync(join(...steps, 'headscale-ts', name)) ? privateFolder(name, host) : null
}

/** The folder of the variable, or the home folder and the names below it; empty if there is neither. */
function stepsTo(kind: keyof typeof BASES, {env, home}: FolderHost): string[] {
  const {variable, path} = BASES[kind]
  // The XDG specification says to ignore relative paths, which would depend on the working directory.
  const named = env[variable]
  return named && isAbsolute(named) ? [named] : home && isAbsolute(home) ? [home, ...path] : []
}

/** @param steps the home folder, and the names below it */
function belowHome([home, ...names]: readonly string[]): string | null {
  let folder: string | null = home!
  for (const name of names) folder = folder && existingFolder(join(folder, name))
  return folder
}

/** The folder's real path. Creates the folder if it is missing, but not its parents: a missing home is not created. */
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
 * Whether only this user and root can replace the content of the folder. Each folder up to the root must belong to this
 * user or to root. Other users may write to it only if the sticky bit stops them from moving files of others (/tmp), or
 * if they cannot enter a folder further up.
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
 * The folder itself if it belongs to this user and is not a symbolic link; created with mode 0700 if it is missing.
 * @param forbidden mode bits that it must not have
 */
function ownFolder(path: string, forbidden: number): string | null {
  let stats = lstatSync(path, {throwIfNoEntry: false})
  if (stats === undefined) {
    try {
      mkdirSync(path, {mode: 0o700})
    } catch (error) {
      // Another process of this program may have just created it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    stats = lstatSync(path)
  }
  if (!stats.isDirectory()) return null
  return ownId === undefined || (stats.uid === ownId && (stats.mode & forbidden) === 0) ? path : null
}

/** Does not follow links and does not wait for the other end of a FIFO. Windows has neither flag. */
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Reads a file of a private folder.
 * @returns its text, and its age in milliseconds: Infinity if the clock was set back since it was written. Null when it is
 * missing, longer than `limit` bytes, or anything but a regular file of this user
 */
export function readPrivateFile(
  path: string,
  limit: number,
  now: Date = new Date(),
): {text: string; ageMs: number} | null {
  let fd: number | null = null
  try {
    fd = openSync(path, constants.O_RDONLY | CAREFULLY)
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size > limit || (ownId !== undefined && stats.uid !== ownId)) return null
    const bytes = Buffer.alloc(limit)
    // The clock has whole milliseconds, so a file that was just written could seem to be from the future.
    const ageMs = now.getTime() - Math.floor(stats.mtimeMs)
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, limit, 0))
    return {text, ageMs: ageMs < 0 ? Infinity : ageMs}
  } catch {
    return null
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** Removes the files of a private folder whose names match and that are older than this. @throws an error of the file system */
export function removeOldFiles(folder: string, names: RegExp, maxAgeMs: number, now: Date): void {
  for (const name of readdirSync(folder)) {
    if (!names.test(name)) continue
    const file = join(folder, name)
    const stats = lstatSync(file)
    // A time in the future means that the clock was set back since then.
    if (stats.isFile() && Math.abs(now.getTime() - stats.mtimeMs) > maxAgeMs) unlinkSync(file)
  }
}

/**
 * Writes a file of a private folder, mode 0600. The write is atomic: a complete new file replaces the old one.
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

/** In the name of a temporary file, between the final name and a unique suffix. */
export const DRAFT_MARK = '.draft-'
