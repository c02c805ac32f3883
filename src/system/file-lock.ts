/**
 * A lock between processes of this program of one user: a file in a private folder, so that no other user can take it,
 * replace it or make us wait. The lock is advisory: a process that cannot get it in time continues without it.
 *
 * The file contains its expiry time and the process id of its owner. A lock is stale if it has expired or its process
 * has ended. Process ids are compared only within one PID namespace, since containers can share a home.
 */
import {linkSync, readlinkSync, renameSync, unlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {type FolderHost, privateFolder, readPrivateFile} from './private-folder.ts'

/** The longest pause between two attempts. */
const POLL_MS = 25

/** A lock expires after this many times the wait time, since a change takes several requests. */
const OWNER_TIMES = 3

/** The maximum size of a lock file, in bytes. */
const LIMIT = 200

/**
 * Does the work while holding the lock with this name.
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

/** @returns a function that releases the lock; null if the lock could not be acquired */
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

/** Creates the file with its text atomically. @throws an error of the file system; EEXIST if the file exists */
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
 * Removes the lock file if it still contains this text. Another process can replace the file between the check and the
 * removal, so the file is first renamed, which only one process can do, and restored if it is another lock.
 */
function removeIf(path: string, text: string): void {
  const aside = besideOf(path)
  try {
    if (readPrivateFile(path, LIMIT)?.text !== text) return
    renameSync(path, aside)
    if (readPrivateFile(aside, LIMIT)?.text !== text) linkSync(aside, path)
    unlinkSync(aside)
  } catch {
    // Another process removed it, or the folder no longer exists.
  }
}

function besideOf(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`
}
