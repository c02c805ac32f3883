/**
 * Everything a command may touch of the process around it: one object, so that tests run commands in process.
 * stdout carries the answer and nothing else; notices, prompts and errors go to stderr.
 */
import {homeFolder} from '../config/home.ts'

export interface Io {
  /** Writes to stdout, in order. Resolves when the text was handed over, so that long output does not pile up. */
  out(text: string): Promise<void>
  /** Writes to stderr. */
  err(text: string): void
  /** Whether stdout is a terminal. */
  outIsTerminal: boolean
  /** Whether a person can be asked: stdin and stderr are a terminal. */
  canAsk: boolean
  /** Asks yes or no on the terminal; Enter is no. @throws HeadscaleError (cancelled) on Ctrl-C */
  ask(question: string): Promise<boolean>
  /** Whether stdout and stderr get colour: a terminal, and no NO_COLOR. */
  colour: {out: boolean; err: boolean}
  env: Record<string, string | undefined>
  home: string | null
  cwd: string
  now(): Date
}

/** The real process. A reader that closes the pipe early (`| head -1`) ends the program quietly, with status 0. */
export function processIo(): Io {
  const {env, stdout, stderr} = process
  const quitOnClosedPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  }
  stdout.on('error', quitOnClosedPipe)
  stderr.on('error', quitOnClosedPipe)
  const plain = Boolean(env.NO_COLOR) || env.TERM === 'dumb'
  return {
    out: (text) =>
      new Promise((resolve) => {
        if (stdout.write(text)) resolve()
        else stdout.once('drain', resolve)
      }),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    canAsk: process.stdin.isTTY === true && stderr.isTTY === true,
    ask: async (question) => (await import('./ask.ts')).askOnTerminal(question),
    colour: {out: stdout.isTTY === true && !plain, err: stderr.isTTY === true && !plain},
    env,
    home: homeFolder(env),
    cwd: process.cwd(),
    now: () => new Date(),
  }
}
