/** The SSH rules of each node as headscale 0.23 to 0.28 compile them: in the order of the policy, for every address of the sources. */
import type {Ssh} from '../policy.ts'
import type {PolicyRelease} from '../releases.ts'
import {IpSet} from './ip-set.ts'
import {ownerOf} from './rule.ts'
import type {Action, CompiledSsh, LoginNames, SshRule} from './ssh-rule.ts'
import type {Node, Resolver} from './tailnet.ts'

export function oldSshRules(rules: readonly CompiledSsh[], node: Node, resolver: Resolver): SshRule[] {
  const {sshNames} = resolver.rules
  return rules.flatMap(({rule, sources, destinations, toSelf, hasOthers, principals}) => {
    if (sources.isEmpty && sshNames !== 'literal') return []
    const rest = {sshUsers: sshUsersOf(rule, resolver.rules), action: actionOf(rule, resolver.rules)}
    const to = (set: IpSet): SshRule => ({principals: set.addresses.map((nodeIP) => ({nodeIP})), ...rest})
    const toOthers = (): SshRule => (principals === null ? to(sources) : {principals: [...principals()], ...rest})
    const owner = ownerOf(node)
    const own = toSelf && owner !== null ? (resolver.byUser.get(owner) ?? []) : []
    const from = own.filter(({addresses}) => addresses.some((address) => sources.contains(address)))
    return [
      ...(from.length > 0 ? [to(new IpSet(from.flatMap(({ranges}) => ranges)))] : []),
      ...(hasOthers && node.addresses.some((address) => destinations.contains(address)) ? [toOthers()] : []),
    ]
  })
}

/** A check is a session that ends after its time. */
export function oldLoginNames({users}: Ssh, {sshNames}: PolicyRelease): LoginNames {
  const all = users.map(({text}) => text)
  const rest = {localparts: new Map<string, string>(), isCheck: false}
  if (sshNames === 'literal') {
    const isAny = all.includes('*')
    return {root: isAny || all.includes('root'), nonroot: isAny, names: all.filter((name) => name !== 'root'), ...rest}
  }
  const names = all.filter((name) => !['root', '*', 'autogroup:nonroot'].includes(name))
  return {root: all.includes('root'), nonroot: all.includes('autogroup:nonroot'), names, ...rest}
}

function sshUsersOf({users}: Ssh, {sshNames}: PolicyRelease): Record<string, string> {
  const all = users.map(({text}) => text)
  const map: Record<string, string> =
    sshNames === 'literal'
      ? Object.fromEntries(all.map((name) => [name, '=']))
      : {
          ...(all.includes('autogroup:nonroot') && {'*': '=', root: ''}),
          ...(all.includes('root') && {root: 'root'}),
          ...Object.fromEntries(
            all.filter((name) => name !== 'root' && name !== 'autogroup:nonroot').map((name) => [name, name]),
          ),
        }
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function actionOf({action, checkPeriod}: Ssh, {sshNames, forwardsAgents, ...rules}: PolicyRelease): Action {
  const read = rules.checkPeriod === 'go' ? goNanoseconds : durationOf
  const nanoseconds = action?.text === 'check' ? read(checkPeriod?.text ?? '') : 0
  return {
    accept: true,
    ...(nanoseconds !== 0 && {sessionDuration: nanoseconds}),
    ...(forwardsAgents && {allowAgentForwarding: true}),
    allowLocalPortForwarding: true,
    ...(sshNames !== 'literal' && {allowRemotePortForwarding: true}),
  }
}

const UNITS: Readonly<Record<string, number>> = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}

const GO_UNITS: Readonly<Record<string, number>> = {
  h: 3.6e12,
  m: 6e10,
  s: 1e9,
  ms: 1e6,
  us: 1000,
  µs: 1000,
  μs: 1000,
  ns: 1,
}

/** Go's durations, such as `1h30m`. */
function goNanoseconds(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
  const sum = parts.reduce((all, [, count, unit]) => all + Math.trunc(Number(count) * GO_UNITS[unit!]!), 0)
  return text.startsWith('-') ? -sum : sum
}

/** Prometheus' durations, such as `1d12h`, in nanoseconds. */
function durationOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[ywdhms])/g)]
  return parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * UNITS[unit!]!, 0) * 1_000_000
}
