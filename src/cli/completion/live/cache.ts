/**
 * Names that a server gave, kept for some seconds, so that pressing TAB again asks nobody. One file per server and kind, in
 * a folder that only this user can read (system/private-folder.ts); without such a folder nothing is kept. No key and no
 * secret is in it.
 */
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {addressKey, type CacheHost, socketKey} from '../../../api/detection/cache.ts'
import type {ServerTarget} from '../../../config/target.ts'
import {privateFolder, readPrivateFile, removeOldFiles, writePrivateFile} from '../../../system/private-folder.ts'
import {FOLDER, OWN_NAME} from './forget-names.ts'
import type {LiveName} from './names.ts'

const TTL_MS = 15_000
/** More than the names of 10,000 nodes. */
const MAX_BYTES = 4_194_304

/** @param what the kind of names, and what else they depend on @returns null if nothing can be kept */
export function cacheKey(target: ServerTarget, what: readonly string[]): string | null {
  const server = target.kind === 'socket' ? socketKey(target.path) : addressKey(target.url)
  if (server === null) return null
  return createHash('sha256')
    .update(JSON.stringify([server, ...what]))
    .digest('hex')
}

/** @returns null if there are none, or they are too old */
export function recallNames(key: string | null, host: CacheHost): LiveName[] | null {
  const folder = key && privateFolder(FOLDER, host)
  const file = folder && readPrivateFile(join(folder, key), MAX_BYTES, host.now())
  if (!file || file.ageMs > TTL_MS) return null
  return JSON.parse(file.text) as LiveName[]
}

/** A failure is not an error: the next TAB asks the server. */
export function rememberNames(key: string | null, names: readonly LiveName[], host: CacheHost): void {
  const text = JSON.stringify(names)
  const folder = key && Buffer.byteLength(text) < MAX_BYTES && privateFolder(FOLDER, host)
  if (!folder) return
  try {
    writePrivateFile(join(folder, key), text)
    removeOldFiles(folder, OWN_NAME, TTL_MS, host.now())
  } catch {
    // A read-only home, a full disk.
  }
}

/**
 * Marks that names are being read, for others that want the same.
 * @returns false if somebody else marked it less than `forMs` ago, or nothing can be kept
 */
export function beginReading(key: string | null, forMs: number, host: CacheHost): boolean {
  const folder = key && privateFolder(FOLDER, host)
  if (!folder) return false
  const file = join(folder, `${key}.asked`)
  const asked = readPrivateFile(file, 1, host.now())
  if (asked && asked.ageMs < forMs) return false
  try {
    writePrivateFile(file, '')
    return true
  } catch {
    return false
  }
}
