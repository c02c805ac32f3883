/**
 * What is wanted at the cursor of a command line: which kind of value, how much of it is typed, and for which server.
 * The words are read by the same table and manifest as in a real run. Pure.
 */
import type {ConnectionFlags} from '../../../config/sources.ts'
import {resolveArgv} from '../../args/argv.ts'
import {COMMAND_TABLE} from '../../command-table.ts'
import type {LiveKind} from '../../flags.ts'
import {type ArgEntry, commandEntry, type FlagEntry, spellings} from '../../oclif/manifest.ts'

export interface TypedLine {
  kinds: readonly LiveKind[]
  /** What is before the value in the same word: `--user=`, `tag:db,`. */
  before: string
  /** The typed part of the value. */
  typed: string
  /** Values that the line has already. */
  used: ReadonlySet<string>
  /** The nodes that the line names. */
  nodes: string[]
  connection: ConnectionFlags
}

const IDS = Object.keys(COMMAND_TABLE)

/** @param words those before the one at the cursor @returns null where no value of the server is wanted */
export function readTypedLine(words: readonly string[], current: string): TypedLine | null {
  const resolution = resolveArgv(words, IDS)
  if (resolution.kind === 'unknown') return null
  const topic = resolution.kind === 'topic' ? resolution.topic : null
  const ids = resolution.kind === 'command' ? [resolution.id] : IDS.filter((id) => !topic || id.startsWith(`${topic}:`))
  const args = resolution.kind === 'command' ? Object.values(commandEntry(resolution.id).args) : []
  const given = readRest(resolution.rest, (spelling) => findFlag(ids, spelling))
  const place = placeOf(current, given, args)
  const kinds = [place?.entry.completes ?? []].flat()
  if (!place || kinds.length === 0) return null

  const cut = 'delimiter' in place.entry && place.entry.delimiter ? place.typed.lastIndexOf(',') + 1 : 0
  const listed = place.typed.slice(0, cut)
  const nodes = nodesOf(given, args)
  if ('completesOne' in place.entry && place.entry.completesOne && (nodes.length > 0 || isNamed(kinds, given)))
    return null
  const one = (name: string) => given.values.get(name)?.at(-1)
  return {
    // A prefix means nothing without its node.
    kinds: nodes.length === 0 && kinds.includes('node') ? kinds.filter((kind) => kind !== 'route') : kinds,
    before: place.before + listed,
    typed: place.typed.slice(cut),
    used: new Set([...place.others, ...place.others.flatMap((value) => value.split(',')), ...listed.split(',')]),
    nodes,
    connection: {
      ...present('address', one('address')),
      ...present('apiKeyFile', one('api-key-file')),
      ...present('socket', one('socket')),
      ...present('config', one('config')),
      ...present('caFile', one('ca-file')),
      ...present('timeout', one('timeout')),
      ...(given.values.has('insecure') ? {insecure: one('insecure') === 'true'} : {}),
    },
  }
}

/** Whether a flag names one of these: `--id` a user, as an argument with the name of a user does. */
const isNamed = (kinds: readonly LiveKind[], {entries}: Given) =>
  [...entries].some(({completes}) =>
    kinds.some((kind) => completes === kind || completes === `${kind}-id` || completes === `${kind}-name`),
  )

const present = (name: string, value: string | undefined) => (value === undefined ? {} : {[name]: value})

/** The flag with this spelling. Before the command is known: only one that completes the same in all commands. */
function findFlag(ids: readonly string[], spelling: string): FlagEntry | null {
  const found = ids.flatMap((id) =>
    Object.values(commandEntry(id).flags).filter((flag) => spellings(flag).includes(spelling)),
  )
  const kinds = new Set(found.map(({completes}) => String(completes)))
  return kinds.size === 1 ? found[0]! : null
}

interface Given {
  positionals: string[]
  /** Values by the name of the flag. */
  values: Map<string, string[]>
  /** The flags that complete something, with their values. */
  entries: Set<FlagEntry>
  /** The flag that the next word is a value of. */
  waiting: FlagEntry | null
  /** After `--`. */
  ended: boolean
  find(spelling: string): FlagEntry | null
}

function readRest(rest: readonly string[], find: Given['find']): Given {
  const given: Given = {positionals: [], values: new Map(), entries: new Set(), waiting: null, ended: false, find}
  const add = (flag: FlagEntry | null, value: string) => {
    if (!flag) return
    given.entries.add(flag)
    given.values.set(flag.name, [...(given.values.get(flag.name) ?? []), value])
  }
  for (const word of rest) {
    if (given.waiting) {
      add(given.waiting, word)
      given.waiting = null
    } else if (given.ended || !/^-./.test(word)) {
      given.positionals.push(word)
    } else if (word === '--') {
      given.ended = true
    } else {
      const {flag, value} = flagOf(word, find)
      if (value !== null) add(flag, value)
      else if (flag?.type === 'option') given.waiting = flag
      else add(flag, String(!word.startsWith('--no-')))
    }
  }
  return given
}

/** `--user`, `--user=ops`, `-u`, `-uops` */
function flagOf(word: string, find: Given['find']): {flag: FlagEntry | null; spelling: string; value: string | null} {
  const [spelling = ''] = (word.startsWith('--') ? word.match(/^[^=]*/) : [word.slice(0, 2)]) ?? []
  const value = word === spelling ? null : word.slice(spelling.length).replace(/^=/, '')
  return {flag: find(spelling), spelling, value}
}

interface Place {
  entry: FlagEntry | ArgEntry
  before: string
  typed: string
  /** Other values of the same flag or argument. */
  others: readonly string[]
}

function placeOf(current: string, given: Given, args: readonly ArgEntry[]): Place | null {
  const {waiting, ended, positionals, values} = given
  if (waiting) return {entry: waiting, before: '', typed: current, others: values.get(waiting.name) ?? []}
  if (!ended && current.startsWith('-')) {
    const {flag, value} = flagOf(current, given.find)
    if (flag?.type !== 'option' || value === null) return null
    const before = current.slice(0, current.length - value.length)
    return {entry: flag, before, typed: value, others: values.get(flag.name) ?? []}
  }
  const last = args.at(-1)
  const entry = args[positionals.length] ?? (last?.multiple ? last : null)
  return entry && {entry, before: '', typed: current, others: positionals}
}

function nodesOf({entries, values, positionals}: Given, args: readonly ArgEntry[]): string[] {
  const named = [...entries].filter(({completes}) => completes === 'node').flatMap(({name}) => values.get(name)!)
  const takesNodes = args.some(({completes}) => [completes].flat().includes('node'))
  return [...named, ...(takesNodes ? positionals.filter((word) => !/[/=]/.test(word)) : [])]
}
