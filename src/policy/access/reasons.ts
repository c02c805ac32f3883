/** Why a connection is denied, as values and as sentences. */
import {IpSet, formatPrefix, rangeOf} from '../compile/ip-set.ts'
import type {Resolver} from '../compile/tailnet.ts'
import type {Located} from '../policy.ts'
import {INTERNET_WORDS, type Meaning} from './words.ts'

/** A rule that does not allow it, and what it allows instead: ports, or users. */
export interface NearRule {
  rule: Located | null
  opens: string
}

export type Reason = {rules: NearRule[]} & (
  | {code: 'other-ports' | 'other-ssh-users'}
  | {code: 'no-rule-from-source' | 'no-rule-to-destination' | 'no-rule-for-both' | 'no-ssh-rule' | 'port-22-closed'}
  | {code: 'ssh-needs-nodes' | 'no-common-family' | 'no-pair'}
  | {code: 'no-node' | 'no-route' | 'no-exit-node'; side: 'source' | 'destination'; what: string}
  | {code: 'route-not-approved' | 'route-not-advertised'; side: 'source' | 'destination'; node: string; route: string}
  | {code: 'unknown-router'; routers: string[]}
  | {code: 'expired'; nodes: {name: string; expiry: Date}[]}
)

/** Why nothing in the tailnet has the addresses that are meant. */
export function missingRoute(resolver: Resolver, {text, set}: Meaning, side: 'source' | 'destination'): Reason {
  if (set.isEmpty) return {code: 'no-node', side, what: text, rules: []}
  for (const {node} of resolver.nodes) {
    const {available = [], approved = []} = node.state ?? {}
    const covers = (route: string) => !route.endsWith('/0') && set.overlaps(rangeOf(route))
    const waiting = available.find((route) => covers(route) && !approved.includes(route))
    if (waiting !== undefined) {
      return {code: 'route-not-approved', side, node: node.name, route: formatPrefix(rangeOf(waiting)), rules: []}
    }
    const left = approved.find((route) => covers(route) && !available.includes(route))
    if (left !== undefined) {
      return {code: 'route-not-advertised', side, node: node.name, route: formatPrefix(rangeOf(left)), rules: []}
    }
  }
  if (!INTERNET_WORDS.has(text) && !isPublic(set)) return {code: 'no-route', side, what: text, rules: []}
  const exit = resolver.nodes.find(({node: {state}}) =>
    state?.available?.some((route) => route.endsWith('/0') && !state.approved?.includes(route)),
  )
  if (side === 'destination' && exit !== undefined) {
    return {code: 'route-not-approved', side, node: exit.node.name, route: '0.0.0.0/0', rules: []}
  }
  return {code: 'no-exit-node', side, what: text, rules: []}
}

const PUBLIC = new IpSet([rangeOf('0.0.0.0/0'), rangeOf('2000::/3')]).without(
  ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'].map(rangeOf),
)

function isPublic(set: IpSet): boolean {
  return set.isIn(PUBLIC)
}

/** A sentence without an end. @param sources, destinations as they are shown */
export function reasonText(reason: Reason, sources: string, destinations: string): string {
  switch (reason.code) {
    case 'other-ports':
      return 'the rules open other ports or protocols'
    case 'other-ssh-users':
      return 'the SSH rules are for other users'
    case 'no-rule-from-source':
      return `no rule has ${sources} as a source`
    case 'no-rule-to-destination':
      return `no rule has ${destinations} as a destination`
    case 'no-rule-for-both':
      return `no rule has both ${sources} as a source and ${destinations} as a destination`
    case 'no-ssh-rule':
      return `no SSH rule is from ${sources} to ${destinations}`
    case 'port-22-closed':
      return 'SSH also needs TCP port 22, which is closed'
    case 'ssh-needs-nodes':
      return 'Tailscale SSH is from a node to a node, not to addresses behind one'
    case 'no-common-family':
      return 'they have no common address family: one has only IPv4, the other only IPv6'
    case 'no-pair':
      return `${destinations} has no other node of the same user as ${sources}`
    case 'no-node':
      return `no node belongs to ${reason.what}`
    case 'no-route':
      return `no node has the address ${reason.what}, and no node has an approved route to it`
    case 'no-exit-node':
      return INTERNET_WORDS.has(reason.what)
        ? 'no node is an approved exit node'
        : `${reason.what} is on the internet, and no node is an approved exit node`
    case 'route-not-approved':
      return `${reason.node} advertises ${reason.route}, which is not approved: headscale-ts routes enable ${reason.node} ${reason.route}`
    case 'route-not-advertised':
      return `${reason.route} of ${reason.node} is approved, but the node does not advertise it`
    case 'unknown-router':
      return (
        `a rule allows it, but up to 0.25 headscale shows ${reason.routers.join(', ')} only to nodes with a rule to the node itself ` +
        'or to the first address of its route'
      )
    case 'expired':
      return reason.nodes
        .map(({name, expiry}) => `the key of ${name} expired at ${expiry.toISOString().replace(/\.\d+Z$/, 'Z')}`)
        .join('; ')
  }
}
