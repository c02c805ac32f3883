/**
 * Set-up of every test run: builds the programs that child processes start (dist/npm and dist/bin) if a source is newer
 * than they are. After `npm test`, which builds first, nothing happens here. At the end it prints what the run left out.
 */
import {execFileSync} from 'node:child_process'
import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {EXECUTABLE, ROOT} from './support/paths.ts'

export function setup({config}: TestProject): () => void {
  build()
  return () => {
    const {HEADSCALE_TS_REAL: real, HEADSCALE_TS_MATRIX: matrix} = config.env
    if (matrix !== '1') console.log('left out: the sandbox as every release (npm run test:matrix)')
    if (real !== '1') console.log('left out: real headscale servers (npm run test:real)')
  }
}

function build(): void {
  const built = Math.min(changedAt('dist/npm/main.cjs'), changedAt(EXECUTABLE))
  const sources = readdirSync(join(ROOT, 'src'), {recursive: true, encoding: 'utf8'}).map((name) => `src/${name}`)
  const newest = Math.max(...[...sources, 'package.json', 'scripts/build.ts'].map(changedAt))
  if (built > newest) return
  console.error('building the programs under test: a source is newer than dist')
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts')], {cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit']})
}

/** Milliseconds since 1970, 0 for what is not there; folders do not count, the build adds files to them. */
function changedAt(path: string): number {
  const stats = statSync(join(ROOT, path), {throwIfNoEntry: false})
  return stats?.isFile() ? stats.mtimeMs : 0
}
