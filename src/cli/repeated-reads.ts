/**
 * Reads the same server again and again, for commands that wait or watch.
 *
 * The configuration is read once, so a wrong one fails at once and a key from standard input is kept. Each read has a
 * connection of its own: a server that was restarted, replaced or upgraded in between needs no special care.
 */
import type {ControlApi, ServerFacts} from '../api/control-api.ts'
import {onTarget, type ConnectionFlagValues, findServer} from './connection.ts'
import type {Io} from './io/io.ts'

export interface ReadOptions {
  /** The longest time that a request may take, if it is shorter than the configured timeout. */
  withinMs?: number
  /** Do not use a cached release. */
  detect?: boolean
}

export interface RepeatedReads {
  /** @throws HeadscaleError if the server cannot be reached, or as `work` */
  read<Result>(
    work: (api: ControlApi) => Promise<Result>,
    options?: ReadOptions,
  ): Promise<{result: Result; server: ServerFacts}>
}

/** Sends nothing yet. @throws HeadscaleError (usage) for an invalid configuration */
export async function repeatedReads(flags: ConnectionFlagValues, io: Io): Promise<RepeatedReads> {
  const target = await findServer(flags, io)
  return {
    read(work, {withinMs = Infinity, detect = false} = {}) {
      const timeoutMs = Math.max(1, Math.min(target.timeoutMs, withinMs))
      return onTarget({...target, timeoutMs}, io, {reading: !detect, quiet: true}, work)
    },
  }
}
