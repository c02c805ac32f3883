/**
 * The pages of the command reference: one per topic, and one per command that is in no topic. docs/commands and the man
 * pages have the same content, that of the help pages; only the notation differs.
 */
import {TOPIC_ALIASES, TOPICS} from '../../src/cli/args/aliases.ts'
import {COMMAND_TABLE} from '../../src/cli/command-table.ts'
import {type CommandPage, commandPage, type Described, GLOBAL} from '../../src/cli/help/command-page.ts'
import {GROUPS} from '../../src/cli/help/program-help.ts'

export interface Page {
  /** `nodes`; also the name of the file. */
  name: string
  summary: string
  /** Other names of the topic. */
  aliases: readonly string[]
  /** With their own flags; those that are on all commands alike are in `globalFlags`. */
  commands: CommandPage[]
  /** Flags of every command of the page, with a remark where a command lacks one. */
  globalFlags: Described[]
}

export interface PageGroup {
  heading: string
  pages: Page[]
}

const IDS = Object.keys(COMMAND_TABLE)

/** In the order of the main help page. */
export function pageGroups(): PageGroup[] {
  return Object.entries(GROUPS).map(([heading, names]) => ({
    heading: sentenceCase(heading),
    pages: names.filter((name) => IDS.some((id) => id === name || id.startsWith(`${name}:`))).map(pageOf),
  }))
}

function pageOf(name: string): Page {
  const commands = IDS.filter((id) => id === name || id.startsWith(`${name}:`)).map(commandPage)
  return {
    name,
    summary: TOPICS[name] ?? commands[0]!.summary,
    aliases: TOPIC_ALIASES[name] ?? [],
    commands: commands.map((page) => ({
      ...page,
      flagGroups: page.flagGroups.filter((group) => group.name !== GLOBAL),
      // The aliases of the topic hold for each of its commands.
      aliases: page.aliases.filter((alias) => alias.startsWith(`${name} `)),
    })),
    globalFlags: globalFlagsOf(commands),
  }
}

function globalFlagsOf(commands: readonly CommandPage[]): Described[] {
  const flagsOf = ({flagGroups}: CommandPage) => flagGroups.find(({name}) => name === GLOBAL)?.flags ?? []
  const flags = new Map(commands.flatMap(flagsOf).map((flag) => [`${flag.name}\n${flag.text}`, flag]))
  return [...flags]
    .map(([key, {name, text}]) => {
      const has = (page: CommandPage) => flagsOf(page).some((flag) => `${flag.name}\n${flag.text}` === key)
      const verbs = (pages: CommandPage[]) => pages.map(({id}) => id.split(':').at(-1)).join(', ')
      const [those, others] = [commands.filter(has), commands.filter((page) => !has(page))]
      if (others.length === 0) return {name, text}
      const remark = others.length < those.length ? `not: ${verbs(others)}` : `only: ${verbs(those)}`
      return {name, text: `${text} (${remark})`}
    })
    .toSorted((a, b) => (longName(a) < longName(b) ? -1 : 1))
}

const longName = ({name}: Described) => name.slice(name.indexOf('--')).replace('[no-]', '')

/** `SELECTOR` → `Selector flags` */
export function flagHeading(group: string): string {
  return group === '' ? 'Flags' : sentenceCase(`${group} FLAGS`)
}

const sentenceCase = (heading: string) => `${heading[0]}${heading.slice(1).toLowerCase()}`
