/**
 * The server of this machine's configuration, for commands that also work without one: its release is used if it
 * answers soon, and nothing fails if it does not.
 */
import {existsSync} from 'node:fs'
import type {ControlApi} from '../api/control-api.ts'
import type {ServerTarget} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import type {ConnectionFlagValues} from './connection.ts'
import type {Io} from './io/io.ts'

/** The timeout for a server that the command does not need. */
const TIMEOUT_MS = 2000

/**
 * The server that flags, variables or a config file name, or whose socket is at a default location.
 * @returns null if there is none
 * @throws HeadscaleError (usage) for wrong flags
 */
export async function configuredServer(flags: ConnectionFlagValues, io: Io): Promise<ServerTarget | null> {
  const {findServer} = await import('./connection.ts')
  const named = [flags.address, flags.socket, flags.config].some((flag) => flag !== undefined)
  try {
    // What is wrong with a configuration that nobody named matters where a server is needed.
    const target = await findServer(flags, named ? io : {...io, warn: () => {}})
    return target.source.kind === 'default' && target.kind === 'socket' && !existsSync(target.path) ? null : target
  } catch (error) {
    if (named || !(error instanceof HeadscaleError)) throw error
    io.note(`no server is asked: ${error.message}`)
    return null
  }
}

/**
 * Asks a server that the command does not need.
 * @returns null if it does not answer in time, after a note
 */
export async function askIfItAnswers<Result>(
  target: ServerTarget,
  io: Io,
  {
    instead,
    ask,
  }: {/** what the command does then, for the note */ instead: string; ask: (api: ControlApi) => Promise<Result>},
): Promise<Result | null> {
  // Connecting would wait for the server to create it.
  if (target.kind === 'socket' && !existsSync(target.path)) {
    io.note(`there is no socket ${target.path}; ${instead}`)
    return null
  }
  const {onTarget} = await import('./connection.ts')
  const timeoutMs = Math.min(target.timeoutMs, TIMEOUT_MS)
  try {
    const {result} = await onTarget({...target, timeoutMs}, io, {reading: true, quiet: true}, ask)
    return result
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    io.note(`${error.message}; ${instead}`)
    return null
  }
}
