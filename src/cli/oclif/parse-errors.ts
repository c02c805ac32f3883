/**
 * What oclif's parser throws, as one line and a hint. Its errors are recognised by their fields, since class names do
 * not survive the bundle.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {nearest} from '../args/nearest.ts'
import {quoted, shortened} from '../args/quoted.ts'

interface ParserError extends Error {
  flags?: string[]
  args?: unknown[]
}

/** @param flagNames long names the command has, to offer the nearest */
export function readParseError(error: unknown, command: string, flagNames: readonly string[]): HeadscaleError {
  const hint = `see: headscale-ts ${command} --help`
  const {message, flags, args} = error as ParserError
  if (error instanceof HeadscaleError) return ours(error, hint)
  if (flags) {
    const flag = flags[0]!.split('=')[0]!
    const near = nearest(flag.replace(/^-+/, ''), flagNames)
    const offer = flag.startsWith('--') && near ? `did you mean --${near}? ` : ''
    // Keys and names may begin with a dash: long ones are hardly flags.
    const value = !offer && flag.length > 2 ? 'a name or key that begins with - stands behind a --; ' : ''
    return usageError(`unknown flag ${shortened(flag)}`, offer + value + hint)
  }
  if (args) {
    const names = args.map((arg) =>
      typeof arg === 'string' ? quoted(arg) : (arg as {name: string}).name.toUpperCase(),
    )
    return message.startsWith('Missing')
      ? usageError(`missing argument ${names.join(', ')}`, hint)
      : usageError(`surplus argument ${names.join(', ')}`, hint)
  }
  const missing = [...message.matchAll(/Missing required flag ([\w-]+)/g)].map((match) => `--${match[1]}`)
  if (missing.length > 0) return usageError(`missing flag ${missing.join(', ')}`, hint)
  const option = message.match(/Expected --([\w-]+)=(.*) to be one of: (.*)/)
  if (option) return usageError(`--${option[1]} cannot be ${JSON.stringify(option[2])}`, `use one of: ${option[3]}`)
  const both = message.match(/(--[\w-]+)(?:=\S*)? cannot also be provided when using (--[\w-]+)/)
  if (both) return usageError(`${both[1]} and ${both[2]} cannot both be given`, hint)
  const value = message.match(/^Parsing (--\S+) \n\t(.*)/)
  if (value) return usageError(`${value[1]}: ${value[2]!.charAt(0).toLowerCase()}${value[2]!.slice(1)}`, hint)
  const first = message.split('\n')[0]!.replace(/^Flag (--[\w-]+) (.)/, (_, flag, letter) => `${flag} ${letter}`)
  return usageError(first.trim(), hint)
}

/** oclif puts the flag's name and its own advice around the message of an error of ours. */
function ours(error: HeadscaleError, hint: string): HeadscaleError {
  const inner = error.message.match(/^Parsing --\S+ \n\t(.*)\nSee more help with --help$/s)
  return new HeadscaleError(error.code, inner?.[1] ?? error.message, {hint: error.hint ?? hint, details: error.details})
}
