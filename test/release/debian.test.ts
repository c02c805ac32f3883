/** The Debian packages: their control fields and files, and that they install. */
import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {pageGroups} from '../../scripts/docs/pages.ts'
import {filesBelow, isBuilt, isInstalled, outputOf, releaseFile, run, VERSION} from './support.ts'

describe.for(['amd64', 'arm64'])('%s', (architecture) => {
  const name = `headscale-ts_${VERSION}_${architecture}.deb`
  const file = releaseFile(name)

  describe.skipIf(!isBuilt(name))('built', () => {
    let root: string
    beforeAll(() => {
      root = mkdtempSync(join(process.env.HEADSCALE_TS_SCRATCH ?? tmpdir(), 'deb-'))
      outputOf(['dpkg-deb', '-x', file, root])
    })

    test('names itself, its architecture and what it needs', () => {
      const fields = outputOf(['dpkg-deb', '-f', file, 'Package', 'Version', 'Architecture', 'Depends'])
      expect(fields).toBe(
        `Package: headscale-ts\nVersion: ${VERSION}\nArchitecture: ${architecture}\nDepends: libc6 (>= 2.17)\n`,
      )
    })

    test('has every file in its usual place', () => {
      const topics = pageGroups()
        .flatMap(({pages}) => pages)
        .filter(({name: topic, commands}) => commands.some(({id}) => id !== topic))
      expect(filesBelow(root)).toEqual(
        [
          'usr/bin/headscale-ts',
          'usr/share/bash-completion/completions/headscale-ts',
          'usr/share/doc/headscale-ts/changelog.gz',
          'usr/share/doc/headscale-ts/copyright',
          'usr/share/fish/vendor_completions.d/headscale-ts.fish',
          'usr/share/lintian/overrides/headscale-ts',
          'usr/share/man/man1/headscale-ts.1.gz',
          ...topics.map(({name: topic}) => `usr/share/man/man1/headscale-ts-${topic}.1.gz`),
          'usr/share/zsh/vendor-completions/_headscale-ts',
        ].toSorted(),
      )
    })

    test('belongs to root, and only root may write to it', () => {
      const lines = outputOf(['dpkg-deb', '-c', file]).trim().split('\n')
      const expected = /^(?:drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root\/root /
      expect(lines.filter((line) => !expected.test(line))).toEqual([])
      expect(lines.filter((line) => line.startsWith('-rwx')).map((line) => line.split(' ').at(-1))).toEqual([
        './usr/bin/headscale-ts',
      ])
    })

    test('has checksums of its files', () => {
      outputOf(['dpkg-deb', '-e', file, join(root, 'DEBIAN')])
      expect(run(['md5sum', '--check', '--quiet', 'DEBIAN/md5sums'], {cwd: root})).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      })
    })

    test('has man pages and a changelog compressed without a name and a time', () => {
      const header = readFileSync(join(root, 'usr/share/man/man1/headscale-ts.1.gz')).subarray(0, 8)
      expect(header.toString('hex')).toBe('1f8b080000000000')
      expect(outputOf(['gzip', '-dc', join(root, 'usr/share/man/man1/headscale-ts.1.gz')])).toContain('.SH NAME')
      expect(outputOf(['gzip', '-dc', join(root, 'usr/share/doc/headscale-ts/changelog.gz')])).toContain(
        `headscale-ts (${VERSION})`,
      )
    })

    test.skipIf(!isInstalled('bash'))('completes in bash', () => {
      const script = `. usr/share/bash-completion/completions/headscale-ts
        COMP_LINE='headscale-ts po' COMP_POINT=15 COMP_WORDS=(headscale-ts po) COMP_CWORD=1
        __headscale_ts; echo "\${COMPREPLY[@]}"`
      expect(outputOf(['bash', '-c', script], {cwd: root})).toBe('policy\n')
    })

    test.skipIf(!isInstalled('zsh'))('is found by the completion of zsh', () => {
      const script =
        'fpath=($PWD/usr/share/zsh/vendor-completions $fpath); autoload -U compinit; compinit -u -D; echo $_comps[headscale-ts]'
      expect(outputOf(['zsh', '-f', '-c', script], {cwd: root})).toBe('_headscale-ts\n')
    })

    test.skipIf(!isInstalled('fish'))('is found by the completion of fish', () => {
      // fish looks for completions of programs that exist.
      const env = {XDG_DATA_DIRS: join(root, 'usr/share'), PATH: `${join(root, 'usr/bin')}:${process.env.PATH}`}
      expect(outputOf(['fish', '-c', 'complete -C "headscale-ts po"'], {env})).toBe(
        'policy\tManage the access policy\n',
      )
    })

    test.skipIf(process.getuid?.() !== 0)('installs and removes itself', () => {
      const system = mkdtempSync(join(process.env.HEADSCALE_TS_SCRATCH ?? tmpdir(), 'root-'))
      mkdirSync(join(system, 'var/lib/dpkg'), {recursive: true})
      writeFileSync(join(system, 'var/lib/dpkg/status'), '')
      const dpkg = ['dpkg', `--root=${system}`, '--force-depends', '--force-architecture'] as const
      outputOf([...dpkg, '-i', file])
      if (architecture === 'amd64' && process.arch === 'x64') {
        expect(outputOf([join(system, 'usr/bin/headscale-ts'), '--version'])).toBe(`headscale-ts ${VERSION}\n`)
      }
      outputOf([...dpkg, '-r', 'headscale-ts'])
      expect(filesBelow(system).filter((path) => path.startsWith('usr/'))).toEqual([])
    })

    test.skipIf(!isInstalled('lintian') || architecture !== 'amd64')('has no mistakes that lintian knows', () => {
      const {status, stdout} = run(['lintian', '--allow-root', file])
      expect([status, stdout]).toEqual([0, ''])
    })
  })
})
