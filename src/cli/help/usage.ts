/** The usage line of a command, for its help page and for errors about missing flags and arguments. */
import {type ArgEntry, commandEntry, type FlagEntry} from '../oclif/manifest.ts'

/** `headscale-ts nodes delete -i NODE [flags]` */
export function usageLine(id: string): string {
  const {usage, args, flags} = commandEntry(id)
  if (usage !== undefined) return `headscale-ts ${usage}`
  const required = Object.values(flags)
    .filter((flag) => flag.required)
    .map((flag) => `${flag.char ? `-${flag.char}` : `--${flag.name}`} ${valueOf(flag)}`)
  const words = [id.replaceAll(':', ' '), ...Object.values(args).map(bracketed), ...required, '[flags]']
  return `headscale-ts ${words.join(' ')}`
}

export const argName = ({name, multiple}: ArgEntry) => `${name.toUpperCase()}${multiple ? '...' : ''}`

const bracketed = (arg: ArgEntry) => (arg.required ? argName(arg) : `[${argName(arg)}]`)

export const valueOf = ({helpValue, name}: FlagEntry) => helpValue ?? name.toUpperCase()
