/** Names, keys and expiry of a node. The short keys are those of the guide's tables. */
import {describe, expect, test} from 'vitest'
import {isExpired, type Node, nodeName, shortKey} from '../../src/domain/node.ts'

describe('shortKey', () => {
  test.for([
    ['130dd104c5b79a7e6e0f6f1ab41e1d9c2f2a6d0c2f4f4f1bb05b1f0d4f3f6a21', '[Ew3RB]'],
    ['nodekey:93b6f35d8e0c47a2b1f9d36e5c7a80412d9be3f6a7c5081e4b2d6f9a3c8e7051', '[k7bzX]'],
    ['nodekey:ecb75573a1c4f96e08d2b5e7f3096c1a84d7e2b9f5c03d681ea7b4c9d2f05836', '[7LdVc]'],
    [null, ''],
    ['', ''],
    ['nodekey:', ''],
    [`nodekey:${'0'.repeat(64)}`, ''],
    ['nodekey:ecb7', ''],
    ['hskey-authreq-abc', ''],
  ] as const)('of %s is %j', ([key, short]) => {
    expect(shortKey(key)).toBe(short)
  })
})

test('nodeName returns the given name where there is one', () => {
  expect(nodeName({hostName: 'laptop', givenName: 'laptop-2'})).toBe('laptop-2')
  expect(nodeName({hostName: 'laptop', givenName: ''})).toBe('(no name)')
  expect(nodeName({hostName: 'laptop', givenName: null})).toBe('laptop')
})

test('a node is expired at its expiry time and after it', () => {
  const expired = (expiry: string | null, now: string) =>
    isExpired({expiry: expiry === null ? null : new Date(expiry)} as Node, new Date(now))
  expect(expired('2022-03-20T09:00:00Z', '2022-03-20T08:59:59Z')).toBe(false)
  expect(expired('2022-03-20T09:00:00Z', '2022-03-20T09:00:00Z')).toBe(true)
  expect(expired(null, '2100-01-01T00:00:00Z')).toBe(false)
})
