/**
 * A policy text as the servers decode it: HuJSON with lists and maps of the right kind.
 *
 * Names of fields are matched without regard to case, `null` is the same as absent, and so the text `null` is a policy
 * without rules. Names and rules are checked by the simulators, since releases differ in them.
 */
import {parseHuJsonTree, plainValue} from '../../../syntax/json.ts'
import {hujsonFault} from './hujson-fault.ts'

export interface AclRule {
  action: string
  src: string[]
  dst: string[]
}

/** The parts that the simulators use. */
export interface Policy {
  groups: Record<string, unknown>
  hosts: Record<string, unknown>
  tagOwners: Record<string, unknown>
  acls: AclRule[]
  /** Names of all fields, as written. */
  fields: string[]
}

/** The kind of a JSON value, as Go calls it. */
export type Kind = 'null' | 'bool' | 'number' | 'string' | 'array' | 'object'

/** The errors of a release for a text that cannot be decoded. */
export interface DecodeMessages {
  /** The text is HuJSON but not an object. */
  notPolicy(kind: Kind): string
  /** A field of the wrong kind. */
  wrongField(field: 'groups' | 'hosts' | 'tagOwners' | 'acls', kind: Kind): string
  /** A group whose members are not a list; null where that is allowed. */
  wrongGroup(group: string, value: unknown): string | null
  /** A text with too many levels. */
  tooDeep: string
  /** A name that is specified twice in the object; null where the last one counts. */
  duplicate: ((name: string) => string) | null
}

const KINDS = {groups: 'object', hosts: 'object', tagOwners: 'object', acls: 'array'} as const

/**
 * Reads a policy.
 * @returns the policy, or the error of the HuJSON library, or of the release
 */
export function readPolicyText(
  text: string,
  messages: DecodeMessages,
): {policy: Policy} | {syntaxFault: string} | {fault: string} {
  const syntaxFault = hujsonFault(text)
  if (syntaxFault !== null) return {syntaxFault}
  let tree
  try {
    tree = parseHuJsonTree(text, 'policy').root
  } catch {
    // the syntax is valid, so the text is too deep; Go's limit is 10,000
    return {fault: messages.tooDeep}
  }
  const value = plainValue(tree)
  if (value !== null && kindOf(value) !== 'object') return {fault: messages.notPolicy(kindOf(value))}
  const policy: Policy = {groups: {}, hosts: {}, tagOwners: {}, acls: [], fields: []}
  const names = tree.kind === 'map' ? tree.entries.map(({key}) => key.text) : []
  const duplicate = names.find((name, index) => names.indexOf(name) < index)
  if (duplicate !== undefined && messages.duplicate) return {fault: messages.duplicate(duplicate)}
  for (const [name, given] of Object.entries(value ?? {})) {
    policy.fields.push(name)
    const field = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((known) => isSameName(known, name))
    if (field === undefined || given === null) continue
    if (kindOf(given) !== KINDS[field]) return {fault: messages.wrongField(field, kindOf(given))}
    if (field === 'acls') policy.acls = (given as unknown[]).map(toRule)
    else policy[field] = given as Record<string, unknown>
  }
  for (const [group, members] of Object.entries(policy.groups)) {
    const fault = kindOf(members) === 'array' ? null : messages.wrongGroup(group, members)
    if (fault !== null) return {fault}
  }
  return {policy}
}

export function kindOf(value: unknown): Kind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : (typeof value as 'number' | 'string' | 'object')
}

export function isSameName(known: string, given: string): boolean {
  return known.toLowerCase() === given.toLowerCase()
}

function toRule(value: unknown): AclRule {
  const {action, src, dst} = (kindOf(value) === 'object' ? value : {}) as Record<string, unknown>
  const texts = (list: unknown) => (Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [])
  return {action: typeof action === 'string' ? action : '', src: texts(src), dst: texts(dst)}
}
