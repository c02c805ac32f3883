/** How the server's own messages are classified, for each release. The texts are from its sources at these tags. */
import {describe, expect, test} from 'vitest'
import {statusError} from '../../src/api/transport/grpc/grpc-errors.ts'

function classified(code: number, text: string): string {
  const error = statusError(code, text)
  expect(error.details).toEqual({grpcCode: code, server: text})
  return `${error.code}: ${error.message}`
}

describe('the message takes precedence over the code', () => {
  test.each([
    // 0.15 to 0.18
    [2, 'Namespace not found', 'not-found'],
    [2, 'Namespace already exists', 'already-exists'],
    [2, 'Namespace not empty: node(s) found', 'invalid-input'],
    [2, 'machine not found in registration cache', 'not-found'],
    [2, 'AuthKey has already been used', 'invalid-input'],
    // 0.19 to 0.29
    [2, 'User not found', 'not-found'],
    [2, 'user already exists', 'already-exists'],
    [2, 'expected exactly one user, found 2', 'ambiguous'],
    [2, 'expected exactly one user, found 0', 'not-found'],
    [2, 'name is not unique: laptop', 'already-exists'],
    [2, 'node not found in NodeStore: 7', 'not-found'],
    [3, 'node no longer exists in NodeStore: 7', 'not-found'],
    [3, 'must provide id or prefix', 'invalid-input'],
    [2, "update is disabled for modes other than 'database'", 'invalid-input'],
    [2, 'setting policy: group:eng: user not found', 'invalid-input'],
    [2, 'loading ACL from database: acl policy not found', 'not-found'],
  ])('%i %s', (code, text, ours) => {
    expect(classified(code, text)).toBe(`${ours}: ${text}`)
  })
})

describe('raw database text is replaced', () => {
  test.each([
    [2, 'record not found', 'not-found: no such object on the server'],
    [2, 'creating user: UNIQUE constraint failed: users.name', 'already-exists: a user with this name already exists'],
    [
      13,
      'failed to create user: creating user: ERROR: duplicate key value violates unique constraint "idx_name_no_provider_identifier" (SQLSTATE 23505)',
      'already-exists: a user with this name already exists',
    ],
    [2, 'UNIQUE constraint failed: nodes.given_name', 'already-exists: an object with this name already exists'],
    [2, 'database is locked (5) (SQLITE_BUSY)', "failed: the server's database is busy"],
    [
      2,
      'constraint failed: FOREIGN KEY constraint failed (787)',
      'invalid-input: another object on the server still refers to it, or it refers to one that does not exist',
    ],
  ])('%i %s', (code, text, shown) => {
    expect(classified(code, text)).toBe(shown)
  })
})

describe('without a known message the code decides', () => {
  test.each([
    [1, 'unreachable'],
    [2, 'invalid-input'],
    [3, 'invalid-input'],
    [4, 'timeout'],
    [5, 'not-found'],
    [6, 'already-exists'],
    [7, 'permission-denied'],
    [8, 'failed'],
    [12, 'unsupported-by-server'],
    [13, 'failed'],
    [14, 'unreachable'],
    [16, 'unauthenticated'],
    [77, 'failed'],
  ])('%i', (code, ours) => {
    expect(classified(code, 'something')).toBe(`${ours}: something`)
  })
})

test.each(['failed to validate token', 'validating token'])('13 %s is a rejected key', (text) => {
  expect(classified(13, text)).toBe('unauthenticated: the server rejected the API key: it is invalid or expired')
})

test('an error without a message names its code', () => {
  expect(classified(9, '')).toBe('failed: the server gave no reason (gRPC code 9)')
})

test('a message of several lines with terminal escapes becomes one line of limited length', () => {
  const error = statusError(3, `line one\n\tline two\u001b]0;title\u0007 ${'x'.repeat(2000)}`)
  const start = 'line one line two\\x1b]0;title\\x07 '
  expect(error.message).toBe(`${start}${'x'.repeat(1000 - start.length)}…`)
})
