/**
 * A session as on a terminal: each command line, its output, and its exit status if it is not zero. Values that differ
 * from run to run are replaced by words of the same width, so that the columns do not move.
 */
import {maskTimes, type Outcome} from './program.ts'

export interface Transcript {
  /** Runs `headscale-ts` with these arguments. */
  line(...argv: string[]): Promise<Outcome>
  /** From now on the transcript shows `shown` for `text`. */
  mask(text: string, shown: string): void
  /** Everything so far, times and the short node keys of tables masked. */
  text(): string
}

export function transcript(run: (argv: string[]) => Promise<Outcome>): Transcript {
  const lines: string[] = []
  const masks = new Map<string, string>()
  return {
    async line(...argv) {
      const outcome = await run(argv)
      const {status, stdout, stderr} = outcome
      lines.push(
        `$ headscale-ts ${argv.map(quoted).join(' ')}\n`,
        stdout,
        stderr,
        status === 0 ? '' : `[exit ${status}]\n`,
      )
      return outcome
    },
    mask: (text, shown) => void masks.set(text, shown),
    text() {
      let text = maskTimes(lines.join('')).replace(/\| \[[\w+/]{5}\] \|/g, '| [.....] |')
      for (const [secret, shown] of masks) text = text.replaceAll(secret, shown)
      return text
    },
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./?&-]+$/.test(word) ? word : `'${word}'`
}
