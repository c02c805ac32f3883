/**
 * SSH rules as headscale 0.23 to 0.25 compile them: a source can be a login, which is that of all nodes of a user, also those with
 * tags. To 0.23 a node is no source of the rules that it gets, and of neighbouring addresses only the first is one.
 */
import {HeadscaleError} from '../../errors.ts'
import type {Ssh} from '../policy.ts'
import {EVERYTHING, formatAddress, IpSet, type Range} from './ip-set.ts'
import type {CompiledSsh, Principal} from './ssh-rule.ts'
import type {Node, Resolver, TailnetUser} from './tailnet.ts'

/** Who may log in, and the addresses of those nodes. */
interface Sources {
  principals: () => readonly Principal[]
  set: IpSet
}

/** More are a mistake, such as the internet as a source. */
const MAX_ADDRESSES = 65_536n

/** @returns the rule; to 0.23 once more for each destination that is a source too, which has other sources */
export function namedSshRules(rule: Ssh, resolver: Resolver): CompiledSsh[] {
  const destinations = new IpSet(rule.dst.flatMap(({text}) => resolver.resolve(resolver.parse(text))?.ranges ?? []))
  const made = (without: Node | null, set: IpSet): CompiledSsh => {
    const {principals, set: sources} = sourcesOf(rule, resolver, without)
    return {rule, sources, destinations: set, toSelf: false, hasOthers: true, principals}
  }
  if (resolver.rules.sshSources === 'logins') return [made(null, destinations)]
  const both = new IpSet(aliases(rule).flatMap((text) => resolver.resolve(resolver.parse(text))?.ranges ?? []))
  const isIn = (set: IpSet, {addresses}: Node) => addresses.some((address) => set.contains(address))
  const own = resolver.nodes.filter((node) => isIn(both, node) && isIn(destinations, node))
  return [
    made(null, destinations.without(own.flatMap(({ranges}) => ranges))),
    ...own.map((node) => made(node, new IpSet(node.ranges))),
  ]
}

/** The sources that are addresses of nodes to 0.23. */
function aliases({src}: Ssh): string[] {
  return src.map(({text}) => text).filter((text) => text !== '*' && !text.startsWith('group:'))
}

function sourcesOf({src, path}: Ssh, resolver: Resolver, without: Node | null): Sources {
  const {sshSources} = resolver.rules
  const parts = src.map(({text}): Sources => {
    if (text === '*') return {principals: () => [{any: true}], set: EVERYTHING}
    if (text.startsWith('group:')) return merged(resolver.members(text).map((name) => loginOf(name, resolver)))
    if (sshSources === 'logins' && resolver.user(text)) return loginOf(text, resolver)
    const selector = resolver.parse(text)
    const set = (without ? resolver.resolveWithout(selector, without) : resolver.resolve(selector)) ?? new IpSet([])
    if (sshSources === 'logins') return {principals: () => addressesOf(set, `${path}: ${text}`), set}
    const firsts = set.prefixes.map(([first]): Range => [first, first])
    return {principals: () => firsts.map(([first]) => ({nodeIP: formatAddress(first)})), set: new IpSet(firsts)}
  })
  // Since 0.24 "*" stands for the others.
  const any = sshSources === 'logins' ? parts.find(({set}) => set === EVERYTHING) : undefined
  return any ?? merged(parts)
}

function merged(parts: readonly Sources[]): Sources {
  return {
    principals: () => parts.flatMap(({principals}) => principals()),
    set: new IpSet(parts.flatMap(({set}) => set.ranges)),
  }
}

/** To 0.23 a login that no user has is sent too. */
function loginOf(name: string, resolver: Resolver): Sources {
  const {usersHaveEmail} = resolver.rules
  const login = (user: TailnetUser) => (usersHaveEmail && user.email) || user.name
  const user = resolver.user(name)
  if (user === null && usersHaveEmail) return {principals: () => [], set: new IpSet([])}
  const userLogin = user === null ? name : login(user)
  const owners = resolver.users.filter((one) => login(one) === userLogin)
  const ranges = owners.flatMap(({id}) => resolver.nodesOwnedBy(id).flatMap((node) => node.ranges))
  return {principals: () => [{userLogin}], set: new IpSet(ranges)}
}

function addressesOf(set: IpSet, what: string): Principal[] {
  const count = set.ranges.reduce((sum, [first, last]) => sum + last - first + 1n, 0n)
  if (count <= MAX_ADDRESSES) return set.addresses.map((nodeIP) => ({nodeIP}))
  throw new HeadscaleError(
    'invalid-input',
    `${what} has too many addresses: headscale sends each of them to the node`,
    {
      hint: 'write users, groups or tags as sources of an SSH rule',
    },
  )
}
