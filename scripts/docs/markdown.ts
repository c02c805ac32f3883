/** docs/commands: the command reference in Markdown, one page per topic and a list of them. */
import type {CommandPage, Described} from '../../src/cli/help/command-page.ts'
import {flagHeading, type Page, type PageGroup} from './pages.ts'

const GENERATED = '<!-- written by npm run build; do not edit -->\n'

/** Files by name, with their text. */
export function markdownFiles(groups: readonly PageGroup[]): Record<string, string> {
  return {
    'README.md': index(groups),
    ...Object.fromEntries(groups.flatMap(({pages}) => pages.map((page) => [`${page.name}.md`, pageText(page)]))),
  }
}

function index(groups: readonly PageGroup[]): string {
  return [
    `${GENERATED}\n# Commands\n`,
    'The same texts as `headscale-ts COMMAND --help` and the man pages (`man headscale-ts-nodes`).\n',
    ...groups.map(({heading, pages}) => {
      const rows = pages.flatMap(({name, summary, commands}) => [
        [`[**${name}**](${name}.md)`, `**${plain(summary)}**`],
        ...commands
          .filter(({id}) => id !== name)
          .map((command) => [`[${words(command)}](${name}.md#${anchor(command)})`, plain(command.summary)]),
      ])
      return `## ${heading}\n\n${table(['command', ''], rows)}`
    }),
    '## Rules for every command\n',
    'Environment variables, configuration files and exit codes: [README.md](../../README.md), or `headscale-ts help environment` and',
    '`headscale-ts help exit-codes`. Output formats: [output.md](../output.md). Selecting several objects: [selectors.md](../selectors.md).\n',
  ].join('\n')
}

function pageText(page: Page): string {
  const {name, summary, aliases, commands, globalFlags} = page
  const isTopic = commands.some(({id}) => id !== name)
  return [
    `${GENERATED}\n# headscale-ts ${name}\n`,
    ...(isTopic
      ? [
          `${plain(summary)}.${aliases.length > 0 ? ` Other names: ${aliases.map(code).join(', ')}.` : ''}\n`,
          table(
            ['command', ''],
            commands.map((command) => [`[${words(command)}](#${anchor(command)})`, plain(command.summary)]),
          ),
          ...commands.flatMap((command) => [`## ${words(command)}\n`, ...commandText(command)]),
        ]
      : commands.flatMap(commandText)),
    `## Global flags\n\n${flagTable('flag', globalFlags)}`,
  ].join('\n')
}

function commandText(command: CommandPage): string[] {
  const {summary, description, usage, args, examples, flagGroups, aliases} = command
  return [
    `${plain(summary)}.\n`,
    ...(description === null ? [] : [`${plain(description)}\n`]),
    `Usage: ${code(usage)}\n`,
    ...(aliases.length > 0 ? [`Other names: ${aliases.map(code).join(', ')}\n`] : []),
    ...(examples.length > 0 ? [`\`\`\`\n${examples.join('\n')}\n\`\`\`\n`] : []),
    ...(args.length > 0 ? [flagTable('argument', args)] : []),
    ...flagGroups.map(({name, flags}) => flagTable(flagHeading(name).toLowerCase(), flags)),
  ]
}

const flagTable = (heading: string, rows: readonly Described[]) =>
  table(
    [heading, ''],
    rows.map(({name, text}) => [code(name), plain(text)]),
  )

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')}\n`
}

const words = ({id}: CommandPage) => id.replaceAll(':', ' ')
const anchor = ({id}: CommandPage) => id.replaceAll(':', '-')
const code = (text: string) => `\`${text}\``
/** Text in which no character has a meaning in Markdown. */
const plain = (text: string) => text.replace(/[*<\\`]/g, '\\$&')
