/**
 * What clients do with the addresses of a node: they dial a literal in `ipv4` or `ipv6`, any other text there turns the
 * family off, and an empty field leaves the family to `hostname`.
 *
 * Sources: tailscale v1.102 derp/derphttp (dialNode, shouldDialProto) and net/netcheck. Nothing is looked up.
 */
import {BlockList, isIP} from 'node:net'

import type {NodeReport} from './node-report.ts'
import type {DerpNode} from '../map.ts'

type Family = 4 | 6

/** Whether a text turns its family off, because it is not an address of that family. */
export function isOff(address: string, family: Family): boolean {
  return address !== '' && isIP(address) !== family
}

/** Whether clients dial the node over the family: a literal, or a hostname that can have such an address. */
export function isDialled(node: DerpNode, family: Family): boolean {
  const address = family === 4 ? node.ipv4 : node.ipv6
  if (address !== '') return !isOff(address, family)
  return node.hostName !== '' && [0, family].includes(isIP(node.hostName))
}

/** An address that clients dial without asking DNS, or null. */
export function literalOf({ipv4, ipv6}: DerpNode): string | null {
  if (isIP(ipv4) === 4) return ipv4
  return isIP(ipv6) === 6 ? ipv6 : null
}

const UNREACHABLE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  UNREACHABLE.addSubnet(network, bits, 'ipv4')
}
const UNREACHABLE_6 = new BlockList()
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  UNREACHABLE_6.addSubnet(network, bits, 'ipv6')
}
const MAPPED = new BlockList()
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6')

/** An address without its zone. */
const bare = (address: string) => address.replace(/%.*$/, '')

/** Whether clients in other networks cannot reach the address: private, shared, loopback, link-local, multicast. */
function isUnreachable(address: string): boolean {
  const family = isIP(address)
  if (family === 0) return false
  return family === 4 ? UNREACHABLE.check(address, 'ipv4') : UNREACHABLE_6.check(bare(address), 'ipv6')
}

/** What people write in place of `none`. */
const NONE_WORDS = /^(?:none|no|n|off|false|disabled?|null|nil|-|n\/a)$/i

/** Checks the address of one family. */
export function checkAddress(node: DerpNode, field: 'ipv4' | 'ipv6', report: NodeReport): void {
  const address = node[field]
  const family = field === 'ipv4' ? 4 : 6
  // tailscale itself writes `none` for "not this family".
  if (address === '' || address === 'none') return
  if (NONE_WORDS.test(address)) {
    return report('warning', 'family-off', field, {
      message: `${field} is '${address}', which is not an address`,
      reason: `Clients do not use IPv${family} for the node, as with none`,
      fix: `Write ${field}: none`,
      right: 'none',
    })
  }
  if (isOff(address, family)) {
    const other = isIP(address) === 0 ? 'is not an IP address' : 'is an address of the other family'
    return report('error', 'family-off', field, {
      message: `${field} '${address}' ${other}`,
      reason: `Clients silently stop using IPv${family} for the node`,
      fix: `Write an IPv${family} address, write none, or leave ${field} out to use DNS`,
    })
  }
  if (address === '127.0.0.1') {
    return report('warning', 'test-node', field, {
      message: 'ipv4 is 127.0.0.1',
      reason: 'Clients treat the node as one of their own tests, and only its own machine can reach it',
      fix: 'Write the public address',
    })
  }
  if (family === 6 && MAPPED.check(bare(address), 'ipv6')) {
    return report('warning', 'mapped-address', field, {
      message: `ipv6 ${address} is an IPv4 address in IPv6 form`,
      reason: 'Clients dial it over IPv4, and only where the system allows that',
      fix: 'Write the address in ipv4',
    })
  }
  if (isUnreachable(address)) reportUnreachable(`${field} ${address}`, field, report)
}

/** Checks an address, or the name of one, in `hostname`; an address in `ipv4` or `ipv6` is dialled in its place. */
export function checkHostAddress(node: DerpNode, report: NodeReport): void {
  const {hostName} = node
  const family = isIP(hostName)
  const isReplaced = family === 0 ? literalOf(node) !== null : node[family === 4 ? 'ipv4' : 'ipv6'] !== ''
  if (isReplaced) return
  const isLocalName = /(?:^|\.)(?:localhost|local|localdomain)\.?$/i.test(hostName)
  if (isLocalName || isUnreachable(hostName)) reportUnreachable(`hostname ${hostName}`, 'hostName', report)
}

function reportUnreachable(what: string, field: keyof DerpNode, report: NodeReport): void {
  report('warning', 'private-address', field, {
    message: `${what} is not a public ${field === 'hostName' && isIP(what.slice(9)) === 0 ? 'name' : 'address'}`,
    reason: 'Clients in other networks cannot reach it',
    fix: 'Write the public address of the relay',
  })
}
