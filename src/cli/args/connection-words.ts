/**
 * The flags that chose the server, for a command that a message tells the user to type: without them the command would
 * go to another server, or to none.
 */
import {shellWord} from '../../deploy/shell.ts'
import type {ConnectionFlagValues} from '../connection.ts'

/** The flags with a space in front of each, to append to a command; empty when there are none. Never a key. */
export function connectionWords(flags: ConnectionFlagValues): string {
  const {address, socket, config, insecure} = flags
  const words = [
    ...(address === undefined ? [] : ['--address', address]),
    ...(flags['api-key-file'] === undefined ? [] : ['--api-key-file', flags['api-key-file']]),
    ...(socket === undefined ? [] : ['--socket', socket]),
    ...(config === undefined ? [] : ['-c', config]),
    ...(insecure === undefined ? [] : [insecure ? '--insecure' : '--no-insecure']),
    ...(flags['ca-file'] === undefined ? [] : ['--ca-file', flags['ca-file']]),
  ]
  return words.map((word) => ` ${shellWord(word)}`).join('')
}
