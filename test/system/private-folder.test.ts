/** The folders for data that is kept between runs: their owner and mode, and the locations that are rejected. */
import {
  mkdtempSync,
  rmSync,
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {privateFolder, readPrivateFile, writePrivateFile} from '../../src/system/private-folder.ts'
import {scratchFolder} from '../support/program.ts'

const NOBODY = 65534
const asRoot = process.geteuid?.() === 0

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** A folder with exactly this mode, independent of the umask. */
function folder(path: string, mode = 0o755): string {
  mkdirSync(path)
  chmodSync(path, mode)
  return path
}

describe('a private folder', () => {
  test('is created below the home folder, closed to others', () => {
    const home = scratchFolder()
    const path = privateFolder('things', {env: {}, home})
    expect(path).toBe(join(home, '.cache/headscale-ts/things'))
    expect([path!, join(path!, '..'), join(path!, '../..')].map(modeOf)).toEqual(['700', '700', '700'])
    expect(privateFolder('things', {env: {}, home})).toBe(path)
  })

  test('is below XDG_CACHE_HOME where that is set', () => {
    const cache = join(scratchFolder(), 'cache')
    expect(privateFolder('things', {env: {XDG_CACHE_HOME: cache}, home: '/nonexistent'})).toBe(
      join(cache, 'headscale-ts/things'),
    )
  })

  test('for state is below XDG_STATE_HOME, or below the home folder, of which no part is open to others', () => {
    const home = scratchFolder()
    const path = privateFolder('things', {env: {XDG_CACHE_HOME: '/nonexistent'}, home}, 'state')
    expect(path).toBe(join(home, '.local/state/headscale-ts/things'))
    expect(['.local', '.local/state', '.local/state/headscale-ts'].map((part) => modeOf(join(home, part)))).toEqual([
      '700',
      '700',
      '700',
    ])
    const state = join(scratchFolder(), 'state')
    expect(privateFolder('things', {env: {XDG_STATE_HOME: state}, home}, 'state')).toBe(
      join(state, 'headscale-ts/things'),
    )
  })

  test('ignores a relative XDG_CACHE_HOME', () => {
    const home = scratchFolder()
    const env = {XDG_CACHE_HOME: relative(process.cwd(), scratchFolder())}
    expect(privateFolder('things', {env, home})).toBe(join(home, '.cache/headscale-ts/things'))
    expect(privateFolder('things', {env, home: null})).toBeNull()
  })

  test('does not create a home folder', () => {
    const home = join(scratchFolder(), 'missing')
    expect(privateFolder('things', {env: {}, home})).toBeNull()
    expect(existsSync(home)).toBe(false)
  })

  test('may be below a link to a folder of the same user, and is named by its real path', () => {
    const home = scratchFolder()
    const real = folder(join(home, 'disk'))
    symlinkSync(real, join(home, '.cache'))
    expect(privateFolder('things', {env: {}, home})).toBe(join(real, 'headscale-ts/things'))
  })

  test.for([
    ['headscale-ts', (cache: string, aim: string) => symlinkSync(aim, join(cache, 'headscale-ts'))],
    [
      'headscale-ts/things',
      (cache: string, aim: string) => {
        folder(join(cache, 'headscale-ts'))
        symlinkSync(aim, join(cache, 'headscale-ts/things'))
      },
    ],
  ] as const)('is rejected if %s is a link', ([, link]) => {
    const cache = scratchFolder()
    const aim = scratchFolder()
    link(cache, aim)
    expect(privateFolder('things', {env: {XDG_CACHE_HOME: cache}, home: null})).toBeNull()
    expect(readdirSync(aim)).toEqual([])
  })

  test.for([
    ['readable by others', 0o755, 0o755],
    ['writable by others', 0o755, 0o707],
    ['in a folder that others can write to', 0o777, 0o700],
    ['in a folder that the group can write to', 0o775, 0o700],
  ] as const)('is rejected if it is %s', ([, parent, mode]) => {
    const cache = scratchFolder()
    folder(join(cache, 'headscale-ts'), parent)
    folder(join(cache, 'headscale-ts/things'), mode)
    expect(privateFolder('things', {env: {XDG_CACHE_HOME: cache}, home: null})).toBeNull()
  })

  test('is rejected if others can replace a parent folder', () => {
    // Not below the scratch folder of the run, which other tests open.
    const closed = mkdtempSync(join(tmpdir(), 'hst-closed-'))
    const way = folder(join(closed, 'way'), 0o711)
    const cache = folder(join(folder(join(way, 'open'), 0o777), 'cache'))
    // Others cannot enter the folder, so the modes inside it do not matter.
    expect(privateFolder('things', {env: {XDG_CACHE_HOME: cache}, home: null})).not.toBeNull()
    const shared = folder(`/tmp/hst-private-${process.pid}`, 0o777)
    try {
      const exposed = folder(join(shared, 'cache'))
      expect(privateFolder('things', {env: {XDG_CACHE_HOME: exposed}, home: null})).toBeNull()
      expect(readdirSync(exposed)).toEqual([])
      chmodSync(shared, 0o1777)
      expect(privateFolder('things', {env: {XDG_CACHE_HOME: exposed}, home: null})).not.toBeNull()
    } finally {
      rmSync(closed, {recursive: true})
      execFileSync('rm', ['-r', shared])
    }
  })

  test.skipIf(!asRoot)('is rejected in a folder of another user, and nothing is created (needs root)', () => {
    const home = scratchFolder()
    chownSync(home, NOBODY, NOBODY)
    expect(privateFolder('things', {env: {}, home})).toBeNull()
    expect(readdirSync(home)).toEqual([])
  })

  test.skipIf(!asRoot)('is rejected if another user created it (needs root)', () => {
    const cache = scratchFolder()
    chmodSync(cache, 0o1777)
    for (const name of ['headscale-ts', 'headscale-ts/things']) {
      folder(join(cache, name), 0o700)
      chownSync(join(cache, name), NOBODY, NOBODY)
      expect(privateFolder('things', {env: {XDG_CACHE_HOME: cache}, home: null})).toBeNull()
    }
  })
})

describe('a private file', () => {
  test('is written atomically, with mode 0600, and replaces the old file', () => {
    const place = scratchFolder()
    const aim = join(place, 'aim')
    writeFileSync(aim, 'precious')
    symlinkSync(aim, join(place, 'file'))
    writePrivateFile(join(place, 'file'), 'text')
    expect(readFileSync(aim, 'utf8')).toBe('precious')
    expect(lstatSync(join(place, 'file')).isFile()).toBe(true)
    expect(modeOf(join(place, 'file'))).toBe('600')
    expect(readPrivateFile(join(place, 'file'), 10)?.text).toBe('text')
    expect(readdirSync(place).toSorted()).toEqual(['aim', 'file'])
  })

  test('leaves no temporary file if it cannot be written', () => {
    const place = scratchFolder()
    folder(join(place, 'file'))
    expect(() => writePrivateFile(join(place, 'file'), 'text')).toThrow()
    expect(readdirSync(place)).toEqual(['file'])
  })

  test.for([
    ['a link', (path: string) => symlinkSync('/etc/hostname', path)],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => folder(path)],
    ['too long', (path: string) => writeFileSync(path, 'x'.repeat(11))],
    ['missing', () => {}],
  ] as const)('is not read when it is %s', ([, make]) => {
    const path = join(scratchFolder(), 'file')
    make(path)
    expect(readPrivateFile(path, 10)).toBeNull()
  })

  test.skipIf(!asRoot)('is not read when it belongs to another user (needs root)', () => {
    const path = join(scratchFolder(), 'file')
    writeFileSync(path, 'text')
    chownSync(path, NOBODY, NOBODY)
    expect(readPrivateFile(path, 10)).toBeNull()
  })
})
