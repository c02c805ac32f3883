/**
 * What depends on the tailnet: users that do not exist or exist twice, tags that no node has, and, where it is known how the release
 * compiles rules, the policy's own tests.
 */
import {Filter} from '../compile/filter.ts'
import type {Rule} from '../compile/rule.ts'
import {formatAddress, IpSet, overlaps, rangeOf, TAILNET} from '../compile/ip-set.ts'
import {SshRules} from '../compile/ssh.ts'
import type {SshRule} from '../compile/ssh-rule.ts'
import {memberName, type Node, type Resolver} from '../compile/tailnet.ts'
import type {Policy, SshTest, Test, Text} from '../policy.ts'
import {destinationOf, type PortRange, type Selector, trimmed} from '../selector.ts'
import {type Context, quoted} from './names.ts'

/** Users and tags. */
export function checkNames(context: Context, resolver: Resolver): void {
  const {policy, rules} = context
  const lists = [...policy.acls, ...policy.grants, ...policy.ssh].flatMap(({src, dst}) => [...src, ...dst])
  const seen = new Set<string>()
  const first = (text: string) => {
    const isNew = !seen.has(text)
    seen.add(text)
    return isNew
  }
  const aclDestinations = new Set(policy.acls.flatMap(({dst}) => dst))
  for (const item of [...lists, ...policy.grants.flatMap(({via}) => via)]) {
    const selector = aclDestinations.has(item) ? destinationSelector(context, item) : resolver.parse(item.text)
    if (!selector) continue
    if (isUser(context, selector)) checkUser(context, resolver, item, selector.text, {first: first(selector.text)})
    else if (selector.kind === 'tag' && first(selector.text) && !resolver.hasTag(selector.text)) {
      context.warning('tag-without-node', item, {
        message: `no node has ${quoted(selector.text)}`,
        reason: 'the rule does not match any node with it now',
        fix: 'Check the name, or tag a node',
      })
    }
  }
  checkAnySource(context, resolver)
  for (const item of policy.nodeAttrs.flatMap(({target, attr}) => (attr.length > 0 ? target : []))) {
    const {kind, text} = resolver.parse(item.text)
    if (kind === 'user') checkUser(context, resolver, item, text, {first: true, isNeeded: true})
  }
  for (const item of policy.groups.flatMap(({items}) => items)) {
    const name = memberName(item.text, rules)
    if (isUserName(item.text)) checkUser(context, resolver, item, name, {first: first(name)})
  }
  const named = [...policy.tagOwners, ...policy.routes].flatMap(({items}) => items)
  for (const item of [...named, ...policy.exitNode]) {
    if (isUserName(item.text)) checkUser(context, resolver, item, item.text, {first: first(item.text)})
  }
}

/** From 0.29 on "*" as a source has the default address pools, which need not be those of the tailnet. As a destination it has every address. */
function checkAnySource(context: Context, resolver: Resolver): void {
  if (resolver.rules.compiler !== 'grants') return
  const {policy} = context
  const sources = [...policy.acls, ...policy.grants].flatMap(({src}) => src)
  const at = sources.find(({text}) => text.includes('*') && resolver.parse(text).kind === 'any')
  if (!at) return
  const prefixes = sources.map(({text}) => resolver.parse(text)).filter(({kind}) => kind === 'prefix')
  const written = new IpSet(prefixes.map(({text}) => rangeOf(text)))
  const isOutside = (address: bigint) => !TAILNET.contains(address) && !written.contains(address)
  const outside = resolver.nodes.filter(({addresses}) => addresses.some(isOutside))
  const [first] = outside
  if (!first) return
  const address = formatAddress(first.addresses.find(isOutside)!)
  const who = outside.length === 1 ? '1 node has an address' : `${outside.length} nodes have addresses`
  context.warning('outside-of-any', at, {
    message: `${who} that "*" does not include: ${address} of ${first.node.name}`,
    reason: 'from headscale 0.29 on "*" as a source is 100.64.0.0/10 and fd7a:115c:a1e0::/48',
    fix: 'Write the prefix of the tailnet beside it, such as "10.1.0.0/16"',
  })
}

function isUserName(text: string): boolean {
  return !/^(?:group|tag|autogroup):[^@]*$/.test(text)
}

function destinationSelector({rules}: Context, item: Text): Selector | null {
  const destination = destinationOf(item, rules)
  return 'problem' in destination ? null : destination.selector
}

