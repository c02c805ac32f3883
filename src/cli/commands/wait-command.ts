/** The base of commands that wait for a state of the server: checks again and again, and shows on a terminal what is missing. */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {type Check, waitUntil} from '../../usecases/wait-until.ts'
import {repeatedReads} from '../repeated-reads.ts'
import {ServerCommand} from './base-command.ts'
import {interruptible} from './interruptible.ts'

const DEFAULT_INTERVAL_MS = 1000

export interface WaitLimits {
  /** The time for all checks together. */
  timeoutMs: number
  intervalMs?: number | undefined
  /** The configured timeout of one request, for a command whose `--timeout` has this meaning. */
  requestTimeout?: string | undefined
  /** What to do if the time is over. */
  hint: string
  /** Do not use a cached release. */
  detect?: boolean
}

export abstract class WaitCommand<C extends typeof Command> extends ServerCommand<C> {
  /** @throws HeadscaleError (wait-timeout), (cancelled), and errors that cannot pass while it waits */
  protected async waitFor<Result>(
    check: (api: ControlApi) => Promise<Check<Result>>,
    {timeoutMs, intervalMs = DEFAULT_INTERVAL_MS, requestTimeout, hint, detect = false}: WaitLimits,
  ): Promise<{result: Result; server: ServerFacts}> {
    const {io} = this
    const {timeout: _total, ...flags} = this.flags as Record<string, unknown>
    const reads = await repeatedReads({...flags, ...(requestTimeout !== undefined && {timeout: requestTimeout})}, io)
    const from = io.now().getTime()
    try {
      return await interruptible(io, (signal) =>
        waitUntil(
          async (withinMs) => {
            signal.throwIfAborted()
            const {result: state, server} = await reads.read(check, {withinMs, detect})
            return 'done' in state ? {done: {result: state.done, server}} : state
          },
          {
            timeoutMs,
            intervalMs,
            hint,
            now: io.now,
            sleep: (ms) => io.sleep(ms, signal),
            onPending: (missing) => io.progress(progressText(io.now().getTime() - from, missing)),
          },
        ),
      )
    } finally {
      io.progress(null)
    }
  }
}

/** Short enough for one line of a terminal: a longer one cannot be erased. */
function progressText(passedMs: number, missing: string): string {
  const text = `waiting, ${Math.round(passedMs / 1000)}s: ${missing}`
  return text.length > LINE ? `${text.slice(0, LINE - 1)}…` : text
}

const LINE = 78
