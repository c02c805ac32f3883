/**
 * What clients do with a node's `ipv4` and `ipv6`: a literal is dialled, anything else switches the family off.
 *
 * Sources: tailscale v1.102 derp/derphttp (dialNode) and net/netcheck. Nothing is looked up.
 */
import {BlockList, isIP} from 'node:net'

import type {NodeReport} from './node-rules.ts'
import type {DerpNode} from '../map.ts'

/** A text that switches its family off, because it is not an address of that family. */
export function isOff(address: string, family: 4 | 6): boolean {
  return address !== '' && isIP(address) !== family
}

const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
const PRIVATE_6 = new BlockList()
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE_6.addSubnet(network, bits, 'ipv6')
}
const MAPPED = new BlockList()
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6')

/** Says what is wrong with the address of one family. */
export function checkAddress(node: DerpNode, field: 'ipv4' | 'ipv6', report: NodeReport): void {
  const address = node[field]
  const family = field === 'ipv4' ? 4 : 6
  // `none` is how upstream itself writes "not this family".
  if (address === '' || address === 'none') return
  if (isOff(address, family)) {
    const other = isIP(address) === 0 ? 'is no address' : 'is an address of the other family'
    return report('error', 'family-off', field, {
      message: `${field} '${address}' ${other}`,
      reason: `Clients switch IPv${family} off for the node without a word`,
      fix: `Write an IPv${family} address, leave it out to ask DNS, or write none to switch it off`,
    })
  }
  if (address === '127.0.0.1') {
    return report('warning', 'test-node', field, {
      message: 'ipv4 is 127.0.0.1',
      reason: 'Clients take the node for one of their own tests, and it is reachable from its own machine only',
      fix: 'Write the public address',
    })
  }
  const bare = address.replace(/%.*$/, '')
  if (family === 6 && MAPPED.check(bare, 'ipv6')) {
    return report('warning', 'mapped-address', field, {
      message: `ipv6 ${address} is an IPv4 address in disguise`,
      reason: 'It is dialled over IPv4, and only where the system allows that',
      fix: 'Put the address into ipv4',
    })
  }
  if (family === 4 ? PRIVATE.check(bare, 'ipv4') : PRIVATE_6.check(bare, 'ipv6')) {
    report('warning', 'private-address', field, {
      message: `${field} ${address} is not a public address`,
      reason: 'Clients in other networks cannot reach it',
      fix: 'Write the public address of the relay',
    })
  }
}
