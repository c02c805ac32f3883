/**
 * Caches detection results for a short time, so that the next call of a script does not detect the release again.
 *
 * The key of a socket contains its inode and the inode's change time, since a restarted server creates a new socket.
 * Neither this nor an address proves which server answers: a cached result is used for reads only, and is checked
 * against the replies (connect.ts).
 *
 * One small file per result, in a folder that only this user can write to (system/private-folder.ts). Without such a
 * folder nothing is cached.
 */
import {statSync} from 'node:fs'
import {join} from 'node:path'
import {
  DRAFT_MARK,
  type FolderHost,
  privateFolder,
  readPrivateFile,
  removeOldFiles,
  writePrivateFile,
} from '../../system/private-folder.ts'
import {type ReleaseGroupId, findReleaseGroup} from '../releases.ts'

export interface Finding {
  group: ReleaseGroupId
  /** The exact version; null where the server does not report it. */
  version: string | null
}

export interface CacheHost extends FolderHost {
  now(): Date
}

const FOLDER = 'detected'
const SOCKET_TTL_MS = 60 * 60 * 1000
const ADDRESS_TTL_MS = 60 * 1000
/** A limit for reading: several times the longest result. */
const MAX_BYTES = 256
/** The longest file name that all file systems accept, minus the suffix of a temporary file. */
const MAX_NAME = 200

/** The cache key of a socket; null if its inode cannot be read. */
export function socketKey(path: string): string | null {
  try {
    const {dev, ino, ctimeNs} = statSync(path, {bigint: true})
    return `socket-${dev}-${ino}-${ctimeNs}`
  } catch {
    return null
  }
}

/** The cache key of an address; null if the address is too long for a file name. */
export function addressKey(url: URL): string | null {
  const key = `address-${encodeURIComponent(url.href)}`
  return key.length > MAX_NAME ? null : key
}

/** @returns a cached result that has not expired, or null */
export function recall(key: string | null, host: CacheHost): Finding | null {
  const folder = key && privateFolder(FOLDER, host)
  const file = folder && readPrivateFile(join(folder, key), MAX_BYTES, host.now())
  if (!file || file.ageMs > (key.startsWith('socket-') ? SOCKET_TTL_MS : ADDRESS_TTL_MS)) return null
  const [id = '', version] = file.text.trim().split(' ')
  // Incomplete because of a full disk, or written by a newer version of this program.
  const group = findReleaseGroup(id)
  return group ? {group: group.id, version: version ?? null} : null
}

/** Caches a result. A failure is not an error: the next call detects again. */
export function remember(key: string | null, {group, version}: Finding, host: CacheHost): void {
  const folder = key && privateFolder(FOLDER, host)
  if (!folder) return
  try {
    writePrivateFile(join(folder, key), version ? `${group} ${version}\n` : `${group}\n`)
    // Every restart of a server leaves the result of its old socket.
    removeOldFiles(folder, OWN_NAME, SOCKET_TTL_MS, host.now())
  } catch {
    // A read-only home, a full disk.
  }
}

/** Names of cached results, and of temporary files of an interrupted run. */
const OWN_NAME = new RegExp(`^(socket-\\d+-\\d+-\\d+|address-[\\w%.!~*'()-]+)(${DRAFT_MARK}[\\w-]+)?$`)
