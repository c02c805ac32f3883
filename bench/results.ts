/** Keeps the figures of a run: the raw numbers as JSON, and the table at the top of bench/results/README.md. */
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {availableParallelism, cpus} from 'node:os'
import {join} from 'node:path'
import {type Figure, table} from './report.ts'

const FOLDER = join(import.meta.dirname, 'results')
const TITLE = `# Results of the benchmark, newest first

Each is the output of \`npm run bench -- --save\`. The numbers behind a table are in the JSON file of its date.
`

export function save(figures: readonly Figure[], now = new Date()): void {
  mkdirSync(FOLDER, {recursive: true})
  const date = now.toISOString().slice(0, 16).replace(':', '-')
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {cwd: FOLDER, encoding: 'utf8'}).trim()
  writeFileSync(join(FOLDER, `${date}.json`), `${JSON.stringify({commit, figures}, null, 2)}\n`)
  const page = join(FOLDER, 'README.md')
  const older = existsSync(page) ? readFileSync(page, 'utf8').slice(TITLE.length) : ''
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}`
  const section = `\n## ${date}, after ${commit}\n\n${machine}, Linux, Node ${process.versions.node}\n\n\`\`\`\n${table([...figures])}\`\`\`\n`
  writeFileSync(page, TITLE + section + older)
}
