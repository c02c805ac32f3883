/**
 * Rules for every command: no letter has two meanings, no argument reads standard input, everything has a description.
 * They are checked in the manifest, which the build creates, and in the commands where the manifest is incomplete.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import manifest from '../../oclif.manifest.json' with {type: 'json'}
import {COMMAND_TABLE} from '../../src/cli/command-table.ts'
import {resolveArgv} from '../../src/cli/args/argv.ts'
import {commandAliases, TOPICS, VALUELESS_FLAGS} from '../../src/cli/args/aliases.ts'
import {READ_NAMES} from '../../src/cli/completion/live/names.ts'
import {ROOT} from '../support/paths.ts'

interface Flag {
  name: string
  type: 'boolean' | 'option'
  char?: string
  charAliases?: string[]
  aliases?: string[]
  description?: string
  multiple?: boolean
  helpGroup?: string
  helpValue?: string
  completes?: string
  default?: unknown
}

interface Entry {
  summary?: string
  examples?: string[]
  aliases?: string[]
  hiddenAliases?: string[]
  args: Record<string, {name: string; description?: string}>
  flags: Record<string, Flag>
}

const commands = manifest.commands as unknown as Record<string, Entry>
const ids = Object.keys(COMMAND_TABLE)
/** What the class of a command declares. */
async function declared(id: string) {
  const {default: Command} = await COMMAND_TABLE[id as keyof typeof COMMAND_TABLE]()
  return Command as unknown as {
    args?: Record<string, {ignoreStdin?: boolean}>
    flags?: Record<string, {multiple?: boolean; multipleNonGreedy?: boolean}>
  }
}
const flagsOf = (id: string) => Object.values(commands[id]!.flags)
/** Every spelling of a flag, with its dashes. */
const spellings = ({name, char, charAliases = [], aliases = []}: Flag) => [
  ...[name, ...aliases].map((long) => `--${long}`),
  ...[...(char ? [char] : []), ...charAliases].map((short) => `-${short}`),
]

test('the manifest has the commands the program has', () => {
  expect(Object.keys(commands).toSorted()).toEqual(ids.toSorted())
})

