/**
 * Whether SRC may reach DST, by which rules, or what is missing. Nodes and addresses for which the answer is the same are one
 * answer.
 *
 * As clients do it: ICMP passes where any rule leads, whatever its ports; a protocol without ports needs a rule for all ports;
 * answers to a connection need no rule; SSH needs TCP port 22 beside its own rule.
 */
import {HeadscaleError} from '../../errors.ts'
import type {Filter} from '../compile/filter.ts'
import {ownerOf, type Rule, type Target} from '../compile/rule.ts'
import {IpSet} from '../compile/ip-set.ts'
import type {SshRules} from '../compile/ssh.ts'
import type {Node, Resolver} from '../compile/tailnet.ts'
import type {Located} from '../policy.ts'
import type {PortRange} from '../selector.ts'
import {missingRoute, type Reason} from './reasons.ts'
import {namesOf, portsText} from './rows.ts'
import {Space} from './space.ts'
import type {Meaning} from './words.ts'

export interface Question {
  source: Meaning
  destination: Meaning
  protocol: Protocol
  /** Null for any port. */
  port: number | null
  /** A login with Tailscale SSH as this user; null for other connections. */
  sshUser: string | null
  now: Date
}

export interface Protocol {
  /** `tcp`, or the number of one without a name. */
  name: string
  numbers: readonly number[]
  hasPorts: boolean
}

export interface Answer {
  allowed: boolean
  /** Names of nodes, and what is behind them: `10.0.0.9 (router)`. */
  sources: string[]
  destinations: string[]
  /** The rules that allow it, in order. */
  rules: Located[]
  /** Why it is denied; none if it is allowed. */
  reasons: Reason[]
  notes: Note[]
}

/** What else is to know. */
export type Note =
  /** Connections in the other direction are allowed, and answers to them pass. */
  | {code: 'opposite-direction'; rule: Located | null}
  | {code: 'offline'; nodes: string[]}
  | {code: 'one-family'; family: 'IPv4' | 'IPv6'}
  | {code: 'subnet' | 'exit-node'; nodes: string[]}
  | {code: 'ssh-check'}
  | {code: 'same-node'}

export interface Compiled {
  resolver: Resolver
  filter: Filter
  ssh: SshRules
}

/** More pairs are for a list of access. */
const MAX_PAIRS = 20_000

/** A node, or addresses behind one or several nodes. */
interface Item {
  /** Endpoints of the space. */
  indexes: readonly number[]
  isV4: boolean
  isV6: boolean
}

type Verdict = Pick<Answer, 'allowed' | 'rules' | 'reasons' | 'notes'> & {destination: readonly number[]}

/** @throws HeadscaleError (usage) for too many pairs */
export function explain(compiled: Compiled, question: Question): Answer[] {
  const {source, destination} = question
  const space = new Space(compiled.resolver, [compiled.filter], [source.set, destination.set])
  const sources = itemsOf(space, source.set).filter(({indexes}) => !space.endpoints[indexes[0]!]!.isExit)
  const destinations = itemsOf(space, destination.set)
  if (sources.length === 0 || destinations.length === 0) {
    const reasons = [
      ...(sources.length === 0 ? [missingRoute(compiled.resolver, source, 'source')] : []),
      ...(destinations.length === 0 ? [missingRoute(compiled.resolver, destination, 'destination')] : []),
    ]
    return [{...DENIED, sources: [source.text], destinations: [destination.text], reasons}]
  }
  if (sources.length * destinations.length > MAX_PAIRS) {
    throw new HeadscaleError(
      'usage',
      `${sources.length} sources and ${destinations.length} destinations are too many`,
      {
        hint: 'name fewer, or list them with: headscale-ts policy access',
      },
    )
  }
  const judge = new Judge(compiled, space, question)
  const groups = new Map<string, {verdict: Verdict; bySource: Map<Item, number[]>}>()
  for (const from of sources) {
    for (const to of destinations) {
      if (!judge.isPair(from, to, sources.length * destinations.length === 1)) continue
      const verdict = judge.verdict(from, to)
      const key = keyOf(verdict)
      const group = groups.get(key) ?? {verdict, bySource: new Map<Item, number[]>()}
      groups.set(key, group)
      group.bySource.set(from, [...(group.bySource.get(from) ?? []), ...verdict.destination])
    }
  }
  if (groups.size === 0) {
    const reasons: Reason[] = [{code: 'no-pair', rules: []}]
    return [{...DENIED, sources: [source.text], destinations: [destination.text], reasons}]
  }
  return [...groups.values()].flatMap(({verdict, bySource}) => {
    const {allowed, rules, reasons, notes} = verdict
    const byDestinations = Map.groupBy(bySource, ([, indexes]) => indexes.join(','))
    return [...byDestinations.values()].map((members) => ({
      allowed,
      sources: namesOf(
        space,
        members.flatMap(([from]) => from.indexes),
      ),
      destinations: namesOf(space, members[0]![1]),
      rules,
      reasons,
      notes,
    }))
  })
}

