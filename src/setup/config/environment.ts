/**
 * The environment of a headscale server: `HEADSCALE_` and a key in capitals, `_` for `.`, replaces the key of the file.
 *
 * Values come from a file as systemd and Docker read it (`--env-file`), or from the environment of this program. An empty
 * value is no value, as for viper.
 */
import type {Place} from '../../syntax/tree.ts'

/** One variable, with its place for findings. */
export interface Variable {
  name: string
  text: string
  place: Place
}

export type Environment = ReadonlyMap<string, Variable>

/** The variable of a key. */
export function variableOf(key: string): string {
  return `HEADSCALE_${key.replaceAll('.', '_').toUpperCase()}`
}

/** The variables of a process, without those of headscale's command line, which both programs read. */
export function processEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const place: Place = {file: 'environment', line: 1, column: 1, offset: 0, end: 0}
  return new Map(
    Object.entries(env)
      .filter(([name, text]) => name.startsWith('HEADSCALE_') && !isOwn(name) && text !== undefined && text !== '')
      .map(([name, text]) => [name, {name, text: text!, place}]),
  )
}

/** The variables of a file of `NAME=value` lines. */
export function fileEnvironment(text: string, file: string): Environment {
  const variables = new Map<string, Variable>()
  let offset = 0
  for (const [index, line] of text.split('\n').entries()) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    const [, name = '', raw = ''] = match ?? []
    const value = /^(["'])(.*)\1$/.exec(raw)?.[2] ?? raw
    if (name.startsWith('HEADSCALE_') && value !== '') {
      const column = line.indexOf(name) + 1
      const place = {file, line: index + 1, column, offset: offset + column - 1, end: offset + line.length}
      variables.set(name, {name, text: value, place})
    }
    offset += line.length + 1
  }
  return variables
}

/** Of this program, or of both command lines. */
function isOwn(name: string): boolean {
  return /^HEADSCALE_(?:CLI_|TS_|CONFIG$|UNIX_SOCKET$|ALIASES$)/.test(name)
}

/** Variables that headscale reads and that are no key of the file. */
export function isServerVariable(name: string): boolean {
  return /^HEADSCALE_(?:CLI_|DEBUG_|EXPERIMENTAL_|POLICY_V1$|CONFIG$)/.test(name)
}
