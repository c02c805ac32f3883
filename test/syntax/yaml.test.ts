/** YAML in bounded time and memory, and the first error with its position. */
import {describe, expect, test} from 'vitest'

import {YamlError, readYaml} from '../../src/syntax/yaml-document.ts'

const errorOf = (text: string): string => {
  try {
    readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return `${error.code} ${error.offset}`
    throw error
  }
  return 'no error'
}

test.each([
  ['', null, null],
  ['# a\n', null, null],
  ['---\n', null, null],
  ['a: 1\n', {a: 1}, null],
  ['a: 1\n---\nb: 2\n', {a: 1}, 5],
  ['a: 1\n...\n%YAML 1.1\n---\nb', {a: 1}, 19],
  ['a: 1\n---\n[', {a: 1}, 5],
  ['a: 1\na: 2\n', {a: 2}, null],
  ['a: &x [1, 2]\nb: *x\n', {a: [1, 2], b: [1, 2]}, null],
])('%j', (text, value, second) => {
  const {document, secondDocument} = readYaml(text)
  expect(document?.toJS({maxAliasCount: -1}) ?? null).toEqual(value)
  expect(secondDocument).toBe(second)
})

test.each([
  ['a: 1\n}\n', 'UNEXPECTED_TOKEN 5'],
  ['a:\n\tb: 1\n', 'TAB_AS_INDENT 3'],
  ['a: "\\z"\nb: @x\n', 'BAD_DQ_ESCAPE 4'],
  ['b: 1\na: &x &y 1\n', 'MULTIPLE_ANCHORS 11'],
  ['- [a, b: {c: @d}]\n', 'BAD_SCALAR_START 13'],
  ['a: *x\n', 'YAML_UNKNOWN_ANCHOR 3'],
  ['a: *x\nb: &x 1\n', 'YAML_UNKNOWN_ANCHOR 3'],
  ['a: &x {b: *x}\n', 'YAML_CYCLE 10'],
])('rejects %j', (text, error) => {
  expect(errorOf(text)).toBe(error)
})

const repeat = (text: string) => text.repeat(Math.ceil((256 * 1024) / text.length))
const laughs = Array.from({length: 20}, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]\n`)

describe('256 KiB of untrusted text take less than 3 seconds', () => {
  test.each([
    ['commas', `[${repeat(',')}]`, 'UNEXPECTED_TOKEN 2'],
    ['flow items without commas', `[${repeat('"a"\n')}]`, 'MISSING_CHAR 5'],
    ['closing brackets', `a: ${repeat('}\n')}`, 'UNEXPECTED_TOKEN 3'],
    ['tags', `[${repeat('!a ')}]`, 'MULTIPLE_TAGS 4'],
    ['aliases without an anchor', repeat('- *a\n'), 'YAML_UNKNOWN_ANCHOR 2'],
    ['aliases', `- &a 1\n${repeat('- *a\n')}`, 'no error'],
    ['opening brackets', repeat('['), 'YAML_TOO_DEEP 200'],
    ['dashes', repeat('- '), 'YAML_TOO_DEEP 400'],
    ['keys', repeat('a: 1\n'), 'no error'],
    ['documents', repeat('---\na\n'), 'no error'],
    ['aliases of aliases', `a0: &a0 1\n${laughs.join('')}`, 'YAML_TOO_LARGE 372'],
  ])('%s', (_, text, error) => {
    const started = process.cpuUsage()
    expect(errorOf(text)).toBe(error)
    const {user, system} = process.cpuUsage(started)
    expect((user + system) / 1e6).toBeLessThan(3)
  })
})

test('brackets in strings do not count as depth', () => {
  expect(readYaml(`a: "${'['.repeat(300)}"\nb: x${'['.repeat(300)}\n`).document?.toJS()).toHaveProperty('a')
})
