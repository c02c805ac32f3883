/**
 * What detection found, kept for a short time so that a script's next call costs nothing.
 *
 * A socket is known by its inode and the time it last changed: a restarted server makes a new one, so a finding can
 * not outlive the server it is about. An address has no such mark: a finding for it is trusted for a minute, for calls
 * that change nothing (connect.ts). One small file each, mode 0600; without a writable folder everything works, slower.
 */
import {chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type ReleaseGroupId, findReleaseGroup} from '../releases.ts'

export interface Finding {
  group: ReleaseGroupId
  version: string | null
}

export interface CacheHost {
  env: Record<string, string | undefined>
  home: string | null
  now(): Date
}

const SOCKET_TTL_MS = 60 * 60 * 1000
const ADDRESS_TTL_MS = 60 * 1000

/** The name under which a socket's finding is kept, or null when it cannot be looked at. */
export function socketKey(path: string): string | null {
  try {
    const {dev, ino, ctimeNs} = statSync(path, {bigint: true})
    return `socket-${dev}-${ino}-${ctimeNs}`
  } catch {
    return null
  }
}

export function addressKey(url: URL): string {
  return `address-${encodeURIComponent(url.href).slice(0, 200)}`
}

/** @returns a finding that is fresh enough, or null */
export function recall(key: string | null, host: CacheHost): Finding | null {
  const file = key && fileOf(key, host)
  if (!file) return null
  try {
    const {mtimeMs} = statSync(file)
    const age = host.now().getTime() - mtimeMs
    if (age < 0 || age > (key.startsWith('socket-') ? SOCKET_TTL_MS : ADDRESS_TTL_MS)) return null
    const [id = '', version] = readFileSync(file, 'utf8').trim().split(' ')
    // Cut short by a full disk, or written by a release of this program that knows more groups.
    const group = findReleaseGroup(id)
    return group ? {group: group.id, version: version ?? null} : null
  } catch {
    return null
  }
}

/** Keeps a finding; failing to is no trouble. The file appears whole or not at all. */
export function remember(key: string | null, {group, version}: Finding, host: CacheHost): void {
  const file = key && fileOf(key, host)
  if (!file) return
  try {
    mkdirSync(join(file, '..'), {recursive: true, mode: 0o700})
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, version ? `${group} ${version}\n` : `${group}\n`, {mode: 0o600})
    chmodSync(draft, 0o600)
    renameSync(draft, file)
    forgetOld(join(file, '..'), host.now().getTime())
  } catch {
    // A read-only home, a full disk: the next call detects again.
  }
}

/** Every restart of a server leaves the finding of its old socket behind. */
function forgetOld(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (now - statSync(file).mtimeMs > SOCKET_TTL_MS) unlinkSync(file)
  }
}

function fileOf(key: string, {env, home}: CacheHost): string | null {
  const folder = env.XDG_CACHE_HOME || (home ? join(home, '.cache') : null)
  return folder ? join(folder, 'headscale-ts', 'detected', key) : null
}
