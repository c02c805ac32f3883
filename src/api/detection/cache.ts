/**
 * What detection found, kept for a short time so that the next call of a script does not have to ask again.
 *
 * A finding of a socket is kept under its inode and the time that last changed, since a restarted server makes a new
 * one. Neither that nor an address says for certain which server is behind it: what is remembered serves calls that
 * change nothing, and is checked against the replies (connect.ts).
 *
 * One small file each, in a folder that nobody else can write to (config/private-folder.ts); without such a folder
 * everything works, slower.
 */
import {lstatSync, readdirSync, statSync, unlinkSync} from 'node:fs'
import {join} from 'node:path'
import {
  DRAFT_MARK,
  type FolderHost,
  privateFolder,
  readPrivateFile,
  writePrivateFile,
} from '../../config/private-folder.ts'
import {type ReleaseGroupId, findReleaseGroup} from '../releases.ts'

export interface Finding {
  group: ReleaseGroupId
  /** The exact version; null where the server does not tell it. */
  version: string | null
}

export interface CacheHost extends FolderHost {
  now(): Date
}

const FOLDER = 'detected'
const SOCKET_TTL_MS = 60 * 60 * 1000
const ADDRESS_TTL_MS = 60 * 1000
/** Several times the longest finding. */
const MAX_BYTES = 256
/** Longest file name that every file system takes, less what a draft's name has in addition. */
const MAX_NAME = 200

/** The name under which a socket's finding is kept, or null when it cannot be looked at. */
export function socketKey(path: string): string | null {
  try {
    const {dev, ino, ctimeNs} = statSync(path, {bigint: true})
    return `socket-${dev}-${ino}-${ctimeNs}`
  } catch {
    return null
  }
}

/** The name under which an address's finding is kept, or null when the address is too long for a file name. */
export function addressKey(url: URL): string | null {
  const key = `address-${encodeURIComponent(url.href)}`
  return key.length > MAX_NAME ? null : key
}

/** @returns a finding that is fresh enough, or null */
export function recall(key: string | null, host: CacheHost): Finding | null {
  const folder = key && privateFolder(FOLDER, host)
  const file = folder && readPrivateFile(join(folder, key), MAX_BYTES)
  if (!file) return null
  const age = host.now().getTime() - file.mtimeMs
  // Less than zero: the clock was set back, and the true age cannot be known.
  if (age < 0 || age > (key.startsWith('socket-') ? SOCKET_TTL_MS : ADDRESS_TTL_MS)) return null
  const [id = '', version] = file.text.trim().split(' ')
  // Cut short by a full disk, or written by a version of this program that knows more groups.
  const group = findReleaseGroup(id)
  return group ? {group: group.id, version: version ?? null} : null
}

/** Keeps a finding. Failing to is not an error: the next call detects again. */
export function remember(key: string | null, {group, version}: Finding, host: CacheHost): void {
  const folder = key && privateFolder(FOLDER, host)
  if (!folder) return
  try {
    writePrivateFile(join(folder, key), version ? `${group} ${version}\n` : `${group}\n`)
    removeOld(folder, host.now().getTime())
  } catch {
    // A read-only home, a full disk.
  }
}

/** Names of findings and of drafts that an interrupted run left behind. */
const OWN_NAME = new RegExp(`^(socket-\\d+-\\d+-\\d+|address-[\\w%.!~*'()-]+)(${DRAFT_MARK}[\\w-]+)?$`)

/** Every restart of a server leaves the finding of its old socket behind. Whatever else is in the folder stays. */
function removeOld(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    if (!OWN_NAME.test(name)) continue
    const file = join(folder, name)
    const stats = lstatSync(file)
    // A time far ahead is of a clock that was set back since.
    if (stats.isFile() && Math.abs(now - stats.mtimeMs) > SOCKET_TTL_MS) unlinkSync(file)
  }
}
