/**
 * A session as it would stand on a terminal: each line as typed, what it printed, and its exit status when that is not
 * zero. What differs from run to run is replaced by words of the same width, so that the columns stay what they were.
 */
import {maskTimes, type Outcome} from './program.ts'

export interface Transcript {
  /** Types `headscale-ts` and these arguments. */
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
