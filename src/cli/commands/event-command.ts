/**
 * Runs the command of `nodes watch --exec`, once for each event. No shell is involved: the program is started with the
 * given arguments, gets the event as JSON on standard input and facts in its environment. What it prints goes to standard
 * error, since standard output has events only.
 */
import {spawn} from 'node:child_process'
import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, isAbsolute, join, resolve} from 'node:path'
import {HeadscaleError, usageError} from '../../errors.ts'
import type {NodeEventDocument} from '../../render/document/schemas.ts'

export interface EventCommand {
  /** A path, or the name of a program in PATH. */
  program: string
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  cwd: string
}

/** @throws HeadscaleError (usage) if there is no such program; before the first event, which can come much later */
export function checkProgram({program, env, cwd}: EventCommand): void {
  const folders = /[/\\]/.test(program) ? [''] : (env.PATH ?? '').split(delimiter)
  const places = folders.map((folder) => (isAbsolute(program) ? program : resolve(cwd, join(folder, program))))
  if (places.some(isExecutable)) return
  throw usageError(
    `--exec: no program ${JSON.stringify(program)}`,
    'name one program, and put its arguments after --; for a shell: --exec sh -- -c COMMAND',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Runs the command for one event and waits for its end.
 * @returns null if it ended with status 0, otherwise what happened: `status 3`
 * @throws HeadscaleError (failed) if it cannot be started
 */
export function runEventCommand(
  {program, args, env, cwd}: EventCommand,
  event: NodeEventDocument,
): Promise<string | null> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd,
      env: {...env, ...eventVariables(event)},
      stdio: ['pipe', process.stderr, process.stderr],
    })
    child.on('error', (error) =>
      fail(new HeadscaleError('failed', `cannot run ${program}: ${error.message}`, {cause: error})),
    )
    child.on('close', (status, signal) => done(status === 0 ? null : signal ? `signal ${signal}` : `status ${status}`))
    // A program that ends without reading its input closes the pipe.
    child.stdin.on('error', () => {})
    child.stdin.end(`${JSON.stringify(event)}\n`)
  })
}

/** Facts about an event, for scripts that do not read JSON. What an event does not have is empty. */
function eventVariables({time, type, node, route, before, after, summary}: NodeEventDocument): Record<string, string> {
  const text = (value: string | string[] | null) => (Array.isArray(value) ? value.join(',') : (value ?? ''))
  const facts = {
    TYPE: type,
    TIME: time,
    NODE_ID: node.id,
    NODE_NAME: node.givenName ?? node.name,
    NODE_ADDRESS: node.ipAddresses[0] ?? '',
    USER: node.user?.name ?? '',
    ROUTE: text(route),
    BEFORE: text(before),
    AFTER: text(after),
    SUMMARY: summary,
  }
  // A variable cannot contain a zero byte.
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`HEADSCALE_TS_EVENT_${name}`, value.replaceAll('\0', '')]),
  )
}
