/**
 * Debian packages: the executable, its man pages and completions. Built with dpkg-deb; every file has the time of the release
 * and belongs to root, so that the same commit gives the same bytes.
 */
import {execFileSync} from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {createHash} from 'node:crypto'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {licensesOf} from '../build/licenses.ts'
import {executableBundle, executableFile} from './executables.ts'
import {buildNpmProgram, setModes} from './npm-package.ts'
import {type Part, type Release, ROOT, run, VERSION} from './release.ts'

const ARCHITECTURES = [
  {debian: 'amd64', executable: 'linux-x64'},
  {debian: 'arm64', executable: 'linux-arm64'},
] as const

export const debianParts: readonly Part[] = ARCHITECTURES.map(({debian, executable}) => ({
  name: `deb-${debian}`,
  what: `the Debian package for ${debian}`,
  needs: [executable],
  build: (release) => buildPackage(release, debian, join(release.folder, executableFile({name: executable}))),
}))

async function buildPackage({folder, time}: Release, architecture: string, executable: string): Promise<void> {
  buildNpmProgram()
  const work = mkdtempSync(join(tmpdir(), 'headscale-ts-deb-'))
  try {
    const files = await packageFiles(time)
    put(work, 'usr/bin/headscale-ts', executable)
    for (const [path, content] of Object.entries(files)) put(work, path, content)
    const sums = Object.keys({...files, 'usr/bin/headscale-ts': ''})
      .toSorted()
      .map(
        (path) =>
          `${createHash('md5')
            .update(readFileSync(join(work, path)))
            .digest('hex')}  ${path}\n`,
      )
    put(work, 'DEBIAN/md5sums', Buffer.from(sums.join('')))
    put(work, 'DEBIAN/control', Buffer.from(control(architecture, work)))
    setModes(work, (path) => path === join(work, 'usr/bin/headscale-ts'))
    for (const name of readdirSync(work, {recursive: true, encoding: 'utf8'})) utimesSync(join(work, name), time, time)
    utimesSync(work, time, time)
    const out = join(folder, `headscale-ts_${VERSION}_${architecture}.deb`)
    // xz takes five times as long for a file that is a sixth smaller.
    run('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', work, out], {SOURCE_DATE_EPOCH: String(time)})
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}

/** @param content bytes, or the path of a file to copy */
function put(folder: string, path: string, content: Buffer | string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), {recursive: true})
  if (typeof content === 'string') copyFileSync(content, file)
  else writeFileSync(file, content)
}

/** What is in the package beside the executable, by path. */
async function packageFiles(time: number): Promise<Record<string, Buffer>> {
  const man = join(ROOT, 'dist/man')
  const completion = (shell: string) => execFileSync(process.execPath, [join(ROOT, 'bin/run.js'), 'completion', shell])
  const doc = 'usr/share/doc/headscale-ts'
  return {
    ...Object.fromEntries(
      readdirSync(man).map((name) => [`usr/share/man/man1/${name}.gz`, zipped(readFileSync(join(man, name)))]),
    ),
    'usr/share/bash-completion/completions/headscale-ts': completion('bash'),
    'usr/share/zsh/vendor-completions/_headscale-ts': completion('zsh'),
    'usr/share/fish/vendor_completions.d/headscale-ts.fish': completion('fish'),
    [`${doc}/copyright`]: Buffer.from(licensesOf((await executableBundle()).packages)),
    [`${doc}/changelog.gz`]: zipped(Buffer.from(debianChangelog(time))),
    'usr/share/lintian/overrides/headscale-ts': readFileSync(join(ROOT, 'packaging/lintian-overrides')),
  }
}

/** As `gzip -9n`: without a name and a time. */
const zipped = (content: Buffer) => gzipSync(content, {level: 9})

/** Who answers for the package. Set DEBFULLNAME and DEBEMAIL to build one that you distribute. */
function maintainer(): string {
  const {DEBFULLNAME: name, DEBEMAIL: address} = process.env
  return `${name || 'The headscale-ts authors'} <${address || 'maintainers@headscale-ts.invalid'}>`
}

function control(architecture: string, work: string): string {
  const files = readdirSync(join(work, 'usr'), {recursive: true, encoding: 'utf8'})
  const bytes = files.map((name) => statSync(join(work, 'usr', name))).filter((stats) => stats.isFile())
  const kibibytes = bytes.reduce((sum, {size}) => sum + Math.ceil(size / 1024), 0)
  return `Package: headscale-ts
Version: ${VERSION}
Architecture: ${architecture}
Maintainer: ${maintainer()}
Installed-Size: ${kibibytes}
Depends: libc6 (>= 2.17)
Suggests: bash-completion
Section: net
Priority: optional
Description: admin command line for headscale
 Manages the users, nodes, routes and keys of a headscale server, of every
 release since 0.15, through its unix socket or with a URL and an API key.
 .
 The commands of headscale's own command line work unchanged. It adds clear
 errors and exit codes, one JSON format for all releases, a preview of every
 change, tools for DERP relays, and a simulated server for trials and tests.
`
}

function debianChangelog(time: number): string {
  return `headscale-ts (${VERSION}) unstable; urgency=medium

  * Release ${VERSION}. The changes are in CHANGELOG.md of the release.

 -- ${maintainer()}  ${new Date(time * 1000).toUTCString().replace('GMT', '+0000')}
`
}
