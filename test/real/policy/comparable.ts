/** Compiled rules in a form that can be compared. */
import type {FilterRule} from '../../../src/policy/compile/filter.ts'
import {IpSet, parseAddress, type Range, rangeOf} from '../../../src/policy/compile/ip-set.ts'
import type {SshRule} from '../../../src/policy/compile/ssh-rule.ts'

/** Plain values with sorted lists, as headscale compares them; the order of the rules counts. */
export function comparable(packetFilter: readonly FilterRule[], ssh: readonly SshRule[]): unknown {
  const sorted = (list: readonly unknown[] | undefined) =>
    (list ?? []).map((item) => JSON.stringify(canonical(item))).sort()
  return {
    filter: packetFilter.map(({SrcIPs, DstPorts, IPProto, CapGrant}) => ({
      sources: sorted(SrcIPs),
      destinations: sorted(DstPorts),
      protocols: sorted(IPProto),
      capabilities: (CapGrant ?? []).map(({Dsts, CapMap}) => ({destinations: sorted(Dsts), map: canonical(CapMap)})),
    })),
    ssh: ssh.map(({principals, sshUsers, action, acceptEnv}) => ({
      principals: sorted(principals),
      users: canonical(sshUsers),
      action: canonical(action),
      env: acceptEnv ?? [],
    })),
  }
}

/**
 * The same filter with each set of addresses written in one way: headscale writes neighbouring addresses as one range, and those of
 * autogroup:internet as prefixes, Tailscale the other way round.
 */
export function withMergedAddresses(packetFilter: readonly FilterRule[]): FilterRule[] {
  return packetFilter.map((rule) => {
    const ports = Map.groupBy(rule.DstPorts ?? [], ({Ports}) => `${Ports.First}-${Ports.Last}`)
    const destinations = [...ports.values()].flatMap((group) =>
      merged(group.map(({IP}) => IP)).map((IP) => ({IP, Ports: group[0]!.Ports})),
    )
    return {...rule, SrcIPs: merged(rule.SrcIPs), ...(rule.DstPorts && {DstPorts: destinations})}
  })
}

/** @param texts addresses, prefixes, and ranges FIRST-LAST */
function merged(texts: readonly string[]): string[] {
  const ranges = texts.map((text): Range => {
    const [first, last] = text.split('-')
    return last === undefined ? rangeOf(text) : [parseAddress(first!), parseAddress(last)]
  })
  return new IpSet(ranges).texts
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  )
}
