/**
 * Converts errors of oclif's parser to one line and a hint. They are recognized by their fields and messages, since the
 * bundle does not keep class names.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {looksSecret} from '../../text/secrets.ts'
import {nearest} from '../args/nearest.ts'
import {quoted} from '../args/quoted.ts'
import {usageLine} from '../help/usage.ts'

interface ParserError extends Error {
  flags?: string[]
  args?: unknown[]
}

interface Declared {
  /** The command id: `nodes:list`. */
  id: string
  /** The command as it was invoked: `nodes list`. */
  command: string
  /** Long names of its flags, for suggestions. */
  flagNames: readonly string[]
  takesArguments: boolean
}

/** Flags that name the release in other commands. */
const OTHER_NAMES: Readonly<Record<string, string>> = {'--release': 'for', '--for': 'release'}

/** Flags of headscale's own command line that use the database file of the server. */
const DATABASE_FLAGS = new Set([
  '--bypass-grpc-and-access-database-directly',
  '--bypass-server-and-access-database-directly',
])

export function readParseError(error: unknown, declared: Declared): HeadscaleError {
  const hint = `see: headscale-ts ${declared.command} --help`
  const {message, flags, args} = error as ParserError
  if (error instanceof HeadscaleError) return ours(error, hint)
  if (flags) return unknownFlag(flags[0]!.split('=')[0]!, declared, hint)
  if (args) {
    const names = args.map((arg) =>
      typeof arg === 'string' ? quoted(arg) : (arg as {name: string}).name.toUpperCase(),
    )
    const usage = usageLine(declared.id)
    if (message.startsWith('Missing')) return usageError(`missing argument ${names.join(', ')}`, `usage: ${usage}`)
    const takesCommand = usage.includes(' -- ')
    return usageError(
      `unexpected argument ${names.join(', ')}`,
      takesCommand ? `put -- before the command to run; usage: ${usage}` : hint,
    )
  }
  const missing = [...message.matchAll(/Missing required flag ([\w-]+)/g)].map((match) => `--${match[1]}`)
  if (missing.length > 0) return usageError(`missing flag ${missing.join(', ')}`, `usage: ${usageLine(declared.id)}`)
  const option = message.match(/Expected --([\w-]+)=([^]*) to be one of: (.*)/)
  if (option)
    return usageError(`invalid value ${quoted(option[2]!)} for --${option[1]}`, `expected one of: ${option[3]}`)
  const both = message.match(/(--[\w-]+)(?:=\S*)? cannot also be provided when using (--[\w-]+)/)
  if (both) return usageError(`${both[1]} and ${both[2]} cannot be used together`, hint)
  const integer = message.match(/^Parsing (--\S+) \n\tExpected an integer (.*?) ?but received: (.*)/)
  if (integer) {
    const [, flag, range = '', given = ''] = integer
    const limit = range
      .replace('greater than or equal to', 'of at least')
      .replace('less than or equal to', 'of at most')
    return usageError(`invalid value ${quoted(given)} for ${flag}`, `expected an integer ${limit}`.trim())
  }
  const value = message.match(/^Parsing (--\S+) \n\t(.*)/)
  if (value) return usageError(`${value[1]}: ${value[2]!.charAt(0).toLowerCase()}${value[2]!.slice(1)}`, hint)
  const first = message.split('\n')[0]!.replace(/^Flag (--[\w-]+) (.)/, (_, flag, letter) => `${flag} ${letter}`)
  return usageError(first.trim(), hint)
}

function unknownFlag(flag: string, {flagNames, takesArguments}: Declared, hint: string): HeadscaleError {
  if (DATABASE_FLAGS.has(flag)) {
    return usageError(
      `${flag} needs the database of the server`,
      'run this command with the headscale binary on the server',
    )
  }
  if (flag.startsWith('--')) {
    const other = OTHER_NAMES[flag]
    const near = other !== undefined && flagNames.includes(other) ? other : nearest(flag.slice(2), flagNames)
    return usageError(unknownFlagText(flag), near ? `did you mean --${near}? ${hint}` : hint)
  }
  // Keys and names may begin with a dash.
  const value = takesArguments && flag.length > 2 ? 'put -- before a value that starts with -; ' : ''
  return usageError(unknownFlagText(flag), value + hint)
}

/** Names only the letter of a short flag, since the rest may be a key. */
export function unknownFlagText(flag: string): string {
  const name = flag.split('=')[0]!
  return `unknown flag ${name.startsWith('--') && !looksSecret(name.replace(/^-+/, '')) ? name : name.slice(0, 2)}`
}

/** Removes the text that oclif adds around the message of our own errors. */
function ours(error: HeadscaleError, hint: string): HeadscaleError {
  const inner = error.message.match(/^Parsing --\S+ \n\t(.*)\nSee more help with --help$/s)
  return new HeadscaleError(error.code, inner?.[1] ?? error.message, {hint: error.hint ?? hint, details: error.details})
}
