/** Compiled rules in a form that can be compared. */
import type {FilterRule} from '../../../src/policy/compile/filter.ts'
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

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  )
}
