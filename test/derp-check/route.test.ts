/** Which addresses a machine can send to, given its own addresses; and UDP that the system rejects. */
import {expect, test} from 'vitest'
import {hasRoute} from '../../src/derp/check/route.ts'
import {probeStun} from '../../src/derp/check/stun/probe.ts'

const loopback4 = {address: '127.0.0.1', family: 'IPv4', internal: true}
const loopback6 = {address: '::1', family: 'IPv6', internal: true}
const private4 = {address: '192.0.2.2', family: 'IPv4', internal: false}
const linkLocal6 = {address: 'fe80::1', family: 'IPv6', internal: false}
const unique6 = {address: 'fd00::2', family: 'IPv6', internal: false}

test.for([
  ['203.0.113.7', [loopback4, private4], true],
  ['203.0.113.7', [loopback4], false],
  ['203.0.113.7', [loopback4, loopback6, unique6], false],
  ['2001:db8::1', [loopback4, loopback6, private4, linkLocal6], false],
  ['2001:db8::1', [loopback6, linkLocal6, unique6], true],
  ['fe80::7%eth0', [loopback6, linkLocal6], true],
  ['fe80::7%eth0', [loopback6], false],
  ['127.0.0.1', [loopback4], true],
  ['::1', [loopback4, private4], false],
  ['::1', [loopback4, loopback6], true],
] as const)('to %s from %j: %s', ([target, own, expected]) => {
  expect(hasRoute(target, own)).toBe(expected)
})

test('the probe ends in time if the system cannot send to the address', async () => {
  const start = performance.now()
  const result = await probeStun('255.255.255.255', 4, 3478, {timeoutMs: 500, signal: new AbortController().signal})
  expect(result.outcome).not.toBe('answered')
  expect(performance.now() - start).toBeLessThan(2000)
})
