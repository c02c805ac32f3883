/**
 * Writes docs/releases.md from the results of a test run: which command works on which release. A run that is not
 * complete, or has a failure, writes nothing, so the file contains only what was tested.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from '../../support/paths.ts'

export type Seen = 'done' | 'rejected'

/** The result of one command on one server. */
export interface Sight {
  command: string
  line: string
  kind: 'sandbox' | 'real'
  seen: Seen
}

/** All release lines, with those that have neither a simulation nor a real server. */
const LINES = Array.from({length: 16}, (_, index) => `0.${index + 15}`)

const HEAD = `# What works on which release

Every command that talks to a server, on every release line of headscale.

| | |
|---|---|
| ✓ | works on the real server of that line, over its socket and over REST |
| s | works on the sandbox as that line; there is no real server of it here |
| × | that release cannot do it: the command fails with exit code 8 and sends no change |
| – | not tested: there is neither a server nor a simulation of that line |

The real servers are 0.17.1, 0.22.3, 0.23.0, 0.25.1, 0.26.1, 0.27.1, 0.28.0 and 0.29.3. \`nodes expire --expiry\` needs
0.27.1. Up to 0.26 a server has no health call; \`health\` lists the API keys there instead, which also reads the database.

\`npm run test:real\` writes this file (test/contract/releases); do not edit it.

`

/** @param commands in the order of the table */
export function releasesDocument(commands: readonly string[], sights: readonly Sight[]): string {
  const rows = commands.map((command) => [`\`${command}\``, ...LINES.map((line) => cell(command, line, sights))])
  const table = [['command', ...LINES.map((line) => line)], ['---', ...LINES.map(() => '---')], ...rows]
  return `${HEAD}${table.map((row) => `| ${row.join(' | ')} |\n`).join('')}`
}

function cell(command: string, line: string, sights: readonly Sight[]): string {
  const here = sights.filter((sight) => sight.command === command && sight.line === line)
  const seen = new Set(here.map((sight) => sight.seen))
  if (seen.size > 1) throw new Error(`${command} on ${line}: done on one server and rejected on another`)
  if (seen.size === 0) return '–'
  if (seen.has('rejected')) return '×'
  return here.some(({kind}) => kind === 'real') ? '✓' : 's'
}

export function writeReleases(commands: readonly string[], sights: readonly Sight[]): void {
  writeFileSync(join(ROOT, 'docs/releases.md'), releasesDocument(commands, sights))
}
