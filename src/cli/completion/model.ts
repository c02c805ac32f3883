/** The data of the completion scripts of all shells: words with their aliases, flags and fixed values. */
import {TOPIC_ALIASES, TOPICS, verbAliases} from '../args/aliases.ts'
import {COMMAND_TABLE} from '../command-table.ts'
import {commandEntry, type FlagEntry} from '../oclif/manifest.ts'

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
  takesValue: boolean
  /** Values to offer. */
  values: string[]
}

export interface Command extends Word {
  flags: Flag[]
}

export interface CompletionModel {
  /** Topics; one without commands is itself a command, with flags. */
  topics: (Word & {commands: Command[]; flags: Flag[]})[]
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
  }
}

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
  return shown.map(({name, char, description = '', type, options = [], values = options}: FlagEntry) => ({
    names: [`--${name}`, ...(char ? [`-${char}`] : [])],
    description,
    takesValue: type === 'option',
    values,
  }))
}