describe.for(ids)('%s', (id) => {
  test('uses no spelling for two flags', () => {
    const all = flagsOf(id).flatMap(spellings)
    expect(all.filter((spelling, i) => all.indexOf(spelling) !== i)).toEqual([])
  })

  test('uses -o, -c, -h and -y for their global meaning only', () => {
    const owners = flagsOf(id).flatMap((flag) => spellings(flag).map((spelling) => `${spelling} ${flag.name}`))
    const global = {'-o': 'output', '-c': 'config', '-h': 'help', '-y': 'force'}
    const wrong = Object.entries(global).flatMap(([letter, name]) =>
      owners.filter((owner) => owner.startsWith(`${letter} `) && owner !== `${letter} ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('reads no argument from standard input', async () => {
    const {args = {}} = await declared(id)
    const greedy = Object.entries(args).filter(([, {ignoreStdin}]) => ignoreStdin !== true)
    expect(greedy.map(([name]) => name)).toEqual([])
  })

  test('has no list flag that takes the arguments after its value', async () => {
    const {flags = {}} = await declared(id)
    const greedy = Object.entries(flags).filter(([, flag]) => flag.multiple && flag.multipleNonGreedy !== true)
    expect(greedy.map(([name]) => name)).toEqual([])
  })

  test('describes itself, its arguments and its flags, and shows an example', () => {
    const {summary, examples = [], args} = commands[id]!
    const silent = [...Object.values(args), ...flagsOf(id)].filter(({description}) => !description?.trim())
    expect([silent.map(({name}) => name), summary === undefined, examples.length > 0]).toEqual([[], false, true])
    expect(summary).toMatch(/^[A-Z].*[^.]$/)
  })

  test('declares no aliases to oclif', () => {
    const {aliases = [], hiddenAliases = []} = commands[id]!
    expect([aliases, hiddenAliases]).toEqual([[], []])
  })

  test('is found by each of its aliases', () => {
    const resolved = commandAliases(id).map((words) => resolveArgv(words.split(' '), ids))
    expect(resolved.filter((found) => found.kind !== 'command' || found.id !== id)).toEqual([])
  })
})

test('a global flag or a selector without a value never takes the word after it', () => {
  const switches = ids.flatMap((id) =>
    flagsOf(id).filter(({type, helpGroup}) => type === 'boolean' && ['GLOBAL', 'SELECTOR'].includes(helpGroup ?? '')),
  )
  const missing = switches.flatMap(spellings).filter((spelling) => !VALUELESS_FLAGS.has(spelling))
  expect([...new Set(missing)]).toEqual([])
})

test('no flag that takes a value is in VALUELESS_FLAGS', () => {
  const options = ids.flatMap((id) => flagsOf(id).filter(({type}) => type === 'option'))
  expect(options.flatMap(spellings).filter((spelling) => VALUELESS_FLAGS.has(spelling))).toEqual([])
})

/** What a help value of a flag means on a server. */
const KINDS: Readonly<Record<string, string>> = {USER: 'user', NODE: 'node', TAG: 'tag'}

test('completion knows what names a user, a node or a tag', () => {
  const all = ids.flatMap((id) => flagsOf(id).map((flag) => ({id, ...flag})))
  const wrong = all.filter(({helpValue = '', completes}) => helpValue in KINDS && completes !== KINDS[helpValue])
  expect(wrong.map(({id, name}) => `${id} --${name}`)).toEqual([])
  const kinds = Map.groupBy(all, ({completes}) => completes)
  expect([...kinds.keys()].filter((kind) => kind !== undefined && !(kind in READ_NAMES))).toEqual([])
})

test('every topic has a description', () => {
  const topics = new Set(ids.filter((id) => id.includes(':')).map((id) => id.split(':')[0]!))
  expect([...topics].filter((topic) => !TOPICS[topic])).toEqual([])
})

test('every selector has its opposite', () => {
  for (const id of ids) {
    const names = flagsOf(id)
      .filter(({helpGroup}) => helpGroup === 'SELECTOR')
      .flatMap(({name, aliases = []}) => [name, ...aliases])
    const missing = names.filter((name) => !names.includes(name.startsWith('not-') ? name.slice(4) : `not-${name}`))
    expect([id, missing.filter((name) => name !== 'namespace')]).toEqual([id, []])
  }
})

test('the tables of selectors in the docs have those of every command', () => {
  const text = readFileSync(join(ROOT, 'docs/selectors.md'), 'utf8')
  const cells = (line: string) => line.split('|').map((cell) => cell.trim().replaceAll('`', ''))
  const tables = text
    .split('\n\n')
    .filter((part) => part.startsWith('| selector | `'))
    .map((part) => part.split('\n').map(cells))
  const documented = new Map(
    tables.flatMap(([header = [], , ...rows]) =>
      header.slice(2, -1).map((command, i) => {
        const flags = rows.filter((row) => row[i + 2]).flatMap(([, name = '']) => name.split(', '))
        return [command, flags.toSorted()] as const
      }),
    ),
  )
  // They have the selectors of `nodes list`, and the text says so.
  const others = text.match(/`(nodes dedupe)` and `(dns render)` take the selectors/)!.slice(1)
  const selecting = ids.filter((id) => flagsOf(id).some(({helpGroup}) => helpGroup === 'SELECTOR'))
  expect([...documented.keys(), ...others].toSorted()).toEqual(selecting.map((id) => id.replace(':', ' ')).toSorted())
  for (const id of selecting) {
    const command = id.replace(':', ' ')
    const declared = flagsOf(id).filter(({name, helpGroup}) => helpGroup === 'SELECTOR' && !name.startsWith('not-'))
    const known = documented.get(others.includes(command) ? 'nodes list' : command)
    expect([id, known]).toEqual([id, declared.map(({name}) => `--${name}`).toSorted()])
  }
})

test('the manifest as a whole', async () => {
  const flags = (id: string) =>
    flagsOf(id)
      .map((flag) => `${spellings(flag).join(' ')}${flag.type === 'option' ? ' VALUE' : ''}`)
      .toSorted()
  const lines = ids.toSorted().map((id) => {
    const args = Object.keys(commands[id]!.args).map((name) => name.toUpperCase())
    return [[id.replace(':', ' '), ...args].join(' '), ...flags(id).map((flag) => `  ${flag}`)].join('\n')
  })
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/manifest.txt')
})
