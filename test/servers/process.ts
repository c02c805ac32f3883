/**
 * Starts the background processes of the tests, so that none of them runs longer than the test run.
 *
 * Each runs under a small shell that reads from a pipe of this process. When this process ends in any way (a crash,
 * SIGKILL, a test runner that ends its workers), the pipe closes and the shell ends its child. An exit handler could not
 * guarantee that. This file knows nothing about the programs and their configuration.
 */
import {spawn} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'

/**
 * Runs "$@" until it ends or until standard input closes; then sends SIGTERM, and SIGKILL after a second: headscale
 * 0.22.3 closes its database on SIGTERM but never ends. At the end the whole process group is killed, with `cat` and all
 * processes of the child.
 */
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null & child=$!
{ cat <&3; kill "$child"; sleep 1; kill -9 "$child"; } >/dev/null 2>&1 &
wait "$child"; code=$?
trap '' TERM
kill -TERM 0
exit "$code"
`

/** One background process. */
export interface Background {
  /** Its standard output and error, in one file. */
  log: string
  /** Whether it has not ended yet. */
  alive(): boolean
  /** Its exit status; `null` while it runs. 128 + n for signal n, as in a shell. */
  exitCode(): number | null
  /** Asks it to stop and waits until it has ended. */
  stop(): Promise<void>
}

/** Starts a program in the background. `log` is appended to. */
export function startBackground(
  command: string[],
  {cwd, env, log}: {cwd: string; env: NodeJS.ProcessEnv; log: string},
): Background {
  const output = openSync(log, 'a')
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', output, output],
  })
  closeSync(output)
  const ended = new Promise<void>((resolve) => {
    guard.on('exit', () => resolve())
    guard.on('error', () => resolve())
  })
  guard.stdin?.on('error', () => {})
  guard.unref()
  return {
    log,
    alive: () => guard.pid !== undefined && guard.exitCode === null && guard.signalCode === null,
    exitCode: () => guard.exitCode,
    async stop() {
      guard.ref()
      guard.stdin?.end()
      await ended
    },
  }
}

/** The result of a command. `code` is `null` if a signal ended it. */
export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command until it ends. Its standard input is empty unless `input` is given. */
export function run(
  command: string[],
  {cwd, env, input, timeout = 60_000}: {cwd?: string; env?: NodeJS.ProcessEnv; input?: string; timeout?: number} = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = command
    const child = spawn(file, args, {
      cwd,
      env,
      timeout,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    const out = {stdout: '', stderr: ''}
    child.stdout?.setEncoding('utf8').on('data', (data: string) => (out.stdout += data))
    child.stderr?.setEncoding('utf8').on('data', (data: string) => (out.stderr += data))
    child.on('error', reject)
    child.on('close', (code) => resolve({code, ...out}))
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** The last lines of a log, for the message of an error. */
export function lastLines(file: string, count = 5): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-count).join('\n')
}
