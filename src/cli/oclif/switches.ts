/**
 * Flag syntax that Go programs accept and oclif does not: `--flag=true` and `--flag=false` for boolean flags, and keys
 * that begin with a dash.
 */
import {usageError} from '../../errors.ts'
import {quoted} from '../args/quoted.ts'
import {markDashedValues} from './dashed-values.ts'

interface Declared {
  type: 'boolean' | 'option'
  char?: string
  charAliases?: string[]
  aliases?: string[]
  /** `--no-flag` exists, so "false" differs from "not given". The same holds for selectors, which have `--not-flag`. */
  allowNo?: boolean
}

const TRUE = new Set(['true', 't', '1'])
const FALSE = new Set(['false', 'f', '0'])

/**
 * @returns argv with `--flag=true` as `--flag`, `--flag=false` as its opposite or left out, and dashed keys marked
 * @throws HeadscaleError (usage)
 */
export function booleanValues(argv: readonly string[], flags: Record<string, Declared>): string[] {
  const switches = new Map<string, string[]>()
  const names = new Set(Object.entries(flags).flatMap(([name, {aliases = []}]) => [name, ...aliases]))
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.type !== 'boolean') continue
    const opposite = flag.allowNo ? `no-${name}` : oppositeOf(name, names)
    for (const long of [name, ...(flag.aliases ?? [])]) switches.set(`--${long}`, opposite ? [`--${opposite}`] : [])
    if (flag.char) switches.set(`-${flag.char}`, [])
  }
  const marked = markDashedValues(argv, flags)
  const end = marked.indexOf('--')
  const ours = end === -1 ? marked : marked.slice(0, end)
  const read = ours.flatMap((word) => {
    const equals = word.indexOf('=')
    const off = equals === -1 ? undefined : switches.get(word.slice(0, equals))
    if (!off) return [word]
    const value = word.slice(equals + 1).toLowerCase()
    if (TRUE.has(value)) return [word.slice(0, equals)]
    if (FALSE.has(value)) return off
    throw usageError(
      `invalid value ${quoted(word.slice(equals + 1))} for ${word.slice(0, equals)}`,
      'expected true or false',
    )
  })
  return end === -1 ? read : [...read, ...marked.slice(end)]
}

/** `not-expired` of `expired`, and the other way around; null for a flag without an opposite. */
function oppositeOf(name: string, names: ReadonlySet<string>): string | null {
  const opposite = name.startsWith('not-') ? name.slice('not-'.length) : `not-${name}`
  return names.has(opposite) ? opposite : null
}
