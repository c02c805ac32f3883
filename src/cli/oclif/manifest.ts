/** The commands in oclif's manifest. Help, completion and suggestions use it, so they do not load commands. */
import type {LiveKind} from '../flags.ts'
import manifest from '../../../oclif.manifest.json' with {type: 'json'}

export interface FlagEntry {
  name: string
  type: 'boolean' | 'option'
  char?: string
  charAliases?: string[]
  aliases?: string[]
  description?: string
  helpGroup?: string
  helpValue?: string
  options?: string[]
  /** Values that completion offers; others are possible. */
  values?: string[]
  /** The kind, or kinds, of values that completion reads from the server. */
  completes?: LiveKind | LiveKind[]
  default?: unknown
  multiple?: boolean
  /** Separates several values in one word. */
  delimiter?: string
  required?: boolean
  allowNo?: boolean
  hidden?: boolean
}

export interface ArgEntry {
  name: string
  description?: string
  required?: boolean
  multiple?: boolean
  completes?: LiveKind | LiveKind[]
  /** Only while the line names no node. */
  completesOne?: boolean
}

export interface CommandEntry {
  id: string
  summary: string
  description?: string
  usage?: string
  examples: string[]
  args: Record<string, ArgEntry>
  flags: Record<string, FlagEntry>
}

const ENTRIES = manifest.commands as unknown as Readonly<Record<string, CommandEntry>>

export function commandEntry(id: string): CommandEntry {
  return ENTRIES[id]!
}

/** Whether a command changes something on a server. All these commands have `--dry-run`. */
export function changesServer(id: string): boolean {
  return 'dry-run' in (ENTRIES[id]?.flags ?? {})
}

/** Whether any command has this flag: `--name` or `-n`. */
export function isFlagOfAnyCommand(flag: string): boolean {
  return Object.values(ENTRIES).some(({flags}) =>
    Object.values(flags).some((declared) => spellings(declared).includes(flag)),
  )
}

/** Every spelling of a flag: `--user`, `--namespace`, `-u`, `-n`. */
export function spellings({name, char, charAliases = [], aliases = [], allowNo}: FlagEntry): string[] {
  return [
    `--${name}`,
    ...(allowNo ? [`--no-${name}`] : []),
    ...aliases.map((alias) => `--${alias}`),
    ...[...(char ? [char] : []), ...charAliases].map((letter) => `-${letter}`),
  ]
}

/** Replaces oclif's template in an example or description. */
export function filledIn(text: string): string {
  return text.replaceAll('<%= config.bin %>', 'headscale-ts')
}
