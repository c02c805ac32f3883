/** What is to be said about one command, from its entry in the manifest: for its help page, the man page and docs/commands. */
import {commandAliases} from '../args/aliases.ts'
import {commandEntry, filledIn, type FlagEntry} from '../oclif/manifest.ts'
import {argName, usageLine, valueOf} from './usage.ts'

export interface CommandPage {
  id: string
  summary: string
  /** Paragraphs separated by empty lines; null if the summary is all. */
  description: string | null
  usage: string
  args: Described[]
  examples: string[]
  /** In order of name, the flags without a group first and global flags last; none is empty. */
  flagGroups: FlagGroup[]
  aliases: string[]
}

export interface FlagGroup {
  /** `''`, `SELECTOR`, `GLOBAL`, … */
  name: string
  flags: Described[]
}

export interface Described {
  /** `-u, --user USER` or `--dry-run`; of an argument `NODE...`. */
  name: string
  text: string
}

export const GLOBAL = 'GLOBAL'

export function commandPage(id: string): CommandPage {
  const command = commandEntry(id)
  const flags = Object.values(command.flags)
    .filter(({name, hidden}) => !hidden && !isOpposite(name, command.flags))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const groups = [...new Set(flags.map(({helpGroup}) => helpGroup ?? ''))].toSorted(
    (a, b) => Number(a === GLOBAL) - Number(b === GLOBAL) || (a < b ? -1 : 1),
  )
  return {
    id,
    summary: command.summary,
    description: command.description === undefined ? null : filledIn(command.description),
    usage: usageLine(id),
    args: Object.values(command.args).map((arg) => ({name: argName(arg), text: arg.description ?? ''})),
    examples: command.examples.map(filledIn),
    flagGroups: groups.map((name) => ({
      name,
      flags: flags
        .filter(({helpGroup}) => (helpGroup ?? '') === name)
        .map((flag) => ({name: spelling(flag, command.flags), text: describe(flag)})),
    })),
    aliases: commandAliases(id),
  }
}

type Flags = Readonly<Record<string, FlagEntry>>

/** A selector flag that is shown with its opposite, as `--[not-]tag`. */
function isOpposite(name: string, flags: Flags): boolean {
  return name.startsWith('not-') && name.slice('not-'.length) in flags
}

function spelling(flag: FlagEntry, flags: Flags): string {
  const {name, char, type, allowNo} = flag
  const long = `--${allowNo ? '[no-]' : `not-${name}` in flags ? '[not-]' : ''}${name}`
  const value = type === 'option' ? ` ${valueOf(flag).replace(/(?<=\w)\.\.\.$/, '')}` : ''
  return `${char ? `-${char}, ` : ''}${long}${value}`
}

function describe(flag: FlagEntry): string {
  const {options, required, default: value} = flag
  // A description that has a default or can be repeated says so itself, in the form that the flag accepts.
  const [, text = '', remark] = /^(.*?)(?: \(((?:default|repeatable)[^()]*)\))?$/s.exec(flag.description ?? '')!
  const hasDefault = (typeof value === 'string' || typeof value === 'number') && !text.includes('default')
  const remarks = [
    ...(options ? [options.join('|')] : []),
    ...(required ? ['required'] : []),
    ...(remark ? [remark] : hasDefault ? [`default: ${value}`] : []),
  ]
  return `${filledIn(text)}${remarks.length > 0 ? ` (${remarks.join('; ')})` : ''}`
}
