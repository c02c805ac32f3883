/** Error codes and exit codes are a contract: the tables here and in the README are the same. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {type ErrorCode, HeadscaleError} from '../../src/errors.ts'
import {ROOT} from '../support/paths.ts'

const EXIT_CODES: Record<ErrorCode, number> = {
  failed: 1,
  'bad-reply': 1,
  usage: 2,
  'not-found': 3,
  'permission-denied': 4,
  unauthenticated: 4,
  ambiguous: 5,
  'invalid-input': 6,
  unreachable: 7,
  timeout: 7,
  'unsupported-by-server': 8,
  'needs-confirmation': 9,
  partial: 10,
  'wait-timeout': 11,
  'already-exists': 12,
  cancelled: 130,
}

test('each code has its exit code', () => {
  for (const [code, exit] of Object.entries(EXIT_CODES)) {
    expect(new HeadscaleError(code as ErrorCode, 'x').exitCode, code).toBe(exit)
  }
})

test('the README lists exactly these exit codes', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const section = readme.slice(readme.indexOf('## Exit codes'), readme.indexOf('## The sandbox'))
  const listed = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, exit]) => Number(exit))
  expect(listed).toEqual([0, ...new Set(Object.values(EXIT_CODES).toSorted((a, b) => a - b))])
})
