/**
 * Writes the tables of docs/selectors.md from the results of a test run: which selector works with which command, and on
 * which releases. A run that is not complete, or has a failure, writes nothing.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from '../../support/paths.ts'
import {CHANGE_COMMANDS} from './changes.ts'

/** The result of one selector of one command on one server. */
export interface Sight {
  command: string
  flag: string
  server: string
  line: string
  seen: 'done' | 'rejected'
}

const DOCUMENT = join(ROOT, 'docs/selectors.md')
const [BEGIN, END] = ['<!-- written by npm run test:real; do not edit -->\n\n', '\n<!-- end -->']

const changes = (of: string) => CHANGE_COMMANDS.filter(({objects}) => objects === of).map(({command}) => command)

/** The tables, each with its heading and commands. */
const TABLES: readonly [heading: string, commands: readonly string[]][] = [
  [
    'Lists',
    [
      'nodes list',
      'nodes list-routes',
      'routes list',
      'routes check',
      'preauthkeys list',
      'apikeys list',
      'oauth-clients list',
      'users list',
    ],
  ],
  ['Commands that change, wait for or watch nodes', changes('nodes')],
  ['Commands that change keys', [...changes('pre-auth keys'), ...changes('API keys')]],
]

/** The rows. One that stands for two flags has the flag that the test uses first. */
const FLAGS = [
  ['user'],
  ['from-user'],
  ['tag'],
  ['name'],
  ['offline', 'online'],
  ['offline-for'],
  ['expired'],
  ['expires-within'],
  ['ephemeral'],
  ['older-than'],
  ['route'],
  ['pending-routes'],
  ['pending'],
  ['enabled'],
  ['serving'],
  ['conflicts'],
  ['used'],
] as const

export function writeTables(sights: readonly Sight[]): void {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before = '', rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  const tables = TABLES.map(([heading, commands]) => `### ${heading}\n\n${tableOf(commands, sights)}`)
  writeFileSync(DOCUMENT, `${before}${BEGIN}${tables.join('\n')}${END}${after}`)
}

function tableOf(commands: readonly string[], sights: readonly Sight[]): string {
  const rows = FLAGS.map((flags) => [
    flags.map((flag) => `\`--${flag}\``).join(', '),
    ...commands.map((command) => cell(sights.filter((sight) => sight.command === command && sight.flag === flags[0]))),
  ]).filter(([, ...cells]) => cells.some((text) => text !== ''))
  const head = ['selector', ...commands.map((command) => `\`${command}\``)]
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

/** `✓` on all releases, `0.16+` from that release on, `0.16–0.27`, empty if the command does not have the selector. */
function cell(sights: readonly Sight[]): string {
  const minors = (wanted: Sight['seen']) =>
    sights.filter(({seen}) => seen === wanted).map(({line}) => Number(line.split('.')[1]))
  const [done, rejected] = [minors('done'), minors('rejected')]
  if (done.length === 0) return ''
  if (rejected.length === 0) return '✓'
  const [since, until] = [Math.min(...done), Math.max(...done)]
  if (rejected.some((minor) => minor >= since && minor <= until)) {
    throw new Error('a selector works on a release and is rejected on a later one')
  }
  const from = rejected.some((minor) => minor < since) ? `0.${since}` : '0.15'
  return rejected.some((minor) => minor > until) ? `${from}–0.${until}` : `${from}+`
}
