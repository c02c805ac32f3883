/**
 * The man pages in section 1: headscale-ts.1, and one page per topic. Only macros of man(7) that groff and mandoc know
 * (.TH, .SH, .SS, .TP, .PP, .EX and .EE, .BR), so that they read the same on Linux, the BSDs and macOS. They have no
 * date: the same version gives the same bytes.
 */
import {type CommandPage, type Described} from '../../src/cli/help/command-page.ts'
import {wrap} from '../../src/cli/help/layout.ts'
import {EXAMPLES} from '../../src/cli/help/program-help.ts'
import {FILES} from '../../src/cli/help/files.ts'
import {ENVIRONMENT_VARIABLES, EXIT_CODE_MEANINGS, HELP_TOPICS} from '../../src/cli/help/topics.ts'
import {flagHeading, type Page, type PageGroup} from './pages.ts'

/** Files by name, with their text. */
export function manFiles(groups: readonly PageGroup[], version: string): Record<string, string> {
  const pages = groups.flatMap((group) => group.pages)
  return {
    'headscale-ts.1': mainPage(groups, version),
    ...Object.fromEntries(
      pages.filter(isTopic).map((page) => [`${manName(page)}.1`, topicPage(page, pages.filter(isTopic), version)]),
    ),
  }
}

/** A page of its own is for topics; the others are sections of headscale-ts(1). */
const isTopic = ({name, commands}: Page) => commands.some(({id}) => id !== name)
const manName = ({name}: Page) => `headscale-ts-${name}`

function mainPage(groups: readonly PageGroup[], version: string): string {
  const pages = groups.flatMap((group) => group.pages)
  const alone = pages.filter((page) => !isTopic(page))
  return [
    header('headscale-ts', version),
    heading('NAME', 'headscale\\-ts \\- admin command line for headscale'),
    heading('SYNOPSIS', `.B headscale\\-ts\n.I command\n.RI [ flags ]`),
    heading(
      'DESCRIPTION',
      paragraph(
        'Manages the users, nodes, routes and keys of a headscale server, of every release since 0.15, through its unix socket or with a URL ' +
          'and an API key.',
      ),
      paragraph(
        'On the machine of the server usually no flags are needed. The first source that names a server is used: flags, the file of --config, ' +
          'environment variables, the headscale configuration file, the default sockets.',
      ),
    ),
    heading(
      'COMMANDS',
      ...groups.map(({heading: title, pages: members}) =>
        subheading(
          title,
          ...members.map((page) =>
            tagged(
              isTopic(page) ? `.BR ${roff(manName(page))} (1)` : `.B ${roff(page.name)}`,
              isTopic(page) ? page.summary : `${page.summary}; see below`,
            ),
          ),
        ),
      ),
    ),
    ...alone.map((page) => heading(page.name.toUpperCase(), ...commandParts(page.commands[0]!))),
    heading(
      'GLOBAL FLAGS',
      paragraph(
        'Of commands that use a server. Those that change something also have --dry-run, and --force if they ask.',
      ),
      flagList(pages.find(({name}) => name === 'health')!.globalFlags),
    ),
    heading('ENVIRONMENT', ...ENVIRONMENT_VARIABLES.map(([name, meaning]) => definition(name, meaning))),
    heading(
      'FILES',
      ...FILES.flatMap(({intro, files, notes}) => [
        paragraph(intro),
        ...files.map(([name, meaning]) => definition(name, meaning)),
        ...(notes === undefined ? [] : [paragraph(notes)]),
      ]),
    ),
    heading('EXIT STATUS', ...Object.entries(EXIT_CODE_MEANINGS).map(([code, meaning]) => definition(code, meaning))),
    heading('EXAMPLES', example(EXAMPLES)),
    heading(
      'NOTES',
      paragraph(
        `More about rules for every command: ${Object.keys(HELP_TOPICS)
          .map((name) => `"headscale-ts help ${name}"`)
          .join(', ')}.`,
      ),
    ),
    seeAlso(pages.filter(isTopic).map(manName)),
  ].join('')
}

