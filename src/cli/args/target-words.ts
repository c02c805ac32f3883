/** The objects that a command line names one by one: arguments, a flag, or the lines of standard input. */
import {usageError} from '../../errors.ts'
import {readTextFile} from './text-file.ts'

export interface TargetWords {
  words: string[]
  /** Whether standard input was read, so that even one word, or none, is a list. */
  fromStdin: boolean
}

/** @throws HeadscaleError (usage) if `-` is used more than once, or standard input cannot be read */
export async function readTargetWords(given: readonly string[]): Promise<TargetWords> {
  const dashes = given.filter((word) => word === '-').length
  if (dashes === 0) return {words: [...given], fromStdin: false}
  if (dashes > 1) throw usageError('- is used more than once', 'standard input can be read once')
  const lines = (await readTextFile('-')).split('\n').map((line) => line.trim())
  const read = lines.filter((line) => line !== '')
  return {words: given.flatMap((word) => (word === '-' ? read : [word])), fromStdin: true}
}
