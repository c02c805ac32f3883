/** The SSH rules of each node, as headscale 0.29 and later compile them; those of earlier releases are in old-ssh.ts. */
import type {Policy, Ssh} from '../policy.ts'
import {trimmed} from '../selector.ts'
import {IpSet} from './ip-set.ts'
import {namedSshRules} from './named-ssh.ts'
import {oldLoginNames, oldSshRules} from './old-ssh.ts'
import type {Action, CompiledSsh, LoginNames, SshRule} from './ssh-rule.ts'
import type {Node, Resolver, TailnetUser} from './tailnet.ts'

const ACCEPT: Action = {
  accept: true,
  allowAgentForwarding: true,
  allowLocalPortForwarding: true,
  allowRemotePortForwarding: true,
}

/** Where a client asks whether a session is allowed, below the URL of the server. */
const CHECK_PATH = '/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER'

/** The nodes that are sources of a rule: addresses of each user in the order of their ids, and of nodes with tags. */
interface Sources {
  byUser: ReadonlyMap<string, readonly string[]>
  tagged: readonly string[]
}

/** The SSH rules of a policy, for any number of nodes. */
export class SshRules {
  /** In the order of the policy. Where different nodes have different sources, a rule is there several times. */
  readonly rules: readonly CompiledSsh[]
  readonly #resolver: Resolver
  readonly #serverUrl: string
  readonly #sources = new Map<CompiledSsh, Sources>()

  /** @param serverUrl the URL of the server, for rules with the action check */
  constructor(policy: Policy | null, resolver: Resolver, serverUrl: string) {
    this.#resolver = resolver
    this.#serverUrl = serverUrl
    this.rules = (policy?.ssh ?? []).flatMap((rule): CompiledSsh[] => {
      if (resolver.rules.sshSources !== 'addresses') return namedSshRules(rule, resolver)
      const others = rule.dst.map(({text}) => resolver.parse(text)).filter(({text}) => text !== 'autogroup:self')
      const compiled = {
        rule,
        sources: new IpSet(rule.src.flatMap(({text}) => resolver.resolve(resolver.parse(text))?.ranges ?? [])),
        destinations: new IpSet(others.flatMap((selector) => resolver.resolve(selector)?.ranges ?? [])),
        toSelf: others.length < rule.dst.length,
        hasOthers: others.length > 0,
        principals: null,
      }
      return [compiled]
    })
  }