function topicPage(page: Page, topics: readonly Page[], version: string): string {
  const {name, summary, aliases, commands, globalFlags} = page
  return [
    header(manName(page), version),
    heading('NAME', `headscale\\-ts\\-${roff(name)} \\- ${roff(`${summary[0]!.toLowerCase()}${summary.slice(1)}`)}`),
    heading('SYNOPSIS', `.B headscale\\-ts ${roff(name)}\n.I command\n.RI [ flags ]`),
    ...(aliases.length > 0
      ? [heading('DESCRIPTION', paragraph(`Other names of ${name}: ${aliases.join(', ')}.`))]
      : []),
    heading(
      'COMMANDS',
      ...commands.map((command) => subheading(command.id.replaceAll(':', ' '), ...commandParts(command))),
    ),
    heading('GLOBAL FLAGS', flagList(globalFlags)),
    heading('EXIT STATUS', paragraph('0 if all was done; the other codes are in headscale-ts(1).')),
    seeAlso(['headscale-ts', ...topics.filter((other) => other !== page).map(manName)]),
  ].join('')
}

function commandParts({summary, description, usage, args, examples, flagGroups, aliases}: CommandPage): string[] {
  return [
    paragraph(`${summary}.`),
    ...(description === null ? [] : description.split(/\n\s*\n/).map(paragraph)),
    example([usage]),
    ...(args.length > 0 ? [flagList(args)] : []),
    ...flagGroups.flatMap(({name, flags}) => [...(name === '' ? [] : [`.PP\n${flagHeading(name)}:`]), flagList(flags)]),
    ...(aliases.length > 0 ? [paragraph(`Other names: ${aliases.join(', ')}.`)] : []),
    ...(examples.length > 0 ? ['.PP\nExamples:', example(examples)] : []),
  ]
}

function header(name: string, version: string): string {
  return [
    '.\\" Written by the build of headscale-ts from its commands.',
    `.TH ${roff(name.toUpperCase())} 1 "" "headscale\\-ts ${roff(version)}" "headscale\\-ts manual"`,
    '',
  ].join('\n')
}

const heading = (title: string, ...parts: readonly string[]) => `.SH ${roff(title)}\n${joined(parts)}\n`
const subheading = (title: string, ...parts: readonly string[]) => `.SS ${roff(title)}\n${joined(parts)}`
/** The first paragraph below a heading needs no macro. */
const joined = (parts: readonly string[]) => parts.join('\n').replace(/^\.PP\n/, '')
const paragraph = (text: string) => `.PP\n${filled(text)}`
const tagged = (tag: string, text: string) => `.TP\n${tag}\n${filled(text) || '\\&'}`
const definition = (name: string, text: string) => tagged(`.B ${roff(name)}`, text)
const example = (lines: readonly string[]) => `.PP\n.RS 4\n.EX\n${lines.map((line) => roff(line)).join('\n')}\n.EE\n.RE`
const flagList = (rows: readonly Described[]) => rows.map(({name, text}) => tagged(flagTag(name), text)).join('\n')

/** `-u, --user USER` with the flags bold and the value in italics. */
function flagTag(name: string): string {
  const words = name.split(' ').map((word) => {
    const [, flag, comma] = /^(.*?)(,?)$/.exec(word)!
    return `\\f${word.startsWith('-') ? 'B' : 'I'}${roff(flag!)}\\fR${comma}`
  })
  return words.join(' ')
}

function seeAlso(names: readonly string[]): string {
  const lines = names.map((name, i) => `.BR ${roff(name)} (1)${i < names.length - 1 ? ',' : ''}`)
  return heading('SEE ALSO', ...lines)
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

/** A paragraph in lines of at most 80 bytes. */
const filled = (text: string) =>
  wrap(text, 72)
    .flatMap((line) => wrap(roff(line), 80))
    .map((line) => line.replace(/^\./, '\\&.'))
    .join('\n')

/** Text without meaning for roff: every special character is an escape, and so is everything outside of ASCII. */
function roff(text: string): string {
  return text
    .replace(/[\\\-'"`^~]/g, (character) => SPECIAL[character]!)
    .replace(/[^\x20-\x7e\n]/gu, (character) => {
      return `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`
    })
    .replace(/^\./gm, '\\&.')
}
