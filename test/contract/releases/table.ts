/**
 * docs/releases.md, from what a run of the suite saw: which command works on which release. A run that left anything
 * out, or in which something failed, writes nothing; so the file says what was seen and never what should be.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from '../../support/paths.ts'

export type Seen = 'done' | 'refused'

/** What one command did on one server. */
export interface Sight {
  command: string
  line: string
  kind: 'sandbox' | 'real'
  seen: Seen
}

/** Release lines without a simulation and without a real server yet are columns too. */
const LINES = Array.from({length: 16}, (_, index) => `0.${index + 15}`)

const HEAD = `# What works on which release

Every command that talks to a server, on every release line of headscale.

| | |
|---|---|
| ✓ | done on the real server of that line, over its socket and over REST |
| s | done on the sandbox as that line only: no server of it can be built |
| × | that release cannot do it: refused with exit 8, and no change was sent |
| – | not run: there is neither a server nor a simulation of that line |

The real servers are 0.17.1, 0.22.3, 0.23.0, 0.25.1, 0.26.1, 0.27.1, 0.28.0 and 0.29.3. \`nodes expire --expiry\` needs
0.27.1. Up to 0.26 a server has no health call; \`health\` lists the API keys there instead, which reads the database.

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
  if (seen.size > 1) throw new Error(`${command} on ${line}: done on one server and refused on another`)
  if (seen.size === 0) return '–'
  if (seen.has('refused')) return '×'
  return here.some(({kind}) => kind === 'real') ? '✓' : 's'
}

export function writeReleases(commands: readonly string[], sights: readonly Sight[]): void {
  writeFileSync(join(ROOT, 'docs/releases.md'), releasesDocument(commands, sights))
}
