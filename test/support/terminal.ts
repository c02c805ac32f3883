/**
 * A program on a terminal: a pseudo-terminal that runs it and an emulator that shows what a person would see. Tests read
 * the screen, so a question that is drawn many times counts once.
 */
import * as pty from '@lydell/node-pty'
import headless from '@xterm/headless'
import {childEnv, type Env} from './program.ts'

export interface Terminal {
  /** The lines on the screen, without empty ones at the end. */
  screen(): Promise<string>
  /** Waits until the screen contains a text. */
  shows(text: string): Promise<void>
  /** Types; `\r` is Enter, `\u0003` Ctrl-C. */
  type(text: string): void
  /** Changes the number of columns, as a person does with a window. */
  resize(cols: number): void
  /** The exit status, when the program has ended and the screen is complete. */
  ended: Promise<number>
}

/** Runs a shell line on a terminal of 30 rows. */
export function openTerminal(line: string, env: Env, cols = 120): Terminal {
  const size = {cols, rows: 30}
  const emulator = new headless.Terminal({...size, allowProposedApi: true})
  const child = pty.spawn('bash', ['-c', line], {...size, name: 'xterm-256color', env: childEnv(env)})
  let written = Promise.resolve()
  child.onData((data) => {
    written = new Promise((done) => emulator.write(data, done))
  })
  const ended = new Promise<number>((resolve) => {
    child.onExit(({exitCode, signal}) => void written.then(() => resolve(signal ? 128 + signal : exitCode)))
  })

  const screen = async () => {
    await written
    const {active} = emulator.buffer
    const lines = Array.from({length: active.length}, (_, i) => active.getLine(i)?.translateToString(true) ?? '')
    return lines.join('\n').trimEnd()
  }
  return {
    screen,
    ended,
    type: (text) => child.write(text),
    resize(cols) {
      emulator.resize(cols, size.rows)
      child.resize(cols, size.rows)
    },
    async shows(text) {
      for (const deadline = Date.now() + 15_000; !(await screen()).includes(text);) {
        if (Date.now() > deadline)
          throw new Error(`the screen never showed ${JSON.stringify(text)}:\n${await screen()}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}
