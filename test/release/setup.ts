/** Builds a release into a scratch folder, once for all tests of this folder. Parts that this machine cannot build are skipped. */
import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ROOT} from '../support/paths.ts'

export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'hst-release-'))
  execFileSync(process.execPath, [join(ROOT, 'scripts/release.ts'), '--out', folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  process.env.HEADSCALE_TS_RELEASE = folder
  return () => rmSync(folder, {recursive: true, force: true})
}
