/**
 * All output on standard error: warnings, notes, the status line during a long wait, and the error at the end.
 *
 * Text is written at once. With `-o`, standard error gets at most one object at the end, so that `jq` can read it: the
 * error with its `warnings`, or only the warnings; lines of `--debug`, which the user asked for, come before it. Text from outside passes through `redact` and `singleLine` here;
 * nothing else writes to standard error.
 */
import type {HeadscaleError} from '../../errors.ts'
import type {WarningsDocument} from '../../render/document/schemas.ts'
import {redact} from '../../text/secrets.ts'
import {printable, printableLines, singleLine} from '../../text/untrusted.ts'
import type {ProcessIo} from '../io/process-io.ts'
import {errorDocument, errorLines, toHeadscaleError} from './error-report.ts'
import type {OutputFormat} from './formats.ts'

/** How long a wait must take before it is shown. */
const SHOW_WAIT_AFTER_MS = 1000

export interface Messages {
  /** A probable problem, in one sentence. The same sentence is printed once. */
  warn(text: string): void
  /** Additional information, in one sentence. The same sentence is printed once. */
  note(text: string): void
  /** Like a note, but without a prefix, and secrets are not removed. */
  notice(text: string): void
  /** Prints a line at once, in any format; undefined without `--debug`. */
  debug: ((text: string) => void) | undefined
  /** Shows the reason of a wait of more than a second, on a terminal. @returns a function to call when the wait ends */
  waitFor(what: string): () => void
  /** Shows the progress of long work on a terminal, in place of the last one; null removes it. */
  progress(text: string | null): void
  /** Prompts on the terminal, after printing all messages so far. */
  ask(question: string): Promise<boolean>
}

/**
 * @param format the format of `-o`; null for text
 * @param debug whether `--debug` is on
 */
export function createMessages(
  io: ProcessIo,
  format: OutputFormat | null,
  debug: boolean,
): Messages & {
  /** Prints the error and the collected messages. Call it once, at the end. @returns the exit status */
  finish(outcome: {status: number} | {error: unknown}): Promise<number>
} {
  const printed = new Set<string>()
  let collected: string[] = []
  const status = createStatusLine(io)

  function print(line: string, prefix: string): void {
    if (printed.has(line)) return
    printed.add(line)
    if (format !== null) {
      collected.push(line)
      return
    }
    printNow(`${prefix}${line}`)
  }

  function printNow(line: string): void {
    status.pause()
    io.err(`${line}\n`)
    status.resume()
  }

  return {
    warn: (text) => print(singleLine(redact(text)), 'warning: '),
    note: (text) => print(singleLine(redact(text)), 'note: '),
    notice: (text) => print(printableLines(text), ''),
    debug: debug ? (text) => printNow(`debug: ${singleLine(redact(text))}`) : undefined,
    waitFor: (what) => (format === null ? status.waitFor(singleLine(redact(what))) : () => {}),

    progress: (text) =>
      format === null ? status.progress(text === null ? null : singleLine(redact(text))) : undefined,

    async ask(question) {
      status.pause()
      // The user needs them to answer, so they are printed before the end.
      for (const line of collected) io.err(`${line}\n`)
      collected = []
      try {
        return await io.ask(printable(redact(question)))
      } finally {
        status.resume()
      }
    },

    async finish(outcome) {
      status.end()
      const error = 'error' in outcome ? toHeadscaleError(outcome.error) : null
      if (format === null) {
        if (error) for (const line of errorLines(error)) io.err(`${line}\n`)
        if ('error' in outcome && io.env.DEBUG) io.err(stackOf(outcome.error).join('\n') + '\n')
      } else if (error || collected.length > 0) {
        const stack = 'error' in outcome && io.env.DEBUG ? stackOf(outcome.error) : null
        const document = error
          ? errorDocument(error, collected, stack)
          : ({warnings: collected} satisfies WarningsDocument)
        const {formatDocument} = await import('../../render/document/format.ts')
        io.err([...(await formatDocument(document, format))].join(''))
      }
      return statusOf(outcome, error)
    },
  }
}

function statusOf(outcome: {status: number} | {error: unknown}, error: HeadscaleError | null): number {
  return 'status' in outcome ? outcome.status : error!.exitCode
}

/** The stacks of an error and of its causes. */
function stackOf(error: unknown): string[] {
  const stacks: string[] = []
  for (let cause = error; cause instanceof Error && stacks.length < 5; cause = cause.cause) {
    stacks.push(`${stacks.length > 0 ? 'caused by ' : ''}${cause.stack ?? cause.message}`)
  }
  return stacks
}

/**
 * A line about what the program waits for or how far it is. It is erased when something else is written, and shown again
 * after that. Progress takes precedence over waits, and the longest wait over later ones.
 */
function createStatusLine(io: ProcessIo) {
  /** What each wait is for, and when it is shown. In order of their start. */
  const waits = new Set<{what: string; from: number}>()
  let hasProgress = false
  let timer: NodeJS.Timeout | undefined
  let shown = false
  let ended = false

  const hide = () => {
    if (shown) io.err('\r\u001b[K')
    shown = false
  }
  const show = (text: string) => {
    const width = io.errWidth() ?? Infinity
    // A line that fills the terminal would be wrapped, and only its end erased.
    io.err(text.length < width ? text : `${text.slice(0, width - 2)}…`)
    shown = true
  }
  const pause = () => {
    clearTimeout(timer)
    hide()
  }
  const resume = () => {
    clearTimeout(timer)
    const [oldest] = waits
    if (oldest === undefined || hasProgress || shown || ended || !io.errIsTerminal) return
    const left = Math.max(0, oldest.from - performance.now())
    timer = setTimeout(() => show(`waiting for ${oldest.what}…`), left)
    timer.unref?.()
  }
  return {
    pause,
    resume,
    /** Erases the line for good; calls that are still open no longer matter. */
    end() {
      ended = true
      pause()
    },
    progress(text: string | null) {
      pause()
      hasProgress = text !== null && io.errIsTerminal
      if (text !== null && io.errIsTerminal) show(text)
      else resume()
    },
    waitFor(what: string) {
      const wait = {what, from: performance.now() + SHOW_WAIT_AFTER_MS}
      waits.add(wait)
      resume()
      return () => {
        const [oldest] = waits
        waits.delete(wait)
        if (wait === oldest && !hasProgress) pause()
        resume()
      }
    },
  }
}
