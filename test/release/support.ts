/** The built release, and how tests run what is in it. */
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import manifest from '../../package.json' with {type: 'json'}
import {childEnv, type Env} from '../support/program.ts'

/** The folder of the release that was built for these tests. */
export const RELEASE = process.env.HEADSCALE_TS_RELEASE!
/** Where its npm package is installed, as `npm install -g --prefix` does it. */
export const INSTALLED = process.env.HEADSCALE_TS_INSTALLED!
export const VERSION = manifest.version

export const releaseFile = (name: string) => join(RELEASE, name)
export const isBuilt = (name: string) => existsSync(releaseFile(name))

export interface Result {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs a program to its end, with nothing of the developer's environment. */
export function run([file, ...args]: readonly [string, ...string[]], options: {env?: Env; cwd?: string} = {}): Result {
  const {status, stdout, stderr, error} = spawnSync(file, args, {
    encoding: 'utf8',
    env: childEnv(options.env),
    cwd: options.cwd ?? RELEASE,
    maxBuffer: 64 << 20,
  })
  if (error) throw error
  return {status, stdout, stderr}
}

/** The output of a program that must succeed. */
export function outputOf(command: readonly [string, ...string[]], options: {env?: Env; cwd?: string} = {}): string {
  const {status, stdout, stderr} = run(command, options)
  if (status !== 0) throw new Error(`${command.join(' ')}: exit ${status}\n${stdout}${stderr}`)
  return stdout
}

/** Whether a program of this machine can be started. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], {stdio: 'ignore'}).error === undefined
}

/** Every file below a folder, by path relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}
