/** Valid user names, by release. Checked here, since the server accepts any name from 0.27 on. */
import {describe, expect, test} from 'vitest'
import {checkUserName, type UserNameRule} from '../../src/domain/values/user-name.ts'

function verdict(name: string, rule: UserNameRule): string {
  try {
    checkUserName(name, rule, 'user')
    return 'taken'
  } catch (error) {
    return (error as Error).message
  }
}

const refused = (name: string, why: string) => `"${name}" cannot be a user name: ${why}`

describe('up to 0.23', () => {
  test.for(['default', '1', 'a.b-c', 'x'.repeat(63), '-'])('accepts %j', (name) => {
    expect(verdict(name, 'dns')).toBe('taken')
  })
  test.for([
    ['Default', 'it has upper-case letters'],
    ['a_b', 'it contains "_"'],
    ['a b', 'it contains " "'],
    ['müller', 'it contains "ü"'],
    ['x'.repeat(64), 'it is longer than 63 bytes'],
  ] as const)('%j is not', ([name, why]) => {
    expect(verdict(name, 'dns')).toBe(refused(name, why))
  })
})

describe('from 0.26 on', () => {
  test.for(['default', 'Alice', 'alice@example.com', 'a_b.c-d', 'müller', 'ab', '張三'])('accepts %j', (name) => {
    expect(verdict(name, 'account')).toBe('taken')
  })
  test.for([
    ['a', 'it is shorter than two characters'],
    ['12', 'it does not begin with a letter'],
    ['-ab', 'it does not begin with a letter'],
    ['a@b@c', 'it has more than one @'],
    ['a b', 'it contains " "'],
    ['ab/c', 'it contains "/"'],
    ['x'.repeat(256), 'it is longer than 255 bytes'],
  ] as const)('%j is not', ([name, why]) => {
    expect(verdict(name, 'account')).toBe(refused(name, why))
  })
})

test.for(['dns', 'server', 'account'] as const)('an empty name is a usage error under rule %s', (rule) => {
  for (const name of ['', '  ']) expect(verdict(name, rule)).toBe('the user name is empty')
})