  /** Checks come before what is accepted at once. */
  forNode(node: Node): SshRule[] {
    if (this.#resolver.rules.sshNames !== 'with-root') return oldSshRules(this.rules, node, this.#resolver)
    const rules = this.rules.flatMap((compiled) => {
      const {rule, toSelf, hasOthers} = compiled
      if (compiled.sources.isEmpty) return []
      const sources = this.#sourcesOf(compiled)
      const make = this.#maker(rule)
      const own = node.isTagged || node.node.userId === null ? [] : (sources.byUser.get(node.node.userId) ?? [])
      const self = toSelf && own.length > 0 ? make(own, node.node.userId) : []
      return [...self, ...(hasOthers ? this.#otherRules(compiled, sources, node, own, make) : [])]
    })
    const isCheck = ({action}: SshRule) => action.holdAndDelegate !== undefined
    return [...rules.filter(isCheck), ...rules.filter((rule) => !isCheck(rule))]
  }

  #otherRules(
    {rule, destinations, ...compiled}: CompiledSsh,
    sources: Sources,
    node: Node,
    own: readonly string[],
    make: (addresses: readonly string[], userId: string | null) => SshRule[],
  ): SshRule[] {
    const hasLocalparts = rule.users.some(({text}) => localpartDomain(text) !== null)
    if (node.addresses.some((address) => destinations.contains(address))) {
      const {byUser, tagged} = sources
      if (!hasLocalparts) {
        const all = [...[...byUser.values()].flat(), ...tagged]
        return all.length > 0 ? make(all, null) : []
      }
      const ofUsers = [...byUser].flatMap(([userId, addresses]) => make(addresses, userId))
      return [...ofUsers, ...(tagged.length > 0 ? make(tagged, null) : [])]
    }
    // A node that is a source and no destination gets the rules about itself.
    if (!hasLocalparts || !node.addresses.some((address) => compiled.sources.contains(address))) return []
    if (node.isTagged) return make(new IpSet(node.ranges).addresses, null)
    return own.length > 0 ? make(own, node.node.userId) : []
  }

  /** Makes the rule for some sources, and a second one if their user has a local part. */
  #maker(rule: Ssh): (addresses: readonly string[], userId: string | null) => SshRule[] {
    const {root, nonroot, names, localparts, isCheck} = this.loginNames(rule)
    const sshUsers = sorted({
      ...(nonroot && {'*': '='}),
      root: root ? 'root' : '',
      ...Object.fromEntries(names.map((name) => [name, name])),
    })
    const action: Action = isCheck ? {holdAndDelegate: this.#serverUrl + CHECK_PATH} : ACCEPT
    const acceptEnv = rule.acceptEnv.map(({text}) => text)
    return (addresses, userId) => {
      const principals = addresses.map((nodeIP) => ({nodeIP}))
      const rest = {action, ...(acceptEnv.length > 0 && {acceptEnv})}
      const local = userId === null ? undefined : localparts.get(userId)
      const common = {principals, sshUsers, ...rest}
      return local === undefined ? [common] : [common, {principals, sshUsers: {[local]: local}, ...rest}]
    }
  }

  /** The rule that decides, of those that match, in their order. */
  firstOf(matching: readonly CompiledSsh[]): Ssh | null {
    const found = matching.find(({rule}) => this.loginNames(rule).isCheck) ?? matching[0]
    return found?.rule ?? null
  }

  loginNames(rule: Ssh): LoginNames {
    const {users, action} = rule
    if (this.#resolver.rules.sshNames !== 'with-root') return oldLoginNames(rule, this.#resolver.rules)
    const all = users.map(({text}) => trimmed(text))
    return {
      root: all.includes('root'),
      nonroot: all.includes('autogroup:nonroot'),
      names: all.filter((name) => name !== 'root' && name !== 'autogroup:nonroot' && localpartDomain(name) === null),
      localparts: localpartsOf(all, this.#resolver.users),
      isCheck: trimmed(action?.text ?? '') === 'check',
    }
  }

  #sourcesOf(compiled: CompiledSsh): Sources {
    const known = this.#sources.get(compiled) ?? this.#findSources(compiled)
    this.#sources.set(compiled, known)
    return known
  }

  #findSources({sources}: CompiledSsh): Sources {
    const resolver = this.#resolver
    const matching = resolver.nodes.filter(({addresses}) => addresses.some((address) => sources.contains(address)))
    const byUser = new Map<string, string[]>()
    const ids = [...resolver.byUser.keys()].toSorted((a, b) => Number(a) - Number(b))
    for (const id of ids) {
      const own = matching.filter(({isTagged, node}) => !isTagged && node.userId === id)
      if (own.length > 0) byUser.set(id, new IpSet(own.flatMap(({ranges}) => ranges)).addresses)
    }
    // A node with several tags is there once for each, as headscale lists it.
    const tagged = matching.flatMap(({isTagged, node}) => (isTagged ? node.tags.flatMap(() => node.addresses) : []))
    return {byUser, tagged}
  }
}

/** The domain of `localpart:*@DOMAIN`; null for other names. */
function localpartDomain(text: string): string | null {
  return /^localpart:\*@([^@]+)$/.exec(text)?.[1] ?? null
}

/** What stands before the "@" of each user's address, of users in one of the domains. */
function localpartsOf(users: readonly string[], all: readonly TailnetUser[]): ReadonlyMap<string, string> {
  const domains = users.flatMap((name) => localpartDomain(name)?.toLowerCase() ?? [])
  return new Map(
    all.flatMap(({id, email}) => {
      const at = email.lastIndexOf('@')
      return at >= 0 && domains.includes(email.slice(at + 1).toLowerCase()) ? [[id, email.slice(0, at)] as const] : []
    }),
  )
}

function sorted(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
