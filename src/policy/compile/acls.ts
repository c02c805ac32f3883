/**
 * The packet filter as headscale 0.23 to 0.28 compile it: a rule for each ACL, with prefixes. If an ACL is to `autogroup:self`,
 * the ACLs are compiled for each node, and that destination becomes a rule of its own before the others.
 */
import type {Acl, Policy} from '../policy.ts'
import type {PolicyRelease} from '../releases.ts'
import {destinationOf, type PortRange, type Selector} from '../selector.ts'
import {formatPrefix, IpSet, type Range} from './ip-set.ts'
import {type Compiled, numbersOf, type Rule, type Sources, type Target, targetOf} from './rule.ts'
import type {Resolver} from './tailnet.ts'

interface To {
  selector: Selector
  ranges: readonly PortRange[]
}

export function compileAcls(policy: Policy, resolver: Resolver, rules: PolicyRelease): Compiled[] {
  const acls = policy.acls.map((acl) => ({acl, to: destinationsOf(acl, rules)}))
  const isSelf = ({selector}: To) => selector.text === 'autogroup:self'
  const usesSelf = acls.some(({to}) => to.some(isSelf))
  const known = new Map<string, Sources>()
  const targets = new Map<string, readonly Target[]>()
  const targetsOf = (selector: Selector) => {
    const made = targets.get(selector.text) ?? (resolver.resolve(selector)?.prefixes ?? []).map(toTarget)
    targets.set(selector.text, made)
    return made
  }
  return acls.flatMap(({acl, to}): Compiled[] => {
    const selectors = acl.src.map(({text}) => resolver.parse(text))
    // Compiled for each node, 0.27 drops what has an unknown user, instead of that user.
    const isKept = (selector: Selector) => !(usesSelf && rules.dropsUnknownUsers) || resolver.isComplete(selector)
    const sets = selectors.filter(isKept).flatMap((selector) => resolver.resolve(selector) ?? [])
    const key = selectors.map(({text}) => text).join('\n')
    const sources = known.get(key) ?? sourcesOf(sets, rules)
    known.set(key, sources)
    if (sources.set.isEmpty && rules.mergesSources) return []
    const protocols = acl.proto?.text ? oldNumbersOf(acl.proto.text) : rules.defaultProtocols
    const rest = {origin: acl, protocols, grants: []}
    const own = to.filter(isSelf)
    const destinations = to
      .filter((one) => !isSelf(one) && isKept(one.selector))
      .map(({selector, ranges}) => ({targets: targetsOf(selector), ports: ranges}))
      .filter(({targets, ports}) => targets.length > 0 && ports.length > 0)
    const others: Rule[] = destinations.length > 0 ? [{...rest, sources, destinations}] : []
    const compiled: Compiled = {shared: others, self: null, via: null}
    if (own.length === 0) return [compiled]
    const self = (userId: string): Rule[] => {
      const nodes = resolver.byUser.get(userId) ?? []
      const from = nodes.filter(({addresses}) => addresses.some((address) => sources.set.contains(address)))
      const ownSources = sourcesOf([new IpSet(from.flatMap(({ranges}) => ranges))], rules)
      if (ownSources.set.isEmpty) return []
      const ofUser = nodes.flatMap(({ranges}) => ranges.map((range) => targetOf(range)))
      return [{...rest, sources: ownSources, destinations: own.map(({ranges}) => ({targets: ofUser, ports: ranges}))}]
    }
    return [{shared: [], self: once(self), via: null}, compiled]
  })
}

function destinationsOf({dst}: Acl, rules: PolicyRelease): To[] {
  return dst.flatMap((item): To[] => {
    const destination = destinationOf(item, rules)
    if ('problem' in destination || destination.ports === null || 'problem' in destination.ports) return []
    return [{selector: destination.selector, ranges: destination.ports.ranges}]
  })
}

const toTarget = (prefix: Range): Target => targetOf(prefix, formatPrefix)

function sourcesOf(sets: readonly IpSet[], {mergesSources}: PolicyRelease): Sources {
  const set = new IpSet(sets.flatMap(({ranges}) => ranges))
  const written = mergesSources ? [set] : sets
  return {set, texts: written.flatMap(({prefixes}) => prefixes.map(formatPrefix))}
}

/** ICMP is that of both families. */
function oldNumbersOf(protocol: string): readonly number[] {
  const name = protocol.toLowerCase()
  return name === 'icmp' ? [1, 58] : numbersOf(name)
}

function once(find: (userId: string) => Rule[]): (userId: string) => readonly Rule[] {
  const known = new Map<string, readonly Rule[]>()
  return (userId) => {
    const rules = known.get(userId) ?? find(userId)
    known.set(userId, rules)
    return rules
  }
}
