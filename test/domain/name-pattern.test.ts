/** Patterns of names: `*` and `?`, the whole name, and no more time than both lengths require. */
import {expect, test} from 'vitest'
import {matchesPattern} from '../../src/domain/values/name-pattern.ts'

test.for([
  ['web-1', 'web-1', true],
  ['web-1', 'web', false],
  ['web-1', 'web-*', true],
  ['web-', 'web-*', true],
  ['web', 'web-*', false],
  ['a-web-1', 'web-*', false],
  ['web-1', '*', true],
  ['', '*', true],
  ['', '?', false],
  ['', '', true],
  ['web-1', '', false],
  ['web-1', '???-?', true],
  ['web-10', '???-?', false],
  ['web-eu-1', 'web*-1', true],
  ['web-1-1', 'web*-1', true],
  ['web-1-2', 'web*-1', false],
  ['abcbc', 'a*bc', true],
  ['abc', '*b*', true],
  ['abc', '**c', true],
  ['WEB-1', 'web-*', false],
  ['a.b', 'a?b', true],
  ['axb', 'a.b', false],
  ['[a]', '[a]', true],
  ['a+', 'a+', true],
  ['a\\b', 'a\\b', true],
  ['caf\u{1F600}', 'caf?', true],
] as const)('%s with %s: %s', ([name, pattern, matches]) => {
  expect(matchesPattern(name, pattern)).toBe(matches)
})

test('a pattern of many stars takes no more time than both lengths', () => {
  const started = performance.now()
  expect(matchesPattern('a'.repeat(5000), `${'*a'.repeat(1000)}*b`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})
