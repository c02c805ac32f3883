/** A yes-or-no prompt on standard error. Only this file imports inquirer. */
import {confirm} from '@inquirer/prompts'
import {HeadscaleError} from '../../errors.ts'
import {printable} from '../../text/untrusted.ts'

/** @throws HeadscaleError (cancelled, exit 130) on Ctrl-C */
export async function askOnTerminal(question: string): Promise<boolean> {
  try {
    return await confirm({message: printable(question), default: false}, {output: process.stderr})
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new HeadscaleError('cancelled', 'interrupted; nothing was changed', {
        hint: 'run the command again and answer y, or add --force',
      })
    }
    throw error
  }
}
