/**
 * Writes the table of docs/selectors.md from the results of a test run: which selector works with which list, and since
 * which release. A run that is not complete, or has a failure, writes nothing.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from '../../support/paths.ts'

/** The result of one selector of one list on one server. */
export interface Sight {
  command: string
  flag: string
  server: string
  line: string
  seen: 'done' | 'rejected'
}

const DOCUMENT = join(ROOT, 'docs/selectors.md')
const [BEGIN, END] = ['<!-- written by npm run test:real; do not edit -->\n\n', '\n<!-- end -->']

const COMMANDS = [
  'nodes list',
  'nodes list-routes',
  'routes list',
  'preauthkeys list',
  'apikeys list',
  'oauth-clients list',
  'users list',
]

/** The rows. One that stands for two flags has the flag that the test uses first. */
const FLAGS = [
  ['user'],
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

export function writeTable(sights: readonly Sight[]): void {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before = '', rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  writeFileSync(DOCUMENT, `${before}${BEGIN}${tableOf(sights)}${END}${after}`)
}

function tableOf(sights: readonly Sight[]): string {
  const rows = FLAGS.map((flags) => [
    flags.map((flag) => `\`--${flag}\``).join(', '),
    ...COMMANDS.map((command) => cell(sights.filter((sight) => sight.command === command && sight.flag === flags[0]))),
  ])
  const head = ['selector', ...COMMANDS.map((command) => `\`${command}\``)]
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

/** `✓` on all releases, `0.16+` from that release on, empty if the list does not have the selector. */
function cell(sights: readonly Sight[]): string {
  const minor = ({line}: Sight) => Number(line.split('.')[1])
  const done = sights.filter(({seen}) => seen === 'done').map(minor)
  const rejected = sights.filter(({seen}) => seen === 'rejected').map(minor)
  if (done.length === 0) return ''
  if (rejected.length === 0) return '✓'
  const since = Math.min(...done)
  if (Math.max(...rejected) >= since) throw new Error('a selector works on a release and is rejected on a later one')
  return `0.${since}+`
}
