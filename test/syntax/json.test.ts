/** JSON and HuJSON: values, and the position of the first error, which does not depend on the engine. */
import {describe, expect, test} from 'vitest'

import {parseHuJson, parseJsonTree, plainValue} from '../../src/syntax/json.ts'

const errorOf = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('HuJSON', () => {
  test.each([
    ['{"a": 1,}', {a: 1}],
    ['[1, 2, ]', [1, 2]],
    ['// first\n{"a": [ // second\n  1, /* third, */\n  2, // fourth\n],}\n// last', {a: [1, 2]}],
    ['{"url": "http://a/*b*/" /**/ }', {url: 'http://a/*b*/'}],
    ['/*/ */ "a" /***/', 'a'],
    ['{"a": 1, "a": null}', {a: null}],
    ['[-0.5e1, true, false, "\\u00e4\\n"]', [-5, true, false, 'ä\n']],
    ['{"__proto__": {"a": 1}}', JSON.parse('{"__proto__": {"a": 1}}')],
  ])('%s', (text, value) => {
    expect(parseHuJson(text)).toEqual(value)
  })

  test.each([
    ['', 'p:1:1: expected a value, got the end of the text'],
    ['{\n', 'p:2:1: expected a key, got the end of the text'],
    ['{"a": 1}\n// b\n c', "p:3:2: expected the end of the text after the value, got 'c'"],
    ['[,]', "p:1:2: expected a value, got ','"],
    ['[1,,]', "p:1:4: expected a value, got ','"],
    ['{,}', "p:1:2: expected a key, got ','"],
    ['[1 /* a', 'p:1:4: the comment does not end'],
    ['[1, / 2]', 'p:1:5: comments start with // or /*'],
    ['# a\n1', 'p:1:1: comments start with // or /*'],
    ['{"a": tru}', "p:1:7: expected a value, got 't'"],
    ['{"a": 01}', "p:1:8: expected , or }, got '1'"],
    ["{'a': 1}", "p:1:2: expected a key, got '''"],
    ['["a\nb"]', 'p:1:4: unescaped control character in the string'],
    ['["a\\qb"]', 'p:1:4: invalid escape in the string'],
    ['["abc]', 'p:1:2: the string does not end'],
    ['\ufeff{}', 'p:1:1: unexpected byte order mark before the value'],
    ['[😀]', "p:1:2: expected a value, got '😀'"],
  ])('rejects %j', (text, message) => {
    expect(errorOf(() => parseHuJson(text, 'p'))).toBe(message)
  })

  test('takes time in proportion to the length of the text', () => {
    for (const part of ['// a\n', '/* a */', ' ', '1, /**/\n']) {
      expect(parseHuJson(`[${part.repeat(200_000)}]`)).toHaveLength(part.startsWith('1') ? 200_000 : 0)
    }
    expect(errorOf(() => parseHuJson('/*\n'.repeat(500_000), 'p'))).toBe('p:1:1: the comment does not end')
    expect(errorOf(() => parseHuJson('['.repeat(500_000), 'p'))).toBe('p:1:202: the text is more than 200 levels deep')
  })
})

describe('JSON', () => {
  test.each([
    ['[1,]', 'f:1:3: unexpected comma before ]'],
    ['{"a": 1 // b\n}', "f:1:9: expected , or }, got '/'"],
    ['// a\n1', 'f:1:1: comments are not allowed in JSON'],
  ])('rejects the HuJSON %j', (text, message) => {
    expect(errorOf(() => parseJsonTree(text, 'f'))).toBe(message)
  })

  test('values are those of JSON.parse', () => {
    const text = '{"a": [1, -2.5, 1e3, "b\\"c", true, null], "d": {"e": {}}}'
    expect(plainValue(parseJsonTree(text, 'f').root)).toEqual(JSON.parse(text))
  })
})
