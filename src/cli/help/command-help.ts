/** The help page of one command. */
import {commandPage, type Described} from './command-page.ts'
import {topicsLine} from './topics.ts'
import {columns, paragraphs, section, wrap} from './layout.ts'

export function commandHelp(id: string): string {
  const {summary, description, usage, args, examples, flagGroups, aliases} = commandPage(id)
  return [
    `${summary}\n`,
    description === null ? '' : `\n${paragraphs(description)}\n`,
    section('USAGE', [usage]),
    section('ARGUMENTS', columns(args.map(({name, text}) => [name, text]))),
    section(
      'EXAMPLES',
      examples.map((example) => `$ ${example}`),
    ),
    ...flagGroups.map(({name, flags}) => section(`${name} FLAGS`.trimStart(), columns(flags.map(flagRow)))),
    section('ALIASES', wrap(aliases.join(', '), 78).filter(Boolean)),
    section('LEARN MORE', [topicsLine()]),
  ].join('')
}

/** Long names below each other, also where some flags have a letter. */
function flagRow({name, text}: Described): [string, string] {
  return [name.startsWith('--') ? `    ${name}` : name, text]
}