const DENIED = {allowed: false, rules: [], notes: []}

/** What is in the set: nodes, and each range behind nodes once, with all nodes it is behind. */
function itemsOf(space: Space, set: IpSet): Item[] {
  const {v4, v6} = space.find(set)
  const [inV4, inV6] = [new Set(v4), new Set(v6)]
  const all = [...new Set([...v4, ...v6])].toSorted((a, b) => a - b)
  const groups = Map.groupBy(all, (index) => {
    const {range} = space.endpoints[index]!
    return range ? `${range[0]}-${range[1]}` : `${index}`
  })
  return [...groups.values()].map((indexes) => ({
    indexes,
    isV4: inV4.has(indexes[0]!),
    isV6: inV6.has(indexes[0]!),
  }))
}

function keyOf({allowed, rules, reasons, notes}: Verdict): string {
  const paths = (list: readonly (Located | null)[]) => list.map((rule) => rule?.path)
  return JSON.stringify([
    allowed,
    paths(rules),
    reasons.map((reason) => ({...reason, rules: reason.rules.map(({rule, opens}) => [rule?.path, opens])})),
    notes.map((note) => ('rule' in note ? [note.code, note.rule?.path] : note)),
  ])
}

/** A rule that concerns a node, with the targets that do. */
interface Kept {
  rule: Rule
  destinations: readonly {targets: readonly Target[]; ports: readonly PortRange[]}[]
}

/** A rule that leads from a source to a destination, and the ports there. */
interface Lead {
  rule: Rule
  ports: readonly PortRange[]
  isV4: boolean
  isV6: boolean
}

class Judge {
  readonly #compiled: Compiled
  readonly #space: Space
  readonly #question: Question
  readonly #kept = new Map<Node, {all: readonly Rule[]; kept: readonly Kept[]}>()
  readonly #members = new Map<IpSet, {v4: ReadonlySet<number>; v6: ReadonlySet<number>}>()

  constructor(compiled: Compiled, space: Space, question: Question) {
    this.#compiled = compiled
    this.#space = space
    this.#question = question
  }

