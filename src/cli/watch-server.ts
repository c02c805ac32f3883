/** Reads the state of a server again and again, and hands on each two states that follow each other. */
import type {ControlApi} from '../api/control-api.ts'
import {formatDuration} from '../domain/values/duration.ts'
import {formatTime} from '../domain/values/time.ts'
import {mayPass} from '../usecases/wait-until.ts'
import type {ConnectionFlagValues} from './connection.ts'
import type {Io} from './io/io.ts'
import {repeatedReads} from './repeated-reads.ts'

interface Watch<State> {
  flags: ConnectionFlagValues
  io: Io
  /** Ends the watch. */
  signal: AbortSignal
  intervalMs: number
  read(api: ControlApi): Promise<State>
  /** Called with the first state. */
  started(state: State): void
  compare(before: State, after: State): Promise<void>
}

/**
 * Runs until the signal is aborted. If the server is gone meanwhile, it says so and goes on when it answers again; the
 * last state before is then compared with the first one after.
 * @throws HeadscaleError of the first read, every error that cannot pass, and as `compare`
 */
export async function watchServer<State>(watch: Watch<State>): Promise<never> {
  const {io, signal, intervalMs, read, started, compare} = watch
  const reads = await repeatedReads(watch.flags, io)
  let {result: last} = await reads.read(read)
  started(last)
  let failingSince: Date | null = null
  for (;;) {
    await io.sleep(intervalMs, signal)
    signal.throwIfAborted()
    const state = await reads.read(read).catch((error: unknown) => {
      if (!mayPass(error)) throw error
      if (!failingSince) io.note(`${formatTime(io.now())}: ${error.message}; trying again`)
      failingSince ??= io.now()
      return null
    })
    // An interruption during the read prints no further events.
    signal.throwIfAborted()
    if (state === null) continue
    if (failingSince) {
      io.note(`${formatTime(io.now())}: the server answers again, after ${secondsSince(failingSince, io.now())}`)
      failingSince = null
    }
    await compare(last, state.result)
    last = state.result
  }
}

function secondsSince(since: Date, now: Date): string {
  return formatDuration(Math.round((now.getTime() - since.getTime()) / 1000) * 1000)
}
