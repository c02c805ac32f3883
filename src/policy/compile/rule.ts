/** Rules before they are reduced to a node, as the compilers of all releases make them. */
import type {Located} from '../policy.ts'
import type {PortRange} from '../selector.ts'
import {EVERYTHING, formatShort, IpSet, type Range} from './ip-set.ts'
import type {Node} from './tailnet.ts'

/** A rule before it is reduced to a node. */
export interface Rule {
  /** The ACL or grant that it comes from; null without a policy. */
  origin: Located | null
  sources: Sources
  /** Numbers; empty for TCP, UDP and ICMP. */
  protocols: readonly number[]
  destinations: readonly Destinations[]
  grants: readonly CapGrant[]
}

/** The addresses of the sources, and as they are written in the rule. Rules with the same selectors share it. */
export interface Sources {
  set: IpSet
  texts: readonly string[]
}

/** Each target with each range of ports. */
export interface Destinations {
  /** Rules with the same selector share them. */
  targets: readonly Target[]
  ports: readonly PortRange[]
}

/** A prefix, as it is written in a rule. */
export interface Target {
  text: string
  set: IpSet
}

export interface CapGrant {
  destinations: readonly Range[]
  capabilities: Record<string, unknown[] | null>
}

/** What one ACL, or one grant, gives. */
export interface Compiled {
  shared: readonly Rule[]
  /** Between the nodes of a user: `autogroup:self`. */
  self: ((userId: string) => readonly Rule[]) | null
  /** For a node that others go through: `via`. */
  via: ((node: Node) => readonly Rule[]) | null
}

export const ANYWHERE: readonly Target[] = [{text: '*', set: EVERYTHING}]

export const ALLOW_ALL: Rule = {
  origin: null,
  sources: {set: EVERYTHING, texts: ['*']},
  protocols: [],
  destinations: [{targets: ANYWHERE, ports: [{first: 0, last: 65_535}]}],
  grants: [],
}

const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  'ip-in-ip': 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  fc: 133,
}

export function targetOf(prefix: Range, format = formatShort): Target {
  return {text: format(prefix), set: new IpSet([prefix])}
}

/** The user whose node it is, if it has no tags. */
export function ownerOf({isTagged, node}: Node): string | null {
  return isTagged ? null : node.userId
}

export function numbersOf(protocol: string): number[] {
  if (protocol === '' || protocol === '*') return []
  return [NUMBERS[protocol] ?? Number(protocol)]
}
