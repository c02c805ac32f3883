/** A yes-or-no prompt on standard error. Only this file imports inquirer. */
import {confirm} from '@inquirer/prompts'
import {HeadscaleError} from '../../errors.ts'
import {printable} from '../../text/untrusted.ts'

/** The end of input (Ctrl-D) is no. @throws HeadscaleError (cancelled, exit 130) on Ctrl-C */
export async function askOnTerminal(question: string): Promise<boolean> {
  const {stdin} = process
  const ending = new AbortController()
  const end = () => ending.abort()
  const onKey = (_text: string | undefined, key?: {ctrl?: boolean; name?: string}) => {
    if (key?.ctrl && key.name === 'd') end()
  }
  // inquirer ignores both.
  stdin.on('keypress', onKey).once('end', end)
  try {
    return await confirm(
      {message: printable(question), default: false},
      {output: process.stderr, signal: ending.signal},
    )
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortPromptError') return false
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new HeadscaleError('cancelled', 'interrupted; nothing was changed', {
        hint: 'run the command again and answer y, or add --force',
      })
    }
    throw error
  } finally {
    stdin.off('keypress', onKey).off('end', end)
  }
}