  /** Whether to ask about the two: not a node and itself among others, and only own nodes for autogroup:self. */
  isPair(from: Item, to: Item, isOnly: boolean): boolean {
    const [source, destination] = [this.#endpoint(from), this.#endpoint(to)]
    if (this.#question.destination.isSelf && ownerOf(source.node) !== ownerOf(destination.node)) return false
    return isOnly || source !== destination
  }

  verdict(from: Item, to: Item): Verdict {
    const [source, destination] = [this.#endpoint(from), this.#endpoint(to)]
    const denied = (...reasons: Reason[]): Verdict => {
      return {...DENIED, reasons, destination: to.indexes}
    }
    if (source === destination && source.range === null) {
      const notes: Note[] = [{code: 'same-node'}]
      return {allowed: true, rules: [], reasons: [], notes, destination: to.indexes}
    }
    const expired = [source.node, destination.node].flatMap(({node}) => {
      const expiry = node.state?.expiry ?? null
      return expiry !== null && expiry <= this.#question.now ? [{name: node.name, expiry}] : []
    })
    if (expired.length > 0) return denied({code: 'expired', nodes: expired, rules: []})
    if (!(from.isV4 && to.isV4) && !(from.isV6 && to.isV6)) return denied({code: 'no-common-family', rules: []})
    if (this.#question.sshUser !== null) return this.#sshVerdict(from, to, this.#question.sshUser)
    return this.#packetVerdict(from, to, this.#question)
  }

  #packetVerdict(from: Item, to: Item, {protocol, port}: Pick<Question, 'protocol' | 'port'>): Verdict {
    const open = to.indexes.flatMap((index) => {
      const leads = this.#leads(from, to, index).filter((lead) => isOpen(lead, protocol, port))
      return leads.length > 0 ? [{index, leads}] : []
    })
    if (open.length === 0) {
      const notes = this.#opposite(from, to)
      const reason = this.#unknownRouter(from, to, {protocol, port}) ?? this.#reason(from, to)
      return {...DENIED, reasons: [reason], notes, destination: to.indexes}
    }
    const leads = open.flatMap((one) => one.leads)
    const rules = [...new Set(leads.flatMap(({rule}) => rule.origin ?? []))]
    const destination = open.map(({index}) => index)
    const notes = [...this.#families(from, to, leads), ...this.#through(destination), ...this.#offline(from, to)]
    return {allowed: true, rules, reasons: [], notes, destination}
  }

  #sshVerdict(from: Item, to: Item, user: string): Verdict {
    const [source, destination] = [this.#endpoint(from), this.#endpoint(to)]
    if (source.range !== null || destination.range !== null) {
      return {...DENIED, reasons: [{code: 'ssh-needs-nodes', rules: []}], destination: to.indexes}
    }
    const packets = this.#packetVerdict(from, to, {protocol: TCP, port: 22})
    const {ssh} = this.#compiled
    const leading = ssh.rules.filter(({sources, destinations, toSelf, hasOthers}) => {
      const isIn = (set: IpSet, item: Item) => {
        const {v4, v6} = this.#membersOf(set)
        return item.indexes.some((index) => v4.has(index) || v6.has(index))
      }
      const owner = ownerOf(source.node)
      const isOwn = toSelf && owner !== null && owner === ownerOf(destination.node)
      return isIn(sources, from) && (isOwn || (hasOthers && isIn(destinations, to)))
    })
    const matching = leading.filter(({rule}) => {
      const {root, nonroot, names, localparts} = ssh.loginNames(rule)
      if (user === 'root') return root
      return nonroot || names.includes(user) || localparts.get(ownerOf(source.node) ?? '') === user
    })
    const first = ssh.firstOf(matching)
    if (first === null) {
      const others = leading.map(({rule}) => ({rule, opens: rule.users.map(({text}) => text).join(', ')}))
      const reason: Reason = {
        code: others.length > 0 ? 'other-ssh-users' : 'no-ssh-rule',
        rules: others.slice(0, SHOWN),
      }
      return {...DENIED, reasons: [reason, ...closed(packets)], destination: to.indexes}
    }
    if (!packets.allowed) return {...packets, reasons: closed(packets)}
    const notes: Note[] = ssh.loginNames(first).isCheck ? [{code: 'ssh-check'}, ...packets.notes] : packets.notes
    return {...packets, rules: [first, ...packets.rules], notes}
  }

  /** The rules of the node of an endpoint that lead to it from the source. */
  #leads(from: Item, to: Item, index: number): Lead[] {
    return this.#leadsFrom({...from, indexes: from.indexes.filter((one) => this.#isKnown(one, index))}, to, index)
  }

  /** Whether the nodes of two endpoints know each other, where one is behind its node. */
  #isKnown(one: number, other: number): boolean {
    const [a, b] = [this.#space.endpoints[one]!, this.#space.endpoints[other]!]
    return (a.range === null && b.range === null) || this.#compiled.filter.arePeers(a.node, b.node)
  }

  #unknownRouter(from: Item, to: Item, {protocol, port}: Pick<Question, 'protocol' | 'port'>): Reason | null {
    const closed = to.indexes.flatMap((index) =>
      this.#leadsFrom(from, to, index)
        .filter((lead) => isOpen(lead, protocol, port))
        .map(({rule, ports}) => ({index, rule, ports})),
    )
    if (closed.length === 0) return null
    const all = [...from.indexes, ...closed.map(({index}) => index)].map((index) => this.#space.endpoints[index]!)
    const routers = new Set(all.filter(({range}) => range !== null).map(({node}) => node.node.name))
    const rules = [...new Set(closed.map(({rule}) => rule))]
    const near = rules.map((rule) => ({
      rule: rule.origin,
      opens: opensText(closed.filter((one) => one.rule === rule)),
    }))
    return {code: 'unknown-router', routers: [...routers], rules: near.slice(0, SHOWN)}
  }

  #leadsFrom(from: Item, to: Item, index: number): Lead[] {
    return this.#rulesOf(this.#space.endpoints[index]!.node).kept.flatMap(({rule, destinations}): Lead[] => {
      const sources = this.#membersOf(rule.sources.set)
      const inV4 = from.isV4 && to.isV4 && from.indexes.some((one) => sources.v4.has(one))
      const inV6 = from.isV6 && to.isV6 && from.indexes.some((one) => sources.v6.has(one))
      if (!inV4 && !inV6) return []
      return destinations.flatMap(({targets, ports}): Lead[] => {
        const isV4 = inV4 && targets.some(({set}) => this.#membersOf(set).v4.has(index))
        const isV6 = inV6 && targets.some(({set}) => this.#membersOf(set).v6.has(index))
        return isV4 || isV6 ? [{rule, ports, isV4, isV6}] : []
      })
    })
  }

  #rulesOf(node: Node): {all: readonly Rule[]; kept: readonly Kept[]} {
    const known = this.#kept.get(node)
    if (known) return known
    const all = this.#compiled.filter.rulesFor(node)
    const kept = all.flatMap((rule) => {
      const destinations = rule.destinations.flatMap(({targets, ports}) => {
        const own = targets.filter(({set}) => this.#compiled.filter.concerns(set, node))
        return own.length > 0 ? [{targets: own, ports}] : []
      })
      return destinations.length > 0 ? [{rule, destinations}] : []
    })
    const rules = {all, kept}
    this.#kept.set(node, rules)
    return rules
  }

  #reason(from: Item, to: Item): Reason {
    const near = to.indexes.flatMap((index) => this.#leads(from, to, index))
    if (near.length > 0) {
      const byRule = Map.groupBy(near, ({rule}) => rule.origin)
      const rules = [...byRule].map(([rule, leads]) => ({rule, opens: opensText(leads)}))
      return {code: 'other-ports', rules: rules.slice(0, SHOWN)}
    }
    const all = to.indexes.flatMap((index) => this.#rulesOf(this.#space.endpoints[index]!.node).all)
    const isIn = (set: IpSet, item: Item) => {
      const {v4, v6} = this.#membersOf(set)
      return item.indexes.some((index) => (item.isV4 && v4.has(index)) || (item.isV6 && v6.has(index)))
    }
    if (!all.some(({sources}) => isIn(sources.set, from))) return {code: 'no-rule-from-source', rules: []}
    const isTo = all.some(({destinations}) => destinations.some(({targets}) => targets.some(({set}) => isIn(set, to))))
    return {code: isTo ? 'no-rule-for-both' : 'no-rule-to-destination', rules: []}
  }

  #opposite(from: Item, to: Item): Note[] {
    if (to.indexes.some((index) => this.#space.endpoints[index]!.isExit)) return []
    const [lead] = from.indexes.flatMap((index) => this.#leads(to, from, index))
    return lead ? [{code: 'opposite-direction', rule: lead.rule.origin}] : []
  }

  #families(from: Item, to: Item, leads: readonly Lead[]): Note[] {
    if (!(from.isV4 && to.isV4 && from.isV6 && to.isV6)) return []
    const [isV4, isV6] = [leads.some((lead) => lead.isV4), leads.some((lead) => lead.isV6)]
    return isV4 && isV6 ? [] : [{code: 'one-family', family: isV4 ? 'IPv4' : 'IPv6'}]
  }

  #through(indexes: readonly number[]): Note[] {
    const endpoints = indexes.map((index) => this.#space.endpoints[index]!).filter(({range}) => range !== null)
    if (endpoints.length === 0) return []
    const nodes = endpoints.map(({node}) => node.node.name)
    return [{code: endpoints[0]!.isExit ? 'exit-node' : 'subnet', nodes}]
  }

  #offline(from: Item, to: Item): Note[] {
    const nodes = [...new Set([...from.indexes, ...to.indexes].map((index) => this.#space.endpoints[index]!.node.node))]
    const offline = nodes.filter(({state}) => state?.isOnline === false).map(({name}) => name)
    return offline.length > 0 ? [{code: 'offline', nodes: offline}] : []
  }

  #endpoint({indexes}: Item) {
    return this.#space.endpoints[indexes[0]!]!
  }

  #membersOf(set: IpSet): {v4: ReadonlySet<number>; v6: ReadonlySet<number>} {
    const known = this.#members.get(set)
    if (known) return known
    const {v4, v6} = this.#space.find(set)
    const members = {v4: new Set(v4), v6: new Set(v6)}
    this.#members.set(set, members)
    return members
  }
}

/** Rules that are named for a reason; the others are too many to read. */
const SHOWN = 5

const TCP: Protocol = {name: 'tcp', numbers: [6], hasPorts: true}
/** Of a rule without a protocol. */
const DEFAULT_NUMBERS = [6, 17, 1, 58]
const ICMP = [1, 58]
const NAMES: Readonly<Record<number, string>> = {1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp', 132: 'sctp'}

function isOpen({rule, ports}: Lead, {numbers, hasPorts}: Protocol, port: number | null): boolean {
  if (numbers.some((number) => ICMP.includes(number))) return true
  const allowed = rule.protocols.length === 0 ? DEFAULT_NUMBERS : rule.protocols
  if (!numbers.some((number) => allowed.includes(number))) return false
  if (!hasPorts) {
    return ports.some(({first, last}) => first === 0 && last === 65_535)
  }
  return port === null ? ports.length > 0 : ports.some(({first, last}) => first <= port && port <= last)
}

/** `tcp and udp port 80,443`. */
function opensText(leads: readonly Pick<Lead, 'rule' | 'ports'>[]): string {
  const texts = leads.map(({rule, ports}) => {
    const numbers = rule.protocols.length === 0 ? [6, 17] : rule.protocols
    const names = new Set(numbers.map((number) => NAMES[number] ?? `protocol ${number}`))
    const text = portsText(ports.toSorted((a, b) => b.first - a.first))
    return `${[...names].join(' and ')} ${text === '*' ? 'all ports' : `port ${text}`}`
  })
  return [...new Set(texts)].join(', ')
}

/** Why port 22 is closed. */
function closed({allowed, reasons}: Verdict): Reason[] {
  return allowed ? [] : [{code: 'port-22-closed', rules: []}, ...reasons]
}
