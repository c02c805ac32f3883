/** Prefixes in user input, and their canonical spelling. Expected values from Go: netip.ParsePrefix(s).Masked(). */
import {describe, expect, test} from 'vitest'
import {isExitRoute, parsePrefix, withBothExitRoutes} from '../../src/domain/values/prefix.ts'

describe('parsePrefix', () => {
  test.for([
    ['192.168.100.0/24', '192.168.100.0/24'],
    ['192.168.100.77/24', '192.168.100.0/24'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['10.255.255.255/9', '10.128.0.0/9'],
    ['255.255.255.255/31', '255.255.255.254/31'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['FD00:1::/64', 'fd00:1::/64'],
    ['fd00:1:0:0:0:0:0:1/64', 'fd00:1::/64'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'],
    ['2001:0db8:0:1:1:1:1:1/128', '2001:db8:0:1:1:1:1:1/128'],
    ['fe80::ffff/121', 'fe80::ff80/121'],
    ['64:ff9b::192.0.2.33/96', '64:ff9b::/96'],
    ['64:ff9b::192.0.2.33/128', '64:ff9b::c000:221/128'],
  ] as const)('%j is %j', ([text, prefix]) => {
    expect(parsePrefix(text)).toBe(prefix)
  })

  test.for([
    '',
    '2',
    'ten',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/2 4',
    '10.0.0/24',
    '010.0.0.0/24',
    '10.0.0.0/24/24',
    '::/129',
    'fe80::1%eth0/64',
    'fd00:::/64',
    'example.com/24',
    '10.0.0.0\\24',
  ])('%j is none', (text) => {
    expect(() => parsePrefix(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `invalid prefix ${JSON.stringify(text)}`,
        hint: 'write it as 192.168.100.0/24 or fd00:1::/64',
      }),
    )
  })
})

test('one exit route adds the other', () => {
  expect(withBothExitRoutes(['10.0.0.0/8', '::/0'])).toEqual(['10.0.0.0/8', '::/0', '0.0.0.0/0'])
  expect(withBothExitRoutes(['0.0.0.0/0', '::/0'])).toEqual(['0.0.0.0/0', '::/0'])
  expect(withBothExitRoutes(['10.0.0.0/8'])).toEqual(['10.0.0.0/8'])
  expect([isExitRoute('0.0.0.0/0'), isExitRoute('::/0'), isExitRoute('0.0.0.0/1')]).toEqual([true, true, false])
})
