/**
 * The DERP map: the one model that all of `headscale-ts derp` works on.
 *
 * It has the fields of tailscale's tailcfg.DERPMap (tailcfg/derpmap.go, v1.102), because that is what headscale decodes
 * and clients receive; reading, rendering and comparison all use the field tables below. Values are kept as written:
 * 0 and '' mean "not given", as in Go, and the functions at the end return what a client does with them. File formats,
 * headscale releases and the network are not known here.
 */

/** One server of a region. Fields are tailcfg's, in camel case. */
export interface DerpNode {
  /** Unique in the whole map; usually the region id and a letter (`900a`). Not a host name. */
  name: string
  /** Must be the id of the region that holds the node. */
  regionId: number
  /** What clients dial, and what they send as SNI and Host. A DNS name or an IP literal; it need not be unique. */
  hostName: string
  /** '' = hostName. A DNS name to verify the certificate against, or `sha256-raw:` and 64 lower-case hex digits. */
  certName: string
  /** '' = ask DNS for hostName. A literal is dialled; any other text turns the family off. */
  ipv4: string
  /** As `ipv4`. */
  ipv6: string
  /** 0 = 3478. Negative or above 65535: no STUN. */
  stunPort: number
  /** The node answers STUN and does not relay. */
  stunOnly: boolean
  /** 0 = 443. */
  derpPort: number
  /** Clients skip the certificate check (release clients too), unless `certName` says otherwise. */
  insecureForTests: boolean
  /** '' = none. Overrides the address of STUN probes, and marks a test node. */
  stunTestIp: string
  /** Clients may look for captive portals on port 80 of `ipv4`. */
  canPort80: boolean
}

/** Relays in one place that reach each other. Each client has one region as its home region. */
export interface DerpRegion {
  /** Must equal the key of the region in the map. 900 to 999 are reserved for users. */
  regionId: number
  /** Short label in `tailscale status` and `netcheck`. */
  regionCode: string
  /** Long label. */
  regionName: string
  /** Degrees, 0 = not given. Used only to suggest exit nodes. */
  latitude: number
  /** As `latitude`. */
  longitude: number
  /** Deprecated: clients do not measure the region unless it is already their home. */
  avoid: boolean
  /** Clients never measure it or choose it as their home region, but connect to it to reach a peer that has (1.82+). */
  noMeasureNoHome: boolean
  /** In order of preference: a client uses the first that accepts its connection. */
  nodes: DerpNode[]
}

/** How clients rank regions when they choose their home region. headscale ignores it in every source. */
export interface DerpHomeParams {
  /** Region id → factor on the measured latency; (0,1) favours a region. */
  regionScore: Map<number, number>
}

/** A whole map. A region that is `null` was written as null, to remove the region of an earlier source. */
export interface DerpMap {
  regions: Map<number, DerpRegion | null>
  /** null = not given. */
  homeParams: DerpHomeParams | null
  /** For Tailscale's own policy file only; headscale drops it. */
  omitDefaultRegions: boolean
}

/** The Go type of a field. */
export type FieldKind = 'int' | 'float' | 'bool' | 'string'

/** One scalar field: our name, tailcfg's (JSON), and whether Go writes it even when it is zero. */
export interface Field<T> {
  key: keyof T & string
  go: string
  kind: FieldKind
  always: boolean
}

const field = <T>(key: keyof T & string, go: string, kind: FieldKind, always = false): Field<T> => ({
  key,
  go,
  kind,
  always,
})

/** The scalar fields of a node, in tailcfg's order. headscale's YAML name is the Go name in lower case. */
export const NODE_FIELDS: readonly Field<DerpNode>[] = [
  field('name', 'Name', 'string', true),
  field('regionId', 'RegionID', 'int', true),
  field('hostName', 'HostName', 'string', true),
  field('certName', 'CertName', 'string'),
  field('ipv4', 'IPv4', 'string'),
  field('ipv6', 'IPv6', 'string'),
  field('stunPort', 'STUNPort', 'int'),
  field('stunOnly', 'STUNOnly', 'bool'),
  field('derpPort', 'DERPPort', 'int'),
  field('insecureForTests', 'InsecureForTests', 'bool'),
  field('stunTestIp', 'STUNTestIP', 'string'),
  field('canPort80', 'CanPort80', 'bool'),
]

/** The scalar fields of a region, in tailcfg's order; `nodes` comes after them. */
export const REGION_FIELDS: readonly Field<DerpRegion>[] = [
  field('regionId', 'RegionID', 'int', true),
  field('regionCode', 'RegionCode', 'string', true),
  field('regionName', 'RegionName', 'string', true),
  field('latitude', 'Latitude', 'float'),
  field('longitude', 'Longitude', 'float'),
  field('avoid', 'Avoid', 'bool'),
  field('noMeasureNoHome', 'NoMeasureNoHome', 'bool'),
]

/** A node with Go's zero value in every field that is not given. */
export function createNode(given: Partial<DerpNode> = {}): DerpNode {
  return {
    name: '',
    regionId: 0,
    hostName: '',
    certName: '',
    ipv4: '',
    ipv6: '',
    stunPort: 0,
    stunOnly: false,
    derpPort: 0,
    insecureForTests: false,
    stunTestIp: '',
    canPort80: false,
    ...given,
  }
}

/** A region with Go's zero value in every field that is not given. */
export function createRegion(given: Partial<DerpRegion> = {}): DerpRegion {
  return {
    regionId: 0,
    regionCode: '',
    regionName: '',
    latitude: 0,
    longitude: 0,
    avoid: false,
    noMeasureNoHome: false,
    nodes: [],
    ...given,
  }
}

/** A map of these regions, with their ids as keys. */
export function createMap(regions: readonly DerpRegion[] = []): DerpMap {
  return {
    regions: new Map(regions.map((region) => [region.regionId, region])),
    homeParams: null,
    omitDefaultRegions: false,
  }
}

/** The regions that are not null, by ascending key, with their keys. */
export function regionEntries(map: DerpMap): [key: number, region: DerpRegion][] {
  const entries = [...map.regions].filter((entry): entry is [number, DerpRegion] => entry[1] !== null)
  return entries.sort(([a], [b]) => a - b)
}

/** Every node with its region, regions by ascending key, nodes in order of preference. */
export function nodeEntries(map: DerpMap): [region: DerpRegion, node: DerpNode][] {
  return regionEntries(map).flatMap(([, region]) => region.nodes.map((node): [DerpRegion, DerpNode] => [region, node]))
}

/** The prefix of a certificate pin in `certName`. */
export const PIN_PREFIX = 'sha256-raw:'

/** The TCP port that a client dials. It can be out of range; then clients cannot connect. */
export function derpPortOf(node: DerpNode): number {
  return node.derpPort === 0 ? 443 : node.derpPort
}

/** The UDP port that a client probes, or null for a node without STUN. */
export function stunPortOf(node: DerpNode): number | null {
  if (node.stunPort < 0 || node.stunPort > 65535) return null
  return node.stunPort === 0 ? 3478 : node.stunPort
}

/** The 64 hex digits of the pin (as written, not checked), or null without a pin. */
export function pinOf(node: DerpNode): string | null {
  return node.certName.startsWith(PIN_PREFIX) ? node.certName.slice(PIN_PREFIX.length) : null
}
