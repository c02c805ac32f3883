/**
 * IP prefixes of routes, in the spelling of headscale's server (Go's netip), so that user input can be compared with
 * what a node advertises.
 */
import {isIP, isIPv6} from 'node:net'
import {usageError} from '../../errors.ts'

const HINT = 'write it as 192.168.100.0/24 or fd00:1::/64'

/** Both halves of an exit node. */
export const EXIT_ROUTES = ['0.0.0.0/0', '::/0'] as const

/**
 * Reads a prefix and returns its canonical spelling: IPv6 compressed, host bits cleared.
 * @throws HeadscaleError (usage) for an invalid prefix; an address without a length is one
 */
export function parsePrefix(text: string): string {
  const [, address = '', bits = ''] = text.trim().match(/^([^/]+)\/(\d{1,3})$/) ?? []
  const size = isIP(address) === 4 ? 32 : isIP(address) === 6 && !address.includes('%') ? 128 : 0
  const length = Number(bits)
  if (size === 0 || length > size || (bits.length > 1 && bits.startsWith('0'))) {
    throw usageError(`invalid prefix ${JSON.stringify(text)}`, HINT)
  }
  return isIPv6(address)
    ? `${formatV6(mask(v6Groups(address), length, 16))}/${length}`
    : `${mask(address.split('.').map(Number), length, 8).join('.')}/${length}`
}

/**
 * Reads the prefix of a network that a node is to route.
 * @throws HeadscaleError (usage) as parsePrefix, and for an address within a network, which clients refuse
 */
export function parseNetwork(text: string): string {
  const network = parsePrefix(text)
  if (isExitRoute(network))
    throw usageError(`${network} is no network of a subnet router`, 'for an exit node: --exit-node')
  const [address = ''] = text.trim().split('/')
  const [first] = network.split('/')
  const [alone] = parsePrefix(`${address}/${isIPv6(address) ? 128 : 32}`).split('/')
  if (alone !== first) throw usageError(`${text.trim()} has bits set after its prefix length`, `write it as ${network}`)
  return network
}

/** The canonical spelling of a prefix from a server, some of which keep host bits; the text itself if it is none. */
export function canonicalPrefix(text: string): string {
  try {
    return parsePrefix(text)
  } catch {
    return text
  }
}

/** Adds the other exit route where one is given: an exit node needs both, IPv4 and IPv6. */
export function withBothExitRoutes(prefixes: readonly string[]): string[] {
  const exits = prefixes.some(isExitRoute) ? EXIT_ROUTES : []
  return [...new Set([...prefixes, ...exits])]
}

export function isExitRoute(prefix: string): boolean {
  return (EXIT_ROUTES as readonly string[]).includes(prefix)
}

function mask(parts: readonly number[], length: number, width: number): number[] {
  return parts.map((part, i) => {
    const kept = Math.min(Math.max(length - i * width, 0), width)
    return part & ~((1 << (width - kept)) - 1)
  })
}

/** The eight groups of an IPv6 address. Its end may be an IPv4 address in dotted notation. */
function v6Groups(address: string): number[] {
  const quad = address.match(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/)
  const tail = quad
    ? `${hex(Number(quad[1]) * 256 + Number(quad[2]))}:${hex(Number(quad[3]) * 256 + Number(quad[4]))}`
    : ''
  const text = quad ? address.slice(0, quad.index) + tail : address
  const [head = '', rest] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = rest === undefined || rest === '' ? [] : rest.split(':')
  const zeros = rest === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16))
}

/** RFC 5952: lower case; `::` replaces the longest run of two or more zero groups, the first one of equal length. */
function formatV6(groups: readonly number[]): string {
  let best = {start: -1, length: 1}
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = {start, length}
  }
  const text = (part: readonly number[]) => part.map(hex).join(':')
  if (best.start === -1) return text(groups)
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}

function hex(group: number): string {
  return group.toString(16)
}
