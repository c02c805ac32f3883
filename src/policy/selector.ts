/** Selectors (who), destinations (who and which ports), protocols and ports, as a release reads them. Pure text work. */
import {isIP, isIPv6} from 'node:net'
import type {Text} from './policy.ts'
import type {PolicyRelease} from './releases.ts'

/** `name` is a user or a host to the engine up to 0.25; `unknown` is none of the kinds. */
export type SelectorKind = 'any' | 'user' | 'group' | 'tag' | 'autogroup' | 'host' | 'prefix' | 'name' | 'unknown'

export interface Selector {
  kind: SelectorKind
  /** Without the blanks that the release removes. */
  text: string
}

export interface PortRange {
  first: number
  last: number
}

/** Ports as numbers, or why they are none. */
export type Ports = {ranges: PortRange[]; isAny: boolean} | {problem: string}

const ALL_PORTS = {ranges: [{first: 0, last: 65_535}], isAny: true}

/** Go's white space, as strings.TrimSpace removes it. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g')

export function trimmed(text: string): string {
  return /^[!-~]*$/.test(text) ? text : text.replaceAll(AROUND, '')
}

/** @param options.trim whether the field removes blanks, on a release that does */
export function parseSelector(raw: string, rules: PolicyRelease, {trim = true} = {}): Selector {
  const text = trim && rules.trims ? trimmed(raw) : raw
  return {kind: kindOfSelector(text, rules), text}
}

function kindOfSelector(text: string, {engine}: PolicyRelease): SelectorKind {
  if (text === '*') return 'any'
  if (engine === 1) {
    if (text.startsWith('group:')) return 'group'
    if (text.startsWith('tag:')) return 'tag'
    if (text.startsWith('autogroup:')) return 'autogroup'
    return isPrefix(text) ? 'prefix' : 'name'
  }
  if (isPrefix(text)) return 'prefix'
  if (text.includes('@')) return 'user'
  if (text.startsWith('group:')) return 'group'
  if (text.startsWith('tag:')) return 'tag'
  if (text.startsWith('autogroup:')) return 'autogroup'
  return text.includes(':') ? 'unknown' : 'host'
}

/** An address, or a prefix, as Go's netip reads it. */
export function isPrefix(text: string): boolean {
  return text.includes('/') ? prefixBits(text) !== null : isIP(text) !== 0
}

/** The length of a prefix; of an address the length of a single address; null for other texts. */
export function prefixBits(text: string): {bits: number; size: 32 | 128} | null {
  const slash = text.lastIndexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const family = isIP(address)
  if (family === 0) return null
  const size = family === 4 ? 32 : 128
  if (slash === -1) return {bits: size, size}
  const digits = text.slice(slash + 1)
  if (address.includes('%') || !/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > size) return null
  return {bits: Number(digits), size}
}

/** A destination: a selector and its ports. `ports` is null where the release takes a destination without them. */
export type Destination = {selector: Selector; portText: string; ports: Ports | null} | {problem: string}

export function parseDestination(raw: string, rules: PolicyRelease, {needsAnyPort = false} = {}): Destination {
  const split = rules.engine === 1 ? splitByTokens(raw, rules) : splitAtLastColon(raw, rules)
  if ('problem' in split) return split
  const selector = parseSelector(split.who, rules, {trim: false})
  if (split.ports === null) return {selector, portText: '', ports: null}
  const ports = rules.engine === 1 ? parsePortsV1(split.ports, needsAnyPort) : parsePorts(split.ports, rules)
  return {selector, portText: split.ports, ports}
}

const destinations = new WeakMap<PolicyRelease, WeakMap<Text, Destination>>()

/** parseDestination for a text of a policy, once: its check, its names and its compiler all need it. */
export function destinationOf(item: Text, rules: PolicyRelease): Destination {
  const known = destinations.get(rules) ?? new WeakMap<Text, Destination>()
  destinations.set(rules, known)
  const destination = known.get(item) ?? parseDestination(item.text, rules)
  known.set(item, destination)
  return destination
}

function splitAtLastColon(raw: string, rules: PolicyRelease): {who: string; ports: string | null} | {problem: string} {
  let text = raw
  if (!text.includes(':')) return rules.strictPorts ? {problem: 'it has no port'} : {who: text, ports: null}
  if (rules.bracketedIpv6 && text.startsWith('[')) {
    const end = text.indexOf(']')
    const address = text.slice(1, Math.max(end, 1))
    const rest = text.slice(end + 1)
    if (end === -1 || !isIPv6(address) || !/^[:/]/.test(rest)) {
      return {problem: 'square brackets can only be around an IPv6 address'}
    }
    text = address + rest
  }
  const colon = text.lastIndexOf(':')
  if (colon === -1) return {problem: 'it has no port'}
  if (colon === 0) return {problem: 'there is nothing before the colon'}
  if (colon === text.length - 1) return {problem: 'there is no port after the colon'}
  return {who: text.slice(0, colon), ports: text.slice(colon + 1)}
}

