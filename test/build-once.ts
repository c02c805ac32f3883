/**
 * Set-up of every test run: builds the programs that child processes start (dist/npm and dist/bin) if a source is newer
 * than they are. After `npm test`, which builds first, nothing is built. All scratch folders of the tests are in one
 * folder, which is removed at the end; then it prints what the run left out.
 */
import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {EXECUTABLE, ROOT} from './support/paths.ts'
import {isShellInstalled, SHELLS} from './support/shells.ts'

export function setup({config}: TestProject): () => void {
  build()
  // The processes that run test files inherit it.
  const scratch = mkdtempSync(join(tmpdir(), 'hst-'))
  process.env.HEADSCALE_TS_SCRATCH = scratch
  return () => {
    rmSync(scratch, {recursive: true, force: true})
    const {HEADSCALE_TS_REAL: real, HEADSCALE_TS_MATRIX: matrix, HEADSCALE_TS_RELEASES: releases} = config.env
    if (matrix !== '1') console.log('left out: the sandbox as every release (npm run test:matrix)')
    if (releases !== '1') console.log('left out: a release, as it would be installed (npm run test:release)')
    if (real !== '1') console.log('left out: real headscale servers (npm run test:real)')
    for (const shell of SHELLS.filter((one) => !isShellInstalled(one))) {
      console.log(`left out: completion in ${shell}, which is not installed`)
    }
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
