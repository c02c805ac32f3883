/**
 * A second, unprivileged user of the same machine: when root runs the program, it does not read, run, wait for, follow,
 * change or remove any file of that user, and creates nothing in that user's folders.
 */
import {execFileSync, spawn} from 'node:child_process'
import {chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {socketKey} from '../../src/api/detection/cache.ts'
import {PROGRAM_NAMES, PROGRAMS, runChild, scratchFolder} from '../support/program.ts'
import {grpcOf} from '../support/fake-releases.ts'
import {findReleaseGroup} from '../../src/api/releases.ts'
import {startSandbox} from '../../src/sandbox/index.ts'

/** The user nobody, which every system has. */
const NOBODY = 65534
const asRoot = process.geteuid?.() === 0

/** A folder that the second user owns, in a place that both users can access. */
let theirs: string
/** Like /tmp: everybody may create files in it. */
let shared: string

beforeAll(() => {
  const base = `/tmp/hst-second-user-${process.pid}`
  mkdirSync(base)
  afterAll(() => rmSync(base, {recursive: true, force: true}))
  shared = join(base, 'shared')
  theirs = join(base, 'theirs')
  for (const path of [shared, theirs]) mkdirSync(path)
  chmodSync(shared, 0o1777)
  if (asRoot) chownSync(theirs, NOBODY, NOBODY)
})

/** Creates folders and files as the second user does. */
function plant(...paths: string[]): void {
  for (const path of paths) {
    if (path.endsWith('/')) mkdirSync(path)
    else writeFileSync(path, '0.29\n', {mode: 0o666})
    chmodSync(path, path.endsWith('/') ? 0o777 : 0o666)
    chownSync(path, NOBODY, NOBODY)
  }
}

/** Everything below a folder: path, owner, size. */
function contents(folder: string): string[] {
  return readdirSync(folder, {recursive: true})
    .map((name) => {
      const {uid, size, mtimeMs} = statSync(join(folder, String(name)))
      return `${name} ${uid} ${size} ${mtimeMs}`
    })
    .toSorted()
}

describe.skipIf(!asRoot)('with a second user on the machine (needs root)', () => {
  describe.for(PROGRAM_NAMES)('the %s', (program) => {
    /** Runs a command that remembers the release of the server. */
    const run = (path: string, env: Record<string, string>) =>
      runChild(program, ['users', 'list', '--socket', path, '--timeout', '5s'], {env})
    const serve = () => grpcOf(findReleaseGroup('0.17')!)

    test('keeps its cache where only its own user has access', async () => {
      const home = scratchFolder()
      await run((await serve()).path, {HOME: home, XDG_CACHE_HOME: '', TMPDIR: shared})
      const own = join(home, '.cache/headscale-ts')
      for (const path of [dirname(own), own, ...readdirSync(own).map((name) => join(own, name))]) {
        expect([path, (statSync(path).mode & 0o777).toString(8)]).toEqual([path, '700'])
      }
      expect(readdirSync(own)).toContain('detected')
      expect(contents(shared)).toEqual([])
    })

    test('neither reads nor runs files in a cache folder of the other user', async () => {
      const cache = join(theirs, `cache-${PROGRAM_NAMES.indexOf(program)}`)
      const folder = join(cache, 'headscale-ts')
      const server = await serve()
      const finding = join(folder, 'detected', socketKey(server.path)!)
      plant(
        `${cache}/`,
        `${folder}/`,
        `${folder}/compiled/`,
        `${folder}/detected/`,
        finding,
        join(folder, 'detected/socket-1-2-3'),
      )
      utimesSync(join(folder, 'detected/socket-1-2-3'), 1, 1)
      const before = contents(cache)
      const {stderr} = await run(server.path, {XDG_CACHE_HOME: cache, NODE_DEBUG_NATIVE: 'COMPILE_CACHE'})
      expect(stderr).not.toContain(cache)
      expect(server.asked().length, 'the release was asked').toBeGreaterThan(5)
      expect(contents(cache)).toEqual(before)
    })

    test('does not wait for a FIFO that the other user put in place of a cache file', async () => {
      const cache = join(theirs, `fifo-${PROGRAM_NAMES.indexOf(program)}`)
      const folder = join(cache, 'headscale-ts')
      plant(`${cache}/`, `${folder}/`, `${folder}/detected/`)
      const {path} = await serve()
      const fifo = join(folder, 'detected', socketKey(path)!)
      execFileSync('mkfifo', ['-m', '666', fifo])
      const start = performance.now()
      await run(path, {XDG_CACHE_HOME: cache})
      expect(performance.now() - start).toBeLessThan(20_000)
      expect(statSync(fifo).isFIFO()).toBe(true)
    })

    test('leaves nothing in the home of the user who called sudo', async () => {
      const home = join(theirs, `home-${PROGRAM_NAMES.indexOf(program)}`)
      plant(`${home}/`)
      chmodSync(home, 0o755)
      const {stderr} = await run((await serve()).path, {
        HOME: home,
        XDG_CACHE_HOME: '',
        NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
      })
      expect(stderr).not.toContain(home)
      expect(contents(home)).toEqual([])
    })

    test('uses no existing file in the folder for temporary files', async () => {
      const planted = join(shared, 'node-compile-cache')
      plant(`${planted}/`)
      await run((await serve()).path, {TMPDIR: shared})
      expect(contents(shared).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        `node-compile-cache ${NOBODY}`,
      ])
      rmSync(planted, {recursive: true})
    })

    test('gives the sandbox a temporary folder that no other user can enter', async () => {
      const {stdout} = await runChild(
        program,
        ['sandbox', 'run', '--', 'sh', '-c', 'stat -c %a "$(dirname "$HEADSCALE_UNIX_SOCKET")"'],
        {env: {TMPDIR: shared}},
      )
      expect(stdout).toBe('700\n')
      expect(contents(shared)).toEqual([])
    })

    test('does not wait for locks of the other user when it changes routes', async () => {
      const socketPath = join(scratchFolder(), 's.sock')
      const nodes = [{name: 'router', user: 'alpha', routes: ['10.0.0.0/8']}]
      const {close} = await startSandbox({release: '0.29', socketPath, seed: {users: [{name: 'alpha'}], nodes}})
      onTestFinished(close)
      const cache = join(theirs, `locks-${PROGRAM_NAMES.indexOf(program)}`)
      const folder = join(cache, 'headscale-ts')
      plant(`${cache}/`, `${folder}/`, `${folder}/locks/`)
      const before = contents(cache)
      // Abstract sockets: any user can bind any name.
      const code = "for (let i = 0; i < 50; i++) require('net').createServer().listen('\\0headscale-ts/routes/' + i)"
      const squatter = spawn(process.execPath, ['-e', code], {uid: NOBODY, gid: NOBODY, stdio: 'ignore', cwd: '/'})
      onTestFinished(() => void squatter.kill())
      const argv = ['routes', 'enable', '-i', '1', '-r', '10.0.0.0/8', '--socket', socketPath]
      const start = performance.now()
      expect(await runChild(program, argv, {env: {XDG_CACHE_HOME: cache}})).toMatchObject({status: 0})
      expect(performance.now() - start).toBeLessThan(15_000)
      expect(contents(cache)).toEqual(before)
    })

    test('works for the other user with the home of root', async () => {
      const home = scratchFolder()
      const {status, stdout} = await runChild(program, ['--version'], {
        env: {HOME: home, XDG_CACHE_HOME: ''},
        uid: NOBODY,
      })
      expect([status, stdout.split(' ')[0]]).toEqual([0, 'headscale-ts'])
      expect(readdirSync(home)).toEqual([])
    })

    test('works for a user without a home who is not in the user database', () => {
      const args = ['--reuid=12345', '--regid=12345', '--clear-groups', ...PROGRAMS[program], '--version']
      const out = execFileSync('setpriv', args, {env: {PATH: process.env.PATH}, cwd: '/', encoding: 'utf8'})
      expect(out).toMatch(/^headscale-ts /)
    })
  })
})

test.skipIf(!asRoot)('does not read code that another user put into the compile cache (needs root)', async () => {
  const home = scratchFolder()
  const once = () =>
    runChild('npm program', ['--version'], {env: {HOME: home, XDG_CACHE_HOME: '', NODE_DEBUG_NATIVE: 'COMPILE_CACHE'}})
  await once()
  expect((await once()).stderr, 'the cache is in use').toContain(join(home, '.cache/headscale-ts/compiled'))
  chmodSync(join(home, '.cache/headscale-ts/compiled'), 0o777)
  expect((await once()).stderr).not.toContain(home)
})
