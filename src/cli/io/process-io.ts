/**
 * Everything that a command uses of its process, in one object, so that tests can run commands in process.
 * Standard output gets only the result; messages, prompts and errors go to standard error.
 */
import {homeFolder} from '../../system/home.ts'
import {HeadscaleError} from '../../errors.ts'
import {workingFolder} from '../../system/working-folder.ts'
import {isTerminal, outputStream} from './standard-streams.ts'
import {writeFailure} from './write-errors.ts'

/** The reader has closed standard output, as in `| head -1`. The program then exits with status 0 and no message. */
export class OutputClosed extends Error {
  override name = 'OutputClosed'
}

/** The process itself. */
export interface ProcessIo {
  /**
   * Writes to standard output, in order. Waits while the buffer of the stream is full, so that long output streams.
   * @throws HeadscaleError, OutputClosed if it cannot be written
   */
  out(text: string): Promise<void>
  /** Waits until all output is written. @throws HeadscaleError, OutputClosed if it cannot be */
  flush(): Promise<void>
  /** Writes to standard error as it is. Commands use `warn`, `note` and `notice`. */
  err(text: string): void
  /** Whether standard output is a terminal. */
  outIsTerminal: boolean
  /** The number of columns of the terminal of standard output; null if it is not a terminal or does not report them. */
  outWidth(): number | null
  /** Whether a prompt is possible: standard input and standard error are a terminal. */
  canAsk: boolean
  /** Asks yes or no on the terminal; Enter is no. @throws HeadscaleError (cancelled) on Ctrl-C */
  ask(question: string): Promise<boolean>
  /** Asks for a text on the terminal; an empty line, and the end of input, are the default. @throws as `ask` */
  askText(question: string, byDefault: string): Promise<string>
  /** Whether standard output and standard error get colour: a terminal, and no NO_COLOR. */
  colour: {out: boolean; err: boolean}
  /** Whether standard error is a terminal on which a line can be erased. */
  errIsTerminal: boolean
  /** The number of columns of this terminal; null if it is not a terminal or does not report them. */
  errWidth(): number | null
  /** Calls the handler at Ctrl-C or SIGTERM, once; the next one ends the process. @returns a function to stop that */
  onInterrupt(handler: () => void): () => void
  env: Record<string, string | undefined>
  home: string | null
  cwd: string
  now(): Date
  /** Minutes of local time ahead of UTC, at that time. */
  zoneOffset(time: Date): number
  /** Waits. @param signal ends the wait early, without an error */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Starts this program again, without a terminal and without output, and does not wait for it. Absent in tests. */
  startInBackground?(argv: readonly string[], env: Record<string, string>): Promise<void>
}

/** The real process. Failures to write to standard error are ignored, since they cannot be reported. */
export function processIo(): ProcessIo {
  const {env} = process
  const stdout = outputStream('stdout')
  const stderr = outputStream('stderr')
  const terminal = env.TERM !== 'dumb'
  const colour = terminal && !env.NO_COLOR
  return {
    out: (text) => stdout.write(text).catch(reportNotWritten),
    flush: () => stdout.flush().catch(reportNotWritten),
    err(text) {
      try {
        stderr.writeNow(text)
      } catch {}
    },
    outIsTerminal: stdout.isTerminal,
    outWidth: () => (stdout.isTerminal && process.stdout.columns > 0 ? process.stdout.columns : null),
    canAsk: stderr.isTerminal && isTerminal('stdin'),
    ask: async (question) => (await import('./ask.ts')).askOnTerminal(question),
    askText: async (question, byDefault) => (await import('./ask.ts')).askTextOnTerminal(question, byDefault),
    colour: {out: stdout.isTerminal && colour, err: stderr.isTerminal && colour},
    errIsTerminal: stderr.isTerminal && terminal,
    errWidth: () => (stderr.isTerminal && process.stderr.columns > 0 ? process.stderr.columns : null),
    onInterrupt,
    env,
    home: homeFolder(env),
    cwd: workingFolder(env),
    now: () => new Date(),
    zoneOffset: (time) => -time.getTimezoneOffset(),
    sleep,
    startInBackground,
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal?.aborted === true) done()
    signal?.addEventListener('abort', done)
  })
}

async function startInBackground(argv: readonly string[], env: Record<string, string>): Promise<void> {
  const {spawn} = await import('node:child_process')
  // The executable is its own runtime.
  const program = process.versions.bun ? [] : [process.argv[1]!]
  const child = spawn(process.execPath, [...process.execArgv, ...program, ...argv], {
    detached: true,
    windowsHide: true,
    stdio: 'ignore',
    env: {...process.env, ...env},
  })
  child.on('error', () => {})
  child.unref()
}

function onInterrupt(handler: () => void): () => void {
  const stop = () => void process.off('SIGINT', once).off('SIGTERM', once)
  const once = () => {
    stop()
    handler()
  }
  process.on('SIGINT', once).on('SIGTERM', once)
  return stop
}

function reportNotWritten(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') throw new OutputClosed()
  throw new HeadscaleError('failed', `cannot write to standard output: ${writeFailure(error)}`, {
    cause: error,
    hint: 'the output is missing or incomplete',
  })
}
