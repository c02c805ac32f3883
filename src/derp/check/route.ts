/**
 * Whether this machine could send to an address at all, by the addresses it has itself.
 *
 * A machine without IPv6 says nothing about a relay's IPv6, and must not call it broken. The error of a failed
 * connection would tell, but Bun says ECONNREFUSED whatever the reason, and Node's EHOSTUNREACH may come from the far
 * end; so the machine's own addresses decide.
 */
import {isIP} from 'node:net'
import {networkInterfaces} from 'node:os'
import {isLoopback} from '../../system/addresses.ts'

/** One address of this machine, as the system lists it. */
interface OwnAddress {
  address: string
  family: string
  internal: boolean
}

/** false: nothing this machine has could be the source of a packet to this literal address. */
export function hasRoute(target: string, own: readonly OwnAddress[] = ownAddresses()): boolean {
  const family = isIP(target) === 6 ? 'IPv6' : 'IPv4'
  if (isLoopback(target)) return own.some((each) => each.family === family && each.internal)
  return own.some(
    (each) => each.family === family && !each.internal && (isLinkLocal(target) || !isLinkLocal(each.address)),
  )
}

function ownAddresses(): OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
}

/** IPv6 alone: every interface has such an address, and it leads no further than the next machines. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address)
}
