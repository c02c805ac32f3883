/** A comment that names a file of the project names one that exists: files move, and comments stay. */
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'

const tracked = execFileSync('git', ['ls-files'], {cwd: ROOT, encoding: 'utf8'}).split('\n')
const commented = tracked.filter((file) => /^(?:src|test|scripts|bench)\/.*\.ts$/.test(file) && !file.includes('/gen/'))

/** `cache.ts`, `detection/cache.ts`, `src/api/detection/cache.ts`; not a file of headscale's own, which is Go. */
const MENTION = /(?<![\w./-])((?:[\w.-]+\/)*[\w-]+(?:\.test)?\.ts)\b/g

test('the sources can be listed', () => expect(commented.length).toBeGreaterThan(300))

test.for(commented)('%s', (file) => {
  const comments = readFileSync(join(ROOT, file), 'utf8').match(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm) ?? []
  const mentioned = comments.flatMap((text) => [...text.matchAll(MENTION)].map(([, name]) => name!))
  const names = new Set(tracked.map((path) => basename(path)))
  const missing = mentioned.filter((name) =>
    name.includes('/') ? !tracked.some((path) => path === name || path.endsWith(`/${name}`)) : !names.has(name),
  )
  expect(missing).toEqual([])
})
