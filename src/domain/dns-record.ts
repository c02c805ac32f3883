/**
 * A DNS record that headscale adds to the names of MagicDNS. Tailscale clients read records of type A and AAAA and ignore
 * all others.
 */
import {isIPv6} from 'node:net'

export const RECORD_TYPES = ['A', 'AAAA'] as const
export type RecordType = (typeof RECORD_TYPES)[number]

export interface DnsRecord {
  /** A canonical name (values/dns-name.ts), complete with its domain. */
  name: string
  type: RecordType
  /** An IP address of that type. */
  value: string
}

/** A record for each address. @param type only addresses of this type; null for all */
export function recordsFor(name: string, addresses: readonly string[], type: RecordType | null = null): DnsRecord[] {
  return addresses
    .map((value): DnsRecord => ({name, type: isIPv6(value) ? 'AAAA' : 'A', value}))
    .filter((record) => type === null || record.type === type)
}

/** By name, then type, then address, so that the same records are always the same text. */
export function sortRecords(records: readonly DnsRecord[]): DnsRecord[] {
  return records.toSorted((a, b) => compare(a.name, b.name) || compare(a.type, b.type) || compare(a.value, b.value))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