/** Up to 0.25: two or three parts, or since 0.22 an IPv6 address before the last colon. */
function splitByTokens(
  raw: string,
  {ipv6Destinations}: PolicyRelease,
): {who: string; ports: string} | {problem: string} {
  const parts = raw.split(':')
  const last = parts.at(-1) ?? ''
  if (parts.length === 2 || parts.length === 3) return {who: parts.slice(0, -1).join(':'), ports: last}
  const who = parts.length === 1 ? raw : raw.slice(0, -last.length - 1)
  const address = ipv6Destinations === 'prefix' && who.includes('/') ? who.slice(0, who.indexOf('/')) : who
  return isIP(address) === 0 || (ipv6Destinations === 'none' && parts.length > 1)
    ? {problem: parts.length === 1 ? 'it has no port' : 'it is not ADDRESS:PORT'}
    : {who, ports: last}
}

/** Ports since 0.26: `*`, `80`, `80,443`, `8000-8080`. */
export function parsePorts(text: string, rules: PolicyRelease): Ports {
  if (text === '*') return ALL_PORTS
  const ranges: PortRange[] = []
  for (const part of text.split(',')) {
    const ends = part.includes('-') ? part.split('-').filter((end) => end !== '') : [part]
    if (part.includes('-') && ends.length !== 2) return {problem: `"${part}" is not a range`}
    const [first, last = first] = ends.map(portNumber)
    if (first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last)) {
      return {problem: `"${part}" is not a port`}
    }
    if (first > 65_535 || last > 65_535) return {problem: `"${part}" is more than 65535`}
    if (first > last) return {problem: `the range "${part}" ends before it starts`}
    if (rules.strictPorts && !part.includes('-') && first < 1) return {problem: 'port 0 does not exist'}
    ranges.push({first, last})
  }
  return {ranges, isAny: false}
}

/** Ports up to 0.25. */
function parsePortsV1(text: string, needsAny: boolean): Ports {
  if (text === '*') return ALL_PORTS
  if (needsAny) return {problem: 'the protocol has no ports'}
  const ranges: PortRange[] = []
  for (const part of text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2) return {problem: `"${part}" is not a range`}
    if (!ends.every((end) => /^\d+$/.test(end) && Number(end) <= 65_535)) return {problem: `"${part}" is not a port`}
    ranges.push({first: Number(ends[0]), last: Number(ends.at(-1))})
  }
  return {ranges, isAny: false}
}

/** As Go's Atoi: a sign is allowed. */
function portNumber(text: string): number {
  return /^\+?\d+$/.test(text) ? Number(text) : Number.NaN
}

/** The numbers of protocols that have names. */
const NAMED_NUMBERS = [1, 2, 4, 6, 8, 9, 17, 47, 50, 51, 58, 132, 133]

const WITH_PORTS = ['tcp', 'udp', 'sctp']

/** Why a text is not a protocol; null if it is. */
export function protocolProblem(raw: string, rules: PolicyRelease): string | null {
  const text = rules.looseProtocols ? raw : raw.toLowerCase()
  if (text === '' || rules.protocols.includes(text)) return null
  if (rules.looseProtocols) return /^[+-]?\d{1,18}$/.test(text) ? null : `unknown protocol "${raw}"`
  if (text === '*') return 'the protocol "*" does not exist'
  if (rules.numbersAreNames && /^\+?\d{1,9}$/.test(text) && NAMED_NUMBERS.includes(Number(text))) return null
  if (/^0./.test(text) || text === '0') return `the protocol number "${raw}" starts with 0`
  if (!/^[+-]?\d{1,18}$/.test(text)) return `unknown protocol "${raw}"`
  return Number(text) < 0 || Number(text) > 255 ? `the protocol number ${raw} is not between 1 and 255` : null
}

/** Whether rules of this protocol can name ports. */
export function hasPorts(raw: string, rules: PolicyRelease): boolean {
  const text = rules.looseProtocols ? raw : raw.toLowerCase()
  if (text === '' || WITH_PORTS.includes(text)) return true
  if (rules.numbersAreNames) return [6, 17, 132].includes(Number(text))
  return rules.engine === 1 && ['6', '17', '132'].includes(text)
}
