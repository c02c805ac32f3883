/**
 * A lock among the runs of this program by one user: a file in a private folder, so that no other user can take it,
 * plant something in its place or have us wait. It is a courtesy: whoever cannot get it in time goes on without it.
 *
 * The file holds until when its owner means to keep it and which process that is. A lock whose time has passed, or
 * whose process has ended, is stale. Process ids count within one PID namespace only: containers may share a home.
 */
import {linkSync, readlinkSync, renameSync, unlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {type FolderHost, privateFolder, readPrivateFile} from './private-folder.ts'

/** How often a waiter looks, at most. */
const POLL_MS = 25

/** An owner may take as many times as long as others wait: its change takes several requests. */
const OWNER_TIMES = 3

/** What a lock file may hold, in bytes. */
const LIMIT = 200

/**
 * Does the work while no other run has the lock of this name.
 * @param waitMs how long to wait for it
 */
export async function withFileLock<T>(
  name: string,
  {waitMs, host}: {waitMs: number; host: FolderHost},
  work: () => Promise<T>,
): Promise<T> {
  const folder = privateFolder('locks', host)
  const release = folder === null ? null : await acquire(join(folder, name), waitMs)
  try {
    return await work()
  } finally {
    release?.()
  }
}

/** @returns what gives the lock back; null when it was not to be had */
async function acquire(path: string, waitMs: number): Promise<(() => void) | null> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const mine = `${Date.now() + OWNER_TIMES * waitMs} ${process.pid} ${pidNamespace()} ${Math.random().toString(36).slice(2)}`
    try {
      create(path, mine)
      return () => removeIf(path, mine)
    } catch (error) {
      // A full disk, a read-only folder: no lock.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return null
    }
    const held = readPrivateFile(path, LIMIT)
    if (held !== null && isStale(held.text)) removeIf(path, held.text)
    else if (Date.now() >= deadline) return null
    else await sleep(POLL_MS * (0.5 + Math.random() / 2))
  }
}

/** The file appears with its text or not at all. @throws an error of the file system, EEXIST when there is one */
function create(path: string, text: string): void {
  const draft = besideOf(path)
  writeFileSync(draft, text, {flag: 'wx', mode: 0o600})
  try {
    linkSync(draft, path)
  } finally {
    unlinkSync(draft)
  }
}

function isStale(text: string): boolean {
  const [until = '', pid = '', namespace = ''] = text.split(' ')
  return !(Number(until) > Date.now()) || (namespace === pidNamespace() && !isAlive(Number(pid)))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return '-'
  }
}

/**
 * Removes the lock file if it still holds this text. Between looking and removing another run may have replaced it:
 * so the file is moved aside first, which one run alone can do, and put back when it is not the one.
 */
function removeIf(path: string, text: string): void {
  const aside = besideOf(path)
  try {
    if (readPrivateFile(path, LIMIT)?.text !== text) return
    renameSync(path, aside)
    if (readPrivateFile(aside, LIMIT)?.text !== text) linkSync(aside, path)
    unlinkSync(aside)
  } catch {
    // Somebody else removed it, or the folder is gone.
  }
}

function besideOf(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`
}
