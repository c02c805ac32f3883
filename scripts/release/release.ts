/** What the parts of a release share: where they are written, the version, and the time that their files get. */
import {execFileSync, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

interface PackageFile {
  version: string
  description: string
  [key: string]: unknown
}

export const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageFile
export const VERSION = PACKAGE.version

export interface Release {
  folder: string
  /** Seconds since 1970: the time of everything that needs one. */
  time: number
}

export interface Part {
  /** As in `--only NAME`. */
  name: string
  what: string
  /** Parts that are built before it. */
  needs: readonly string[]
  /** @throws LeftOut if this machine cannot build it */
  build(release: Release): void | Promise<void>
}

/** Something that a part needs is missing on this machine; the other parts are built. */
export class LeftOut extends Error {}

/** The command line or the checkout is wrong. */
export class UsageError extends Error {}

/** SOURCE_DATE_EPOCH, or the time of the commit. */
export function releaseTime(): number {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given !== undefined) {
    if (!/^\d{1,11}$/.test(given)) throw new UsageError(`SOURCE_DATE_EPOCH is not a number of seconds: "${given}"`)
    return Number(given)
  }
  const {status, stdout} = spawnSync('git', ['log', '-1', '--format=%ct'], {cwd: ROOT, encoding: 'utf8'})
  if (status !== 0) throw new UsageError('this is not a git checkout; set SOURCE_DATE_EPOCH to the time of the release')
  return Number(stdout.trim())
}

/** Runs a program of this machine. @throws LeftOut if it is not installed */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  try {
    execFileSync(program, args, {stdio: ['ignore', 'ignore', 'inherit'], env: {...process.env, ...env}})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new LeftOut(`${program} is not installed`)
    throw error
  }
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
