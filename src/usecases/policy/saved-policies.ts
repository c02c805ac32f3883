/**
 * The policies that this program has replaced, as files in the state folder of the user: one for each, mode 0600, named
 * by server and time. They exist on this machine only; what others replace is not among them.
 */
import {createHash} from 'node:crypto'
import {lstatSync, readdirSync, unlinkSync} from 'node:fs'
import {join} from 'node:path'
import type {ServerFacts} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {createPrivateFile} from '../../system/new-private-file.ts'
import {type FolderHost, privateFolder, readPrivateFile} from '../../system/private-folder.ts'

export interface SavedPolicy {
  /** 1 is the one that was saved last. */
  number: number
  savedAt: Date
  bytes: number
  /** Of the text, in hexadecimal digits. */
  sha256: string
  /** The address or the socket of the server. */
  server: string
  path: string
  text: string
}

/** How many are kept for one server. */
export const KEPT_POLICIES = 30

/** More than any request that headscale accepts. */
const MAX_BYTES = 8 * 1024 * 1024

const FOLDER = 'policies'

/** The server as the files are named after it: the same server over a socket and at an address has two names. */
export function serverName({address, socketPath}: Pick<ServerFacts, 'address' | 'socketPath'>): string {
  return address ?? socketPath ?? ''
}

/** @returns the folder, which is created; null where there is no safe place, so that nothing can be saved */
export function savedPoliciesFolder(host: FolderHost): string | null {
  return privateFolder(FOLDER, host, 'state')
}

/** The policies saved for a server, the last one first. None where there is no folder. */
export function savedPolicies(server: string, host: FolderHost): SavedPolicy[] {
  const folder = savedPoliciesFolder(host)
  if (folder === null) return []
  const found = filesOf(folder, server).flatMap(({name, savedAt}): Omit<SavedPolicy, 'number'>[] => {
    const path = join(folder, name)
    const text = readPrivateFile(path, Math.min(MAX_BYTES, lstatSync(path).size + 1))?.text
    if (text === undefined) return []
    const sha256 = createHash('sha256').update(text).digest('hex')
    return [{savedAt, bytes: Buffer.byteLength(text), sha256, server, path, text}]
  })
  return found.map((saved, index) => ({number: index + 1, ...saved}))
}

/** One of them. @throws HeadscaleError (not-found) */
export function savedPolicy(saved: readonly SavedPolicy[], number: number, server: string): SavedPolicy {
  const found = saved[number - 1]
  if (found) return found
  const range = saved.length === 0 ? 'none is saved' : `there are ${saved.length}: headscale-ts policy history`
  throw new HeadscaleError('not-found', `no saved policy ${number} of ${server}`, {
    hint: `${range}; policy apply saves the policy that it replaces`,
  })
}

/**
 * Saves a policy, and removes the oldest ones of the same server beyond KEPT_POLICIES.
 * @returns a function that removes it again
 * @throws HeadscaleError (failed) if it cannot be written
 */
export function savePolicy(folder: string, server: string, text: string, now: Date): () => void {
  try {
    // After the last one, also if the clock was set back.
    const last = filesOf(folder, server)[0]?.savedAt.getTime() ?? 0
    const time = Math.max(now.getTime(), last + 1)
    const path = join(folder, fileName(server, new Date(time)))
    createPrivateFile(path).write(text)
    for (const {name} of filesOf(folder, server).slice(KEPT_POLICIES)) unlinkSync(join(folder, name))
    return () => unlinkSync(path)
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException
    throw new HeadscaleError('failed', `cannot save the old policy in ${folder}: ${code ?? message}`, {
      hint: 'nothing was changed',
      cause,
    })
  }
}

/** Of one server, the last one first. */
function filesOf(folder: string, server: string): {name: string; savedAt: Date}[] {
  const prefix = prefixOf(server)
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const [, day, hour, minute, rest] =
        /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)\.hujson$/.exec(name.slice(prefix.length)) ?? []
      return day === undefined ? [] : [{name, savedAt: new Date(`${day}T${hour}:${minute}:${rest}`)}]
    })
    .toSorted((a, b) => b.savedAt.getTime() - a.savedAt.getTime())
}

/** Without colons, which Windows does not allow. */
function fileName(server: string, time: Date): string {
  return `${prefixOf(server)}${time.toISOString().replaceAll(':', '-')}.hujson`
}

/** A readable part, and a digest of the whole name. */
function prefixOf(server: string): string {
  const readable = server
    .replace(/^https?:\/\//, '')
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^[-.]+/, '')
  return `${readable.slice(-60)}_${createHash('sha256').update(server).digest('hex').slice(0, 12)}_`
}
