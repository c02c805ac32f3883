/**
 * What SRC and DST mean on a command line: a node, a user, a group, a tag, an autogroup, a host of the policy, an address or a
 * prefix. A node is meant before a host with the same address; a word that means two things is an error.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {INTERNET, IpSet, rangeOf} from '../compile/ip-set.ts'
import type {Node, Resolver} from '../compile/tailnet.ts'
import type {Policy} from '../policy.ts'
import {isPrefix} from '../selector.ts'

export interface Meaning {
  /** As on the command line, without a port. */
  text: string
  set: IpSet
  /** Whether the nodes of a user are meant, each from its own ones: `autogroup:self`. */
  isSelf: boolean
}

export interface Port {
  /** Null if the word has none. */
  port: number | null
  text: string
}

export const INTERNET_WORDS: ReadonlySet<string> = new Set(['internet', 'autogroup:internet'])

/** Takes the port from `web:22`, `[fd7a::1]:22`, `tag:web:22`, `10.0.0.9:443`. @throws HeadscaleError (usage) */
export function splitPort(word: string): Port {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(word)
  if (bracketed) {
    const [, text = '', port] = bracketed
    return {text, port: port === undefined ? null : portOf(port, word)}
  }
  if (isPrefix(word)) return {text: word, port: null}
  const colon = word.lastIndexOf(':')
  const rest = word.slice(colon + 1)
  if (colon <= 0 || !/^(?:\d+|\*|)$/.test(rest)) return {text: word, port: null}
  return {text: word.slice(0, colon), port: rest === '*' ? null : portOf(rest, word)}
}

function portOf(text: string, word: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw invalidPort(word)
}

/**
 * @param what `SRC` or `DST`, for messages
 * @throws HeadscaleError (not-found), (ambiguous), or (usage) for what cannot be a source
 */
export function meaningOf(
  word: string,
  {resolver, policy, what}: {resolver: Resolver; policy: Policy | null; what: 'SRC' | 'DST'},
): Meaning {
  const made = (set: IpSet | null): Meaning => ({text: word, set: set ?? new IpSet([]), isSelf: false})
  if (INTERNET_WORDS.has(word)) {
    if (what === 'SRC') throw usageError('the internet cannot be SRC', 'nothing comes in through an exit node')
    return made(INTERNET)
  }
  if (word === 'autogroup:self') {
    if (what === 'SRC') throw usageError('autogroup:self cannot be SRC', 'name a user, such as anna@')
    return {...made(nodeSet(resolver.nodes.filter(({isTagged}) => !isTagged))), isSelf: true}
  }
  if (word === '*') return made(nodeSet(resolver.nodes))
  if (isPrefix(word)) return made(new IpSet([rangeOf(word)]))
  const found = candidates(word, resolver, policy)
  if (found.length === 0) throw withPort(word, what, resolver, policy) ?? notFound(word, resolver, policy)
  const [first, ...others] = found
  if (others.some(({set}) => !(set.isIn(first!.set) && first!.set.isIn(set)))) {
    throw new HeadscaleError('ambiguous', `${what} ${quoted(word)} is ${found.map(({kind}) => kind).join(' and ')}`, {
      hint: `write ${found.map(({exact}) => exact).join(' or ')}`,
    })
  }
  return made(first!.set)
}

interface Candidate {
  /** `a node`. */
  kind: string
  /** A word that means nothing else. */
  exact: string
  set: IpSet
}

function candidates(word: string, resolver: Resolver, policy: Policy | null): Candidate[] {
  const named = word.startsWith('name:') ? word.slice('name:'.length) : word
  const nodes = resolver.nodes.filter(({node}) => node.name === named)
  const found: Candidate[] = nodes.length > 0 ? [{kind: 'a node', exact: `name:${named}`, set: nodeSet(nodes)}] : []
  if (named !== word) return found
  const host = policy?.hosts.find(({name}) => name.text === word)
  if (host) {
    found.push({kind: 'a host', exact: host.address.text, set: new IpSet([resolver.hostRange(word)!])})
  }
  const byKind = kindOf(word)
  if (byKind === 'autogroup') {
    const set = resolver.resolve({kind: 'autogroup', text: word})
    return set ? [{kind: 'an autogroup', exact: word, set}] : []
  }
  if (byKind === 'tag') {
    const isKnown = resolver.hasTag(word) || policy?.tagOwners.some(({name}) => name.text === word)
    return isKnown ? [{kind: 'a tag', exact: word, set: nodeSet(resolver.taggedNodes(word))}] : []
  }
  if (byKind === 'group') {
    const set = policy?.groups.some(({name}) => name.text === word)
      ? resolver.resolve({kind: 'group', text: word})
      : null
    return set ? [{kind: 'a group', exact: word, set}] : []
  }
  const user = resolver.user(word.replace(/@$/, ''))
  if (user) {
    const own = nodeSet(resolver.byUser.get(user.id) ?? [])
    found.push({kind: 'a user', exact: word.includes('@') ? word : `${word}@`, set: own})
  }
  return found
}

function kindOf(word: string): string | null {
  return /^(autogroup|group|tag):/.exec(word)?.[1] ?? null
}

function nodeSet(nodes: readonly Node[]): IpSet {
  return new IpSet(nodes.flatMap(({ranges}) => ranges))
}

/** The error for a name with something behind it that is not a port, or that cannot have one; null for another word. */
function withPort(word: string, what: 'SRC' | 'DST', resolver: Resolver, policy: Policy | null) {
  const name = /^(.+):[^:]+$/.exec(word)?.[1]
  if (name === undefined || candidates(name, resolver, policy).length === 0) return null
  return what === 'DST'
    ? invalidPort(word)
    : usageError(
        `SRC ${quoted(word)} has a port`,
        `a port belongs to DST: headscale-ts policy explain ${name} DST:PORT`,
      )
}

function invalidPort(word: string): HeadscaleError {
  return usageError(`invalid port in ${quoted(word)}`, 'expected DST:PORT with a number from 1 to 65535')
}

/** As it can be given. */
function userWord({name, email}: {name: string; email: string}): string {
  const word = name || email
  return word.includes('@') ? word : `${word}@`
}

/** Names that are listed in a hint. */
const LISTED = 20

function notFound(word: string, resolver: Resolver, policy: Policy | null): HeadscaleError {
  const kind = kindOf(word)
  const known =
    kind === 'group'
      ? {what: 'groups', names: policy?.groups.map(({name}) => name.text) ?? []}
      : kind === 'tag'
        ? {what: 'tags', names: policy?.tagOwners.map(({name}) => name.text) ?? []}
        : word.includes('@')
          ? {what: 'users', names: resolver.users.map(userWord)}
          : {what: 'nodes', names: resolver.nodes.map(({node}) => node.name)}
  const names = known.names.slice(0, LISTED).join(', ')
  const rest = known.names.length > LISTED ? `, and ${known.names.length - LISTED} more` : ''
  return new HeadscaleError(
    'not-found',
    kind ? `there is no ${kind} ${quoted(word)}` : `no node, user, host or address ${quoted(word)}`,
    {hint: names === '' ? `there are no ${known.what}` : `${known.what}: ${names}${rest}`},
  )
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