/** Up to 0.25 any name that is not a host is a user. */
function isUser({hosts}: Context, {kind, text}: Selector): boolean {
  return kind === 'user' || (kind === 'name' && !hosts.has(text))
}

/** @param options.isNeeded whether the server rejects the policy without the user */
function checkUser(
  context: Context,
  resolver: Resolver,
  at: Text,
  text: string,
  {first, isNeeded = false}: {first: boolean; isNeeded?: boolean},
): void {
  const {engine, rejectsAmbiguousUsers, release} = context.rules
  const name = engine === 2 && text.endsWith('@') ? text.slice(0, -1) : text
  if (!first || resolver.userOfProvider(name)) return
  const matches = resolver.usersNamed(name)
  if (matches.length === 1) return
  if (matches.length > 1) {
    const message = `${quoted(text)} means ${matches.length} users`
    const fix = 'Write the e-mail address or the provider ID of one of them'
    if (rejectsAmbiguousUsers) context.error('ambiguous-user', at, {message, fix})
    else context.warning('ambiguous-user', at, {message, fix, reason: `to headscale ${release} it is none of them`})
    return
  }
  const message = `there is no user ${quoted(text)}`
  const fix = 'Check the name, or create the user'
  if (isNeeded) context.error('unknown-user', at, {message, fix})
  else context.warning('unknown-user', at, {message, fix, reason: 'it matches no node'})
}

/** Runs `tests` and `sshTests`. The policy has no errors. */
export function runTests(context: Context, resolver: Resolver): void {
  const {policy, rules} = context
  if (rules.unusedSections.includes('tests') || policy.tests.length + policy.sshTests.length === 0) return
  const shared = new Filter(onlyForTests(policy, resolver), resolver, rules).shared
  for (const test of policy.tests) runTest(context, resolver, shared, test)
  const ssh = new SshRules(policy, resolver, '')
  for (const test of policy.sshTests) runSshTest(context, resolver, ssh, test)
}

/** The policy without the rules that have no source of a test, since compiling thousands of them takes long. */
function onlyForTests(policy: Policy, resolver: Resolver): Policy {
  if (resolver.rules.compiler !== 'grants') return policy
  const tested = new IpSet(
    policy.tests.flatMap(({src}) => (src && resolver.resolve(resolver.parse(src.text))?.ranges) ?? []),
  )
  const known = new Map<string, boolean>()
  const isSource = (text: string) => {
    const selector = resolver.parse(text)
    // "*" has the routes of the tailnet too.
    return (
      selector.kind === 'any' || (resolver.resolve(selector)?.ranges.some((range) => tested.overlaps(range)) ?? false)
    )
  }
  const isTested = ({src}: {src: readonly Text[]}) =>
    src.some(({text}) => {
      const found = known.get(text) ?? isSource(text)
      known.set(text, found)
      return found
    })
  return {...policy, acls: policy.acls.filter(isTested), grants: policy.grants.filter(isTested)}
}

function fail(context: Context, at: Text, message: string): void {
  context.error('failed-test', at, {message, fix: 'Change the rules, or the test'})
}

const PROTOCOLS: Readonly<Record<string, number>> = {tcp: 6, udp: 17, sctp: 132}
/** What a client tries without a protocol: TCP, UDP and ICMP. */
const DEFAULT_PROTOCOLS = [6, 17, 1, 58]

function runTest(context: Context, resolver: Resolver, rules: readonly Rule[], test: Test): void {
  if (!test.src) return
  const source = meaning(resolver, resolver.parse(test.src.text))
  if (!source) return fail(context, test.src, `${quoted(test.src.text)} has no address, so that the test fails`)
  const proto = test.proto?.text.toLowerCase() ?? ''
  const protocols = proto === '' ? DEFAULT_PROTOCOLS : [PROTOCOLS[proto] ?? Number(proto)]
  for (const [list, isExpected] of [
    [test.accept, true],
    [test.deny, false],
  ] as const) {
    for (const at of list) {
      const destination = destinationOf(at, context.rules)
      const target = 'problem' in destination ? null : meaning(resolver, destination.selector)
      if (!target || 'problem' in destination || !destination.ports || 'problem' in destination.ports) {
        fail(context, at, `${quoted(at.text)} has no address, so that the test fails`)
        continue
      }
      const [port] = destination.ports.ranges
      const isAllowed = source.prefixes.every((prefix) =>
        rules.some(
          (rule) =>
            rule.sources.set.overlaps(prefix) &&
            (rule.protocols.length === 0 || rule.protocols.some((number) => protocols.includes(number))) &&
            rule.destinations.some(
              ({targets, ports}) =>
                ports.some((range) => isWithin(port, range)) && targets.some(({set}) => overlapsAny(set, target)),
            ),
        ),
      )
      if (isAllowed === isExpected) continue
      const can = isAllowed ? 'can' : 'cannot'
      fail(context, at, `${test.src.text} ${can} reach ${at.text}${proto === '' ? '' : ` over ${proto}`}`)
    }
  }
}

