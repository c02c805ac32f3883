/**
 * Builds a release into a scratch folder, once for all tests, and installs its npm package. The tests of test/e2e then
 * run the installed programs. Parts that this machine cannot build are skipped.
 */
import {execFileSync, type ExecFileSyncOptions} from 'node:child_process'
import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PACKAGE} from '../../scripts/release/release.ts'
import {ROOT} from '../support/paths.ts'

export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'hst-release-'))
  chmodSync(folder, 0o755)
  const output: ExecFileSyncOptions = {stdio: ['ignore', 'inherit', 'inherit']}
  execFileSync(process.execPath, [join(ROOT, 'scripts/release.ts'), '--out', folder], output)
  const prefix = mkdtempSync(join(tmpdir(), 'hst-installed-'))
  // As /usr/local is: other users run the programs too.
  chmodSync(prefix, 0o755)
  const tarball = join(folder, `headscale-ts-${PACKAGE.version}.tgz`)
  execFileSync('npm', ['install', '-g', '--offline', '--silent', '--prefix', prefix, tarball], output)
  // The processes that run test files inherit them.
  process.env.HEADSCALE_TS_RELEASE = folder
  process.env.HEADSCALE_TS_INSTALLED = prefix
  process.env.HEADSCALE_TS_NPM_PROGRAM = join(prefix, 'lib/node_modules/headscale-ts/bin/run.js')
  process.env.HEADSCALE_TS_EXECUTABLE = join(folder, `headscale-ts-linux-${process.arch}`)
  return () => {
    rmSync(folder, {recursive: true, force: true})
    rmSync(prefix, {recursive: true, force: true})
  }
}
