/**
 * Whether this machine could send to an address at all, by the addresses it has itself.
 *
 * A machine without IPv6 cannot test a relay's IPv6, and must not report it as broken. The error of a failed connection
 * does not tell the cases apart: Bun reports ECONNREFUSED for every reason, and Node's EHOSTUNREACH may come from the
 * other end. So the machine's own addresses decide.
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

/** false: this machine has no address from which it could send to this literal address. */
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

/** Link-local IPv6: every interface has such an address, and it reaches machines on the same link only. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address)
}
