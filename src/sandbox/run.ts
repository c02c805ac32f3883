/**
 * Runs one command against a sandbox of its own.
 *
 * The sandbox runs in this process; the command finds it through its environment. The caller's HEADSCALE_* variables
 * are removed first: a script under test must never reach a real server by mistake.
 */
import {spawn} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {constants} from 'node:os'
import {join} from 'node:path'
import {configYaml} from './config-file.ts'
import {startSandbox, type Sandbox, type SeedData} from './index.ts'
import {folderError, makePrivateFolder, reasonOf} from './private-folder.ts'

export interface RunOptions {
  release: string
  /** Give the command an address and a key instead of a socket. */
  rest: boolean
  seed: SeedData
  /** The command and its arguments; not empty. */
  command: string[]
  env: Record<string, string | undefined>
  /** Called when the sandbox is ready, before the command starts. */
  started?(sandbox: Sandbox): void
}

/** The exit status, with the reason if the command could not be started. */
export type RunOutcome = {status: number} | {status: 126 | 127; reason: string}

/** @returns the status as a shell counts it: 128 + n after signal n, 127 if the command is not found */
export async function runInSandbox(options: RunOptions): Promise<RunOutcome> {
  const folder = makePrivateFolder()
  let sandbox: Sandbox | null = null
  try {
    const {release, seed} = options
    sandbox = await startSandbox(
      options.rest
        ? {release, seed, listen: {host: '127.0.0.1', port: 0}}
        : {release, seed, socketPath: socketIn(folder.path)},
    )
    const configPath = writeConfig(folder.path, sandbox)
    options.started?.(sandbox)
    return await runChild(options.command, environment(options.env, sandbox, configPath))
  } finally {
    await sandbox?.close()
    folder.remove()
  }
}

/** Bytes that the path of a unix socket may have: 108 on Linux and 104 elsewhere, with a zero byte at the end. */
const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103

function socketIn(folder: string): string {
  const path = join(folder, 'headscale.sock')
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    throw folderError(`the path of the temporary folder is too long for a socket: ${path}`)
  }
  return path
}

function writeConfig(folder: string, {socketPath, url}: Sandbox): string {
  const path = join(folder, 'config.yaml')
  try {
    writeFileSync(path, configYaml(folder, socketPath, url), {mode: 0o600, flag: 'wx'})
  } catch (error) {
    throw folderError(`cannot create ${path}: ${reasonOf(error)}`, error)
  }
  return path
}

function environment(outer: Record<string, string | undefined>, sandbox: Sandbox, configPath: string) {
  const env = Object.fromEntries(Object.entries(outer).filter(([name]) => !name.startsWith('HEADSCALE_')))
  env.HEADSCALE_CONFIG = configPath
  if (sandbox.socketPath !== null) env.HEADSCALE_UNIX_SOCKET = sandbox.socketPath
  if (sandbox.url !== null) {
    env.HEADSCALE_CLI_ADDRESS = sandbox.url
    env.HEADSCALE_CLI_API_KEY = sandbox.apiKey ?? ''
  }
  return env
}

function runChild([program = '', ...args]: string[], env: Record<string, string | undefined>): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {stdio: 'inherit', env})
    // at a terminal Ctrl-C reaches the command as well; this process must not end before it
    const interrupt = () => void (process.stdin.isTTY || child.kill('SIGINT'))
    const terminate = (signal: NodeJS.Signals) => void child.kill(signal)
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', terminate)
    process.on('SIGHUP', terminate)
    const settle = (outcome: RunOutcome) => {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', terminate)
      process.off('SIGHUP', terminate)
      resolve(outcome)
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT'
      // Node and Bun have different messages.
      const why = error.code === 'EACCES' ? 'permission denied' : (error.code ?? error.message)
      settle({
        status: missing ? 127 : 126,
        reason: missing ? `command not found: ${program}` : `cannot run ${program}: ${why}`,
      })
    })
    child.on('exit', (code, signal) => settle({status: code ?? 128 + (signal ? constants.signals[signal] : 0)}))
  })
}
