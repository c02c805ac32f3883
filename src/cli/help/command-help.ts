/** The help page of one command, from its entry in the manifest. */
import {commandAliases} from '../args/aliases.ts'
import {commandEntry, filledIn, type FlagEntry} from '../oclif/manifest.ts'
import {columns, paragraphs, section, wrap} from './layout.ts'
import {argName, usageLine, valueOf} from './usage.ts'

const GLOBAL = 'GLOBAL'

export function commandHelp(id: string): string {
  const command = commandEntry(id)
  const flags = Object.values(command.flags)
    .filter(({name, hidden}) => !hidden && !isOpposite(name, command.flags))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const groups = [...new Set(flags.map(({helpGroup}) => helpGroup ?? ''))]
    .filter((group) => group !== GLOBAL)
    .toSorted()
  const flagSection = (group: string, heading: string) =>
    section(
      heading,
      columns(flags.filter(({helpGroup}) => (helpGroup ?? '') === group).map((flag) => flagRow(flag, command.flags))),
    )
  return [
    `${command.summary}\n`,
    command.description ? `\n${paragraphs(filledIn(command.description))}\n` : '',
    section('USAGE', [usageLine(id)]),
    section('ARGUMENTS', columns(Object.values(command.args).map((arg) => [argName(arg), arg.description ?? '']))),
    section(
      'EXAMPLES',
      command.examples.map((example) => `$ ${filledIn(example)}`),
    ),
    ...groups.map((group) => flagSection(group, `${group} FLAGS`.trimStart())),
    flagSection(GLOBAL, 'GLOBAL FLAGS'),
    section('ALIASES', wrap(commandAliases(id).join(', '), 78).filter(Boolean)),
    section('LEARN MORE', ['headscale-ts help environment | exit-codes | output']),
  ].join('')
}

type Flags = Readonly<Record<string, FlagEntry>>

/** A selector flag that is shown with its opposite, as `--[not-]tag`. */
function isOpposite(name: string, flags: Flags): boolean {
  return name.startsWith('not-') && name.slice('not-'.length) in flags
}

function flagRow(flag: FlagEntry, flags: Flags): [string, string] {
  const {name, char, type, description = '', options, required, allowNo} = flag
  const long = `--${allowNo ? '[no-]' : `not-${name}` in flags ? '[not-]' : ''}${name}`
  const value = type === 'option' ? ` ${valueOf(flag).replace(/(?<=\w)\.\.\.$/, '')}` : ''
  const remarks = [
    ...(options ? [options.join('|')] : []),
    // The description contains other defaults, in the form that the flag accepts.
    ...(typeof flag.default === 'string' && !description.includes('default') ? [`default: ${flag.default}`] : []),
    ...(required ? ['required'] : []),
  ]
  const remark = remarks.length > 0 ? ` (${remarks.join('; ')})` : ''
  return [`${char ? `-${char}, ` : '    '}${long}${value}`, `${filledIn(description)}${remark}`]
}
