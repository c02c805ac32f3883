/** Address pools, which no server reports: those of headscale if they fit, else the smallest usual ones that do. */
import {canonicalPrefix} from '../../domain/values/prefix.ts'

interface Family {
  pool: string
  /** Of the pool, and of the longest prefix that is guessed. */
  bits: readonly [pool: number, longest: number]
}

const IPV4: Family = {pool: '100.64.0.0/10', bits: [10, 16]}
const IPV6: Family = {pool: 'fd7a:115c:a1e0::/48', bits: [48, 48]}

/** Pools that contain these addresses: one of each family that occurs, or those of headscale for no address. */
export function guessPools(addresses: readonly string[]): string[] {
  if (addresses.length === 0) return [IPV4.pool, IPV6.pool]
  const isV6 = (address: string) => address.includes(':')
  return [
    ...poolOf(
      addresses.filter((address) => !isV6(address)),
      IPV4,
    ),
    ...poolOf(addresses.filter(isV6), IPV6),
  ]
}

function poolOf(addresses: readonly string[], {pool, bits: [usual, longest]}: Family): string[] {
  const [first] = addresses
  if (first === undefined) return []
  if (addresses.every((address) => canonicalPrefix(`${address}/${usual}`) === pool)) return [pool]
  let networks = new Set(addresses.map((address) => canonicalPrefix(`${address}/${longest}`)))
  for (let length = longest; length > 0; length--) {
    networks = new Set([...networks].map((network) => canonicalPrefix(`${network.split('/')[0]}/${length}`)))
    if (networks.size === 1) return [...networks]
  }
  return [pool]
}
