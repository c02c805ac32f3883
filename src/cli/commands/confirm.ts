import {HeadscaleError} from '../../errors.ts'
import type {Io} from '../io/io.ts'

/**
 * Asks before a change.
 * @param hint what to do without a terminal
 * @throws HeadscaleError (needs-confirmation) without a terminal, or if the answer is no
 */
export async function confirm(
  io: Io,
  question: string,
  hint = 'add --force to skip the confirmation, or --dry-run to see what would change',
): Promise<void> {
  if (!io.canAsk) {
    throw new HeadscaleError('needs-confirmation', `confirmation needed ("${question}"), but there is no terminal`, {
      hint,
    })
  }
  if (!(await io.ask(question))) {
    throw new HeadscaleError('needs-confirmation', 'declined; nothing was changed')
  }
}