/** The addresses of a selector; null for none, and for a user that is not exactly one. */
function meaning(resolver: Resolver, selector: Selector): IpSet | null {
  if (selector.kind === 'user' && resolver.user(selector.text) === null) return null
  if (selector.kind === 'group' && !resolver.hasAllUsers(selector.text)) return null
  const set = resolver.resolve(selector)
  return set === null || set.isEmpty ? null : set
}

function overlapsAny(set: IpSet, other: IpSet): boolean {
  return set.ranges.some((range) => other.ranges.some((candidate) => overlaps(range, candidate)))
}

function isWithin(port: PortRange | undefined, allowed: PortRange): boolean {
  return port === undefined || (port.first >= allowed.first && port.last <= allowed.last)
}

function runSshTest(context: Context, resolver: Resolver, ssh: SshRules, test: SshTest): void {
  if (!test.src) return
  const selector = resolver.parse(test.src.text)
  const source = meaning(resolver, selector)
  if (!source) return fail(context, test.src, `${quoted(test.src.text)} has no address, so that the test fails`)
  const user = selector.kind === 'user' ? resolver.user(selector.text) : null
  const targets = new Set<Node>()
  for (const at of test.dst) {
    const found = destinationNodes(resolver, resolver.parse(at.text), user?.id ?? null)
    if (found.length === 0) fail(context, at, `${quoted(at.text)} has no node, so that the test fails`)
    for (const node of found) targets.add(node)
  }
  const addresses = sourceAddresses(resolver, source)
  for (const [list, isRight, expected] of [
    [test.accept, ({accepts}: Reach) => accepts, 'cannot log in'],
    [test.deny, ({accepts}: Reach) => !accepts, 'can log in'],
    [test.check, ({checks}: Reach) => checks, 'cannot log in with a check'],
  ] as const) {
    for (const at of list) {
      const name = trimmed(at.text)
      const wrong = [...targets].find((node) => {
        const rules = ssh.forNode(node)
        return !addresses.every((address) => isRight(reach(rules, address, name)))
      })
      if (wrong) fail(context, at, `${test.src.text} ${expected} to ${wrong.node.name} as ${name}`)
    }
  }
}

function destinationNodes(resolver: Resolver, selector: Selector, userId: string | null): readonly Node[] {
  if (selector.text === 'autogroup:self') return userId === null ? [] : (resolver.byUser.get(userId) ?? [])
  const set = meaning(resolver, selector)
  return set ? resolver.nodes.filter(({addresses}) => addresses.some((address) => set.contains(address))) : []
}

/** Addresses of nodes, and '' for all others, which no rule has. */
function sourceAddresses(resolver: Resolver, source: IpSet): string[] {
  const own = resolver.nodes.flatMap(({addresses}) => addresses.filter((address) => source.contains(address)))
  const size = source.ranges.reduce((sum, [first, last]) => sum + last - first + 1n, 0n)
  return [...own.map(formatAddress), ...(size > BigInt(new Set(own).size) ? [''] : [])]
}

interface Reach {
  accepts: boolean
  checks: boolean
}

function reach(rules: readonly SshRule[], address: string, name: string): Reach {
  const matching = rules.filter(
    ({principals, sshUsers}) =>
      principals.some((one) => 'nodeIP' in one && one.nodeIP === address) && allows(sshUsers, name),
  )
  return {accepts: matching.length > 0, checks: matching.some(({action}) => action.holdAndDelegate !== undefined)}
}

function allows(users: Readonly<Record<string, string>>, name: string): boolean {
  if (Object.hasOwn(users, name)) return users[name] !== ''
  return name !== 'root' && (users['*'] ?? '') !== ''
}
