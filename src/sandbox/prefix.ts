/**
 * Addresses and prefixes as Go's net/netip reads and writes them.
 *
 * Scripts see netip's error texts through the server's answers, so they are part of the simulation. Host bits stay as
 * given (`10.0.0.5/24`), IPv6 is written in its shortest form. Only what a route or an address pool needs is here; no
 * engine's own spelling is used, since Node's and Bun's differ.
 */
import {isIPv4, isIPv6} from 'node:net'
import {serverError} from './server-error.ts'

/**
 * Reads a prefix and returns it in canonical spelling.
 * @param parser name in the error text: `netip.ParsePrefix`, up to 0.16 `netaddr.ParseIPPrefix`
 * @throws ServerError with code 2 and Go's text
 */
export function parsePrefix(text: string, parser = 'netip.ParsePrefix'): string {
  const fail = (why: string) => serverError(`${parser}(${JSON.stringify(text)}): ${why}`)
  const slash = text.lastIndexOf('/')
  if (slash < 0) throw fail("no '/'")
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  if (address.includes('%') && isIPv6(address)) throw fail('IPv6 zones cannot be present in a prefix')
  if (!isIPv4(address) && !isIPv6(address))
    throw fail(`ParseAddr(${JSON.stringify(address)}): ${addressFault(address)}`)
  if (!/^(0|[1-9]\d{0,2})$/.test(bits)) throw fail(`bad bits after slash: ${JSON.stringify(bits)}`)
  if (Number(bits) > (isIPv4(address) ? 32 : 128)) throw fail('prefix length out of range')
  return `${canonicalAddress(address)}/${bits}`
}

/** The spelling Go prints: IPv6 lower case with the longest run of zeros folded. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? formatAddress(toNumber(address), 128) : address
}

/** A valid prefix in canonical spelling. */
export function canonicalPrefix(prefix: string): string {
  const [address = '', bits = ''] = prefix.split('/')
  return `${canonicalAddress(address)}/${Number(bits)}`
}

function addressFault(address: string): string {
  if (address.includes(':')) return 'each colon-separated field must have at least one digit'
  if (!address.includes('.')) return 'unable to parse IP'
  const invalid = address.search(/[^\d.]/)
  if (invalid >= 0) return `unexpected character (at ${JSON.stringify(address.slice(invalid))})`
  const fields = address.split('.')
  if (fields.includes('')) return 'IPv4 field must have at least one digit'
  if (fields.some((field) => Number(field) > 255)) return 'IPv4 field has value >255'
  if (fields.length < 4) return 'IPv4 address too short'
  if (fields.length > 4) return 'IPv4 address too long'
  return 'IPv4 field has octet with leading zero'
}

/** The exit routes, which come in a pair. */
export const EXIT_ROUTES: readonly string[] = ['0.0.0.0/0', '::/0']

/** The address at an offset from the start of a prefix, or null beyond its end. */
export function addressAt(prefix: string, offset: bigint): string | null {
  const [start = '', bits = '0'] = prefix.split('/')
  const width = isIPv4(start) ? 32 : 128
  if (offset >= 1n << BigInt(width - Number(bits))) return null
  const value = (toNumber(start) & ~((1n << BigInt(width - Number(bits))) - 1n)) + offset
  return formatAddress(value, width)
}

function toNumber(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n)
  // the last 32 bits may be written as an IPv4 address
  const hex = address.replace(/[\d.]+$/, (part) => {
    if (!isIPv4(part)) return part
    const value = toNumber(part)
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
  })
  const [head = '', tail] = hex.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

function formatAddress(value: bigint, width: number): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
  if (value >> 32n === 0xffffn) return `::ffff:${formatAddress(value & 0xffffffffn, 32)}`
  const groups = Array.from({length: 8}, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const text = groups.join(':')
  // of two runs of zeros that are the longest, the first is folded; a single zero is not
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0(?![0-9a-f]))+/g)].map(([run]) => run)
  const longest = runs.toSorted((left, right) => right.length - left.length)[0]
  if (longest === undefined) return text
  const start = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`))
  return `${text.slice(0, start).replace(/:$/, '')}::${text.slice(start + longest.length).replace(/^:/, '')}`
}

/** Order of lists of prefixes: IPv4 first, then by network, length and address (netip.Prefix.Compare). */
export function comparePrefixes(left: string, right: string): number {
  const [a, b] = [sortKey(left), sortKey(right)]
  const index = a.findIndex((part, position) => part !== b[position])
  if (index < 0) return 0
  return (a[index] ?? 0n) < (b[index] ?? 0n) ? -1 : 1
}

function sortKey(prefix: string): bigint[] {
  const [address = '', bits = '0'] = prefix.split('/')
  const width = isIPv4(address) ? 32 : 128
  const value = toNumber(address)
  const hostBits = BigInt(width - Number(bits))
  return [BigInt(width), (value >> hostBits) << hostBits, BigInt(bits), value]
}
