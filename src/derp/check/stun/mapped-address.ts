/**
 * Whether the address that STUN reports can be the client's public address.
 *
 * A relay behind docker-proxy, frp or another forwarder sees the forwarder, and tells every client that address. Clients
 * then offer it to their peers, and direct connections fail. A public address is never rejected: this machine cannot
 * know its own.
 */
import {BlockList, isIP} from 'node:net'
import type {MappedAddress} from './message.ts'

/** Addresses that are not public. Documentation ranges are not in it. */
const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6')
}
const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Why the reported address is wrong, as the end of a sentence; null when it is plausible.
 *
 * @param asked the address and family that was asked
 */
export function mappedAddressProblem(asked: {address: string; family: 4 | 6}, mapped: MappedAddress): string | null {
  const family = isIP(mapped.address)
  if (family !== asked.family) return `an IPv${family} address, although it was asked over IPv${asked.family}`
  const isIn = (list: BlockList, address: string): boolean => list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  if (!isIn(NOT_PUBLIC, mapped.address)) return null
  if (isIn(LOOPBACK, mapped.address)) return isIn(LOOPBACK, asked.address) ? null : 'a loopback address'
  // No NAT translates loopback addresses, but one must translate private addresses on the way to a public relay.
  return isIn(LOOPBACK, asked.address) || !isIn(NOT_PUBLIC, asked.address) ? 'a private address' : null
}
