/** Prompts on standard error, for yes or no and for a text. Only this file imports inquirer. */
import {confirm, input} from '@inquirer/prompts'
import {HeadscaleError} from '../../errors.ts'
import {printable} from '../../text/untrusted.ts'

/** The end of input (Ctrl-D) is no. @throws HeadscaleError (cancelled, exit 130) on Ctrl-C */
export function askOnTerminal(question: string): Promise<boolean> {
  return prompt(false, (context) => confirm({message: printable(question), default: false}, context))
}

/** The end of input (Ctrl-D) is the default. @throws HeadscaleError (cancelled, exit 130) on Ctrl-C */
export function askTextOnTerminal(question: string, byDefault: string): Promise<string> {
  const settings = {message: `${printable(question)}:`, ...(byDefault === '' ? {} : {default: byDefault})}
  return prompt(byDefault, async (context) => (await input(settings, context)).trim())
}

type PromptContext = Parameters<typeof confirm>[1]

/** @param atEnd the answer at the end of input */
async function prompt<Answer>(atEnd: Answer, ask: (context: PromptContext) => Promise<Answer>): Promise<Answer> {
  const {stdin} = process
  const ending = new AbortController()
  const end = () => ending.abort()
  const onKey = (_text: string | undefined, key?: {ctrl?: boolean; name?: string}) => {
    if (key?.ctrl && key.name === 'd') end()
  }
  // inquirer ignores both.
  stdin.on('keypress', onKey).once('end', end)
  try {
    return await ask({output: process.stderr, signal: ending.signal})
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortPromptError') return atEnd
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
