/**
 * Sets of addresses, as ranges in ascending order. Addresses are numbers: IPv4 from 0, IPv6 from 2^128, so that one order holds
 * for both and no range reaches from one into the other.
 */
import {isIP} from 'node:net'
import {prefixBits} from '../selector.ts'

/** The first and the last address. */
export type Range = readonly [first: bigint, last: bigint]

/** The first address of IPv6. */
export const V6 = 1n << 128n

/** @param text an address of either family, without a zone */
export function parseAddress(text: string): bigint {
  if (isIP(text) === 4) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  const quad = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text.replace(/%.*/, ''))
  const plain = quad
    ? `${quad[1]}${(Number(quad[2]) * 256 + Number(quad[3])).toString(16)}:${(Number(quad[4]) * 256 + Number(quad[5])).toString(16)}`
    : text.replace(/%.*/, '')
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) + V6
}

/** As Go's netip writes it. */
export function formatAddress(address: bigint): string {
  if (address < V6) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')
  const value = address - V6
  if (value >> 32n === 0xffffn) return `::ffff:${formatAddress(value & 0xffff_ffffn)}`
  const groups = Array.from({length: 8}, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
  let best = {start: -1, length: 1}
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = {start, length}
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.start === -1) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

/** The addresses of a prefix, or a single one. @param text as prefixBits accepts it */
export function rangeOf(text: string): Range {
  const {bits, size} = prefixBits(text) ?? {bits: 0, size: 32}
  const address = parseAddress(text.replace(/\/.*/, ''))
  const hosts = (1n << BigInt(size - bits)) - 1n
  return [address & ~hosts, address | hosts]
}

export const overlaps = (a: Range, b: Range): boolean => a[0] <= b[1] && b[0] <= a[1]
export const contains = ([first, last]: Range, address: bigint): boolean => first <= address && address <= last

/** Prefixes that together have exactly the addresses of a range, in ascending order. */
function prefixesOf([first, last]: Range): Range[] {
  const prefixes: Range[] = []
  for (let at = first; at <= last;) {
    let size = 1n
    while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last && size < (at < V6 ? 1n << 32n : V6)) size *= 2n
    prefixes.push([at, at + size - 1n])
    at += size
  }
  return prefixes
}

/** A prefix with its length: `10.0.0.0/8`, `10.0.0.1/32`. */
export function formatPrefix([first, last]: Range): string {
  const hosts = (last - first + 1n).toString(2).length - 1
  return `${formatAddress(first)}/${(first < V6 ? 32 : 128) - hosts}`
}

/** The same, but a single address without a length. */
export function formatShort(range: Range): string {
  return range[0] === range[1] ? formatAddress(range[0]) : formatPrefix(range)
}

export class IpSet {
  readonly ranges: readonly Range[]
  #prefixes: readonly Range[] | null = null

  /** @param ranges in any order; they may overlap */
  constructor(ranges: readonly Range[]) {
    const merged: [bigint, bigint][] = []
    for (const [first, last] of ranges.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
      const previous = merged.at(-1)
      if (previous && first <= previous[1] + 1n && first !== V6) {
        if (last > previous[1]) previous[1] = last
      } else merged.push([first, last])
    }
    this.ranges = merged
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0
  }

  contains(address: bigint): boolean {
    return this.ranges.some((range) => contains(range, address))
  }

  overlaps(other: Range): boolean {
    return this.ranges.some((range) => overlaps(range, other))
  }

  /** Whether every address of this set is in the other one. */
  isIn(other: IpSet): boolean {
    return this.ranges.every(([first, last]) => other.ranges.some((range) => range[0] <= first && last <= range[1]))
  }

  without(removed: readonly Range[]): IpSet {
    let left: Range[] = [...this.ranges]
    for (const [first, last] of removed) {
      left = left.flatMap((range): Range[] => {
        if (!overlaps(range, [first, last])) return [range]
        const before: Range[] = range[0] < first ? [[range[0], first - 1n]] : []
        return last < range[1] ? [...before, [last + 1n, range[1]]] : before
      })
    }
    return new IpSet(left)
  }

  get prefixes(): readonly Range[] {
    this.#prefixes ??= this.ranges.flatMap(prefixesOf)
    return this.#prefixes
  }

  /** An address, a prefix, or `FIRST-LAST` for each range. */
  get texts(): string[] {
    return this.ranges.map((range) => {
      const [prefix, more] = prefixesOf(range)
      return more || !prefix ? `${formatAddress(range[0])}-${formatAddress(range[1])}` : formatShort(prefix)
    })
  }

  /** Every address; for sets of nodes, which are small. */
  get addresses(): string[] {
    const all: string[] = []
    for (const [first, last] of this.ranges) for (let at = first; at <= last; at++) all.push(formatAddress(at))
    return all
  }
}

const set = (texts: readonly string[]): IpSet => new IpSet(texts.map(rangeOf))

/** What `*` means: the tailnet, without the addresses of ChromeOS. */
export const TAILNET = set(['100.64.0.0/10', 'fd7a:115c:a1e0::/48']).without([rangeOf('100.115.92.0/23')])

/** `autogroup:danger-all`. */
export const EVERYTHING = set(['0.0.0.0/0', '::/0'])

/** `autogroup:internet`: public addresses. */
export const INTERNET = set(['0.0.0.0/0', '2000::/3']).without(
  [
    'fc00::/7',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    'fd7a:115c:a1e0::/48',
    '100.64.0.0/10',
    'fe80::/10',
    '169.254.0.0/16',
  ].map(rangeOf),
)
