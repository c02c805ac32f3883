/** The lock between processes of one user: waiting, owners that have ended, timeouts, and unsafe folders. */
import {chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, expect, test} from 'vitest'
import {withFileLock} from '../../src/system/file-lock.ts'
import {scratchFolder} from '../support/program.ts'

const NAMESPACE = existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : '-'

let home: string
let file: string
beforeEach(() => {
  home = scratchFolder()
  file = join(home, '.cache/headscale-ts/locks/routes-1')
})
const lock = <T>(work: () => Promise<T>, waitMs = 5000) =>
  withFileLock('routes-1', {waitMs, host: {env: {}, home}}, work)
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Runs a work under the lock. @returns how long it waited, in milliseconds */
async function waited(waitMs?: number): Promise<number> {
  const start = Date.now()
  return lock(async () => Date.now() - start, waitMs)
}

function plant(text: string) {
  mkdirSync(join(file, '..'), {recursive: true, mode: 0o700})
  writeFileSync(file, text, {mode: 0o600})
}

test('one process works at a time, and no file remains', async () => {
  let running = 0
  let most = 0
  await Promise.all(
    Array.from({length: 8}, () =>
      lock(async () => {
        most = Math.max(most, ++running)
        await sleep(10)
        running--
      }),
    ),
  )
  expect(most).toBe(1)
  expect(readdirSync(join(file, '..'))).toEqual([])
})

test('releases the lock when the work fails', async () => {
  await expect(lock(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(file)).toBe(false)
})

test.for([
  ['whose process has ended', 60_000, `999999999 ${NAMESPACE} x`],
  ['whose time has passed', -1, '1 pid:[1] x'],
  ['that has no time', Number.NaN, 'nonsense'],
] as const)('takes over a lock %s', async ([, left, owner]) => {
  plant(`${Date.now() + left} ${owner}`)
  expect(await waited()).toBeLessThan(1000)
  expect(existsSync(file)).toBe(false)
})

test('waits up to the limit for a lock that is not released', async () => {
  const text = `${Date.now() + 60_000} 1 pid:[1] x`
  plant(text)
  const time = await waited(300)
  expect(time).toBeGreaterThanOrEqual(290)
  expect(time).toBeLessThan(2000)
  expect(existsSync(file)).toBe(true)
})

test('does not use or wait for a folder that others can write to', async () => {
  plant(`${Date.now() + 60_000} 1 pid:[1] x`)
  chmodSync(join(file, '..'), 0o777)
  expect(await waited()).toBeLessThan(200)
})

test('does not follow or wait for a link in place of the folder', async () => {
  const elsewhere = join(home, 'elsewhere')
  mkdirSync(join(home, '.cache/headscale-ts'), {recursive: true, mode: 0o700})
  mkdirSync(elsewhere, {mode: 0o700})
  symlinkSync(elsewhere, join(file, '..'))
  writeFileSync(join(elsewhere, 'routes-1'), `${Date.now() + 60_000} 1 pid:[1] x`)
  expect(await waited()).toBeLessThan(200)
  expect(readdirSync(elsewhere)).toEqual(['routes-1'])
})
