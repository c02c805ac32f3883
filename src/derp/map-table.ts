/**
 * A map as a table: one line per node, with what a client dials and accepts there, and the source of its region.
 */
import {parsePin} from './cert/pin-text.ts'
import {derpPortOf, pinOf, stunPortOf} from './map.ts'
import type {DerpMap, DerpNode, DerpRegion} from './map.ts'

export interface MapRow {
  key: number
  /** Null for a region that is null or has no nodes. */
  region: DerpRegion | null
  node: DerpNode | null
  origin: string
}

/** Regions by ascending key, nodes in order; a region without nodes has one row. */
export function mapRows(map: DerpMap, origins: ReadonlyMap<number, string>): MapRow[] {
  return [...map.regions]
    .sort(([a], [b]) => a - b)
    .flatMap(([key, region]) => {
      const origin = origins.get(key) ?? ''
      const nodes = region === null || region.nodes.length === 0 ? [null] : region.nodes
      return nodes.map((node) => ({key, region, node, origin}))
    })
}

/** What a client requires of the certificate. */
export function trustOf(node: DerpNode): string {
  const pin = pinOf(node)
  if (pin !== null) return `pin ${pin.slice(0, 8)}…`
  if (parsePin(node.certName) !== null) return 'invalid pin'
  if (node.certName !== '' && node.certName !== node.hostName) return `certificate of ${node.certName}`
  return node.insecureForTests ? 'none (insecure)' : 'certificate'
}

/** The columns of the list. */
export const mapColumns: {header: string; cell(row: MapRow): string}[] = [
  {header: 'Region', cell: ({key}) => String(key)},
  {header: 'Code', cell: ({region}) => region?.regionCode ?? 'null'},
  {header: 'Name', cell: ({region}) => region?.regionName ?? ''},
  {header: 'Node', cell: ({node}) => node?.name ?? ''},
  {header: 'Host', cell: ({node}) => node?.hostName ?? ''},
  {header: 'IPv4', cell: ({node}) => node?.ipv4 ?? ''},
  {header: 'IPv6', cell: ({node}) => node?.ipv6 ?? ''},
  {header: 'Relay', cell: ({node}) => (node === null || node.stunOnly ? '-' : String(derpPortOf(node)))},
  {header: 'STUN', cell: ({node}) => (node === null ? '-' : String(stunPortOf(node) ?? '-'))},
  {header: 'Trust', cell: ({node}) => (node === null || node.stunOnly ? '' : trustOf(node))},
  {header: 'From', cell: ({origin}) => origin},
]
