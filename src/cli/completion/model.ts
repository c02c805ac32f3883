/** The data of the completion scripts of all shells: words with their aliases, flags, and what each value can be. */
import {MOVED_COMMANDS, TOPIC_ALIASES, TOPICS, VALUELESS_FLAGS, verbAliases} from '../args/aliases.ts'
import {COMMAND_TABLE} from '../command-table.ts'
import {type ArgEntry, commandEntry, type FlagEntry, spellings} from '../oclif/manifest.ts'

export interface Word {
  /** The word that completion offers. */
  name: string
  /** Other names, which are recognized but not offered. */
  aliases: string[]
  description: string
}

export interface Flag {
  /** `--user` and `-u`. */
  names: string[]
  description: string
}

export interface Command extends Word {
  flags: Flag[]
}

/** What a value can be: one of these words, a name of the server, a file, or something that nobody can offer. */
export type Offer = readonly string[] | typeof LIVE | typeof FILES | typeof NOTHING

export const LIVE = '@live'
export const FILES = '@files'
export const NOTHING = '@nothing'

/** What flags take as their value; nothing is known of other flags of the command, and most of them take none. */
export interface ValueRow {
  /** `nodes list`; null for every command that has the flags. */
  line: string | null
  /** Every spelling of each flag. */
  flags: string[]
  offer: Offer
}

export interface CompletionModel {
  /** Topics; one without commands is itself a command, with flags. */
  topics: (Word & {commands: Command[]; flags: Flag[]})[]
  /** Rows for one command take precedence. */
  values: ValueRow[]
  /** Commands whose arguments are names of the server. */
  live: string[]
  /** Commands without arguments. */
  bare: string[]
  /** Flags that take no value, even before the command. */
  switches: string[]
  /** Topics below a topic: `nodes routes`, and the topic that it is. */
  moved: [line: string, topic: string][]
}

/** @param shells the possible arguments of `completion` */
export function completionModel(shells: readonly string[]): CompletionModel {
  const ids = Object.keys(COMMAND_TABLE)
  const first = [...new Set(ids.map((id) => id.split(':')[0]!))]
  return {
    topics: first.map((name) => ({
      name,
      aliases: [...(TOPIC_ALIASES[name] ?? [])],
      description: TOPICS[name] ?? commandEntry(name).summary,
      commands:
        name === 'completion'
          ? shells.map((shell) => ({name: shell, aliases: [], description: `script for ${shell}`, flags: []}))
          : ids.filter((id) => id.startsWith(`${name}:`)).map(commandOf),
      flags: ids.includes(name) ? flagsOf(name) : [],
    })),
    values: valueRows(ids),
    live: ids.filter((id) => Object.values(commandEntry(id).args).some(isLive)).map(lineOf),
    bare: ids.filter((id) => Object.keys(commandEntry(id).args).length === 0).map(lineOf),
    switches: [...VALUELESS_FLAGS],
    moved: Object.entries(MOVED_COMMANDS),
  }
}

const lineOf = (id: string) => id.replace(':', ' ')

const isLive = ({completes}: FlagEntry | ArgEntry) => completes !== undefined

function commandOf(id: string): Command {
  return {
    name: id.split(':')[1]!,
    aliases: verbAliases(id),
    description: commandEntry(id).summary,
    flags: flagsOf(id),
  }
}

function flagsOf(id: string): Flag[] {
  const shown = Object.values(commandEntry(id).flags).filter(({hidden}) => !hidden)
  return shown.map(({name, char, description = ''}) => ({
    names: [`--${name}`, ...(char ? [`-${char}`] : [])],
    description,
  }))
}

/** The help values of flags that take files, folders or programs. */
const FILE_WORDS: ReadonlySet<string> = new Set(['FILE', 'PATH', 'DIR', 'PROGRAM'])

/** Null for a flag without a value. */
function offerOf(flag: FlagEntry): Offer | null {
  const {type, options = [], values = options, helpValue = ''} = flag
  if (type !== 'option') return null
  if (isLive(flag)) return LIVE
  return values.length > 0 ? values : FILE_WORDS.has(helpValue) ? FILES : NOTHING
}

interface Use {
  line: string
  flag: string
  offer: Offer | null
}

/** A flag that means the same wherever it exists is in a row for all commands. */
function valueRows(ids: readonly string[]): ValueRow[] {
  const uses = ids.flatMap((id) =>
    Object.values(commandEntry(id).flags).flatMap((flag) =>
      spellings(flag).map((spelling): Use => ({line: lineOf(id), flag: spelling, offer: offerOf(flag)})),
    ),
  )
  const bySpelling = Map.groupBy(uses, ({flag}) => flag)
  const single: Use[] = []
  const common: Use[] = []
  for (const all of bySpelling.values()) {
    const offers = new Set(all.map(({offer}) => JSON.stringify(offer)))
    if (offers.size === 1) common.push(all[0]!)
    else single.push(...all)
  }
  return [...merged(single, true), ...merged(common, false)]
}

function merged(uses: readonly Use[], perLine: boolean): ValueRow[] {
  const rows = Map.groupBy(uses, ({line, offer}) => JSON.stringify([perLine ? line : null, offer]))
  return [...rows.values()].flatMap((all) => {
    const {line, offer} = all[0]!
    return offer === null ? [] : [{line: perLine ? line : null, flags: all.map(({flag}) => flag), offer}]
  })
}
