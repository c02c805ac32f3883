/** A second build of the same sources, in another folder, with another umask, time zone and language, gives the same bytes. */
import {execFileSync, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import {releaseTime} from '../../scripts/release/release.ts'
import {ROOT} from '../support/paths.ts'
import {isBuilt, RELEASE, VERSION} from './support.ts'

test('the same sources give the same files', () => {
  const work = mkdtempSync(join(process.env.HEADSCALE_TS_SCRATCH ?? tmpdir(), 'copy of '))
  const copy = join(work, 'headscale-ts')
  const sources = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const name of sources.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(copy, name)), {recursive: true})
    cpSync(join(ROOT, name), join(copy, name))
  }
  execFileSync('cp', ['-a', join(ROOT, 'node_modules'), copy])
  const deb = `headscale-ts_${VERSION}_amd64.deb`
  const parts = [
    'changelog',
    'licenses',
    'npm',
    'linux-x64',
    'sbom-npm',
    'sbom-executable',
    ...(isBuilt(deb) ? ['deb-amd64'] : []),
  ]
  const only = parts.map((name) => `--only ${name}`).join(' ')
  const {status, stdout, stderr} = spawnSync(
    'sh',
    ['-c', `umask 077; '${process.execPath}' scripts/release.ts ${only}`],
    {
      cwd: copy,
      encoding: 'utf8',
      env: {...process.env, SOURCE_DATE_EPOCH: String(releaseTime()), TZ: 'Asia/Hong_Kong', LC_ALL: 'C'},
    },
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('complete')
  const built = readdirSync(join(copy, 'release')).filter((name) => name !== 'SHA256SUMS')
  expect(built).toHaveLength(parts.length)
  const different = built.filter(
    (name) => !readFileSync(join(copy, 'release', name)).equals(readFileSync(join(RELEASE, name))),
  )
  expect(different).toEqual([])
})
