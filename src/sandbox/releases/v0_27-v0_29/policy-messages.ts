/**
 * The errors of the releases of this simulator for policies: hscontrol/policy/v2/types.go at v0.27.1, v0.28.0
 * and v0.29.3. Only texts; policy.ts finds the mistakes.
 */
import {kindOf, type DecodeMessages, type Kind} from '../shared/policy-text.ts'

export interface PolicyMessages extends DecodeMessages {
  unknownField(name: string): string
  badGroup(name: string): string
  badTag(name: string): string
  badAction(name: string): string
  /** @param side where the tag is used */
  noSuchTag(name: string, side: 'src' | 'dst'): string
  noSuchGroup(name: string): string
}

const quote = (text: string) => JSON.stringify(text)
const REFERENCE = 'is not defined in the Policy, please define or remove the reference to it'
const TYPES = {
  groups: 'map[string]interface {}',
  hosts: 'map[string]string',
  tagOwners: 'v2.TagOwners',
  acls: '[]v2.ACL',
}

/** The value of a group that is not a list: a string is quoted, anything else is named by its Go type. */
function goType(value: unknown): string {
  if (typeof value === 'string') return `string: ${quote(value)}`
  const types = {
    null: '<nil>',
    number: 'float64',
    bool: 'bool',
    object: 'map[string]interface {}',
    array: '[]interface {}',
  }
  return types[kindOf(value) as keyof typeof types]
}

/** JSON kinds as the second version of Go's JSON library calls them. */
function jsonKind(kind: Kind): string {
  return `JSON ${kind === 'bool' ? 'boolean' : kind}`
}

/** Of 0.27 and 0.28. */
export const MESSAGES_0_27: PolicyMessages = {
  notPolicy: (kind) => `json: cannot unmarshal ${jsonKind(kind)} into Go v2.Policy`,
  wrongField: (field, kind) => `json: cannot unmarshal ${jsonKind(kind)} into Go ${TYPES[field]} within "/${field}"`,
  wrongGroup: (group, value) =>
    'json: cannot unmarshal JSON object into Go v2.Groups within "/groups": ' +
    `Group ${quote(group)} value must be an array of users, got ${goType(value)}`,
  tooDeep: 'jsontext: exceeded max depth',
  duplicate: (name) => `jsontext: duplicate object member name ${quote(name)}`,
  unknownField: (name) => `unknown field ${quote(name)}`,
  badGroup: (name) => `Group has to start with "group:", got: ${quote(name)}`,
  badTag: (name) => `tag has to start with "tag:", got: ${quote(name)}`,
  badAction: (name) => `invalid action ${quote(name)}, must be "accept"`,
  noSuchTag: (name) => `Tag ${quote(name)} ${REFERENCE}`,
  noSuchGroup: (name) => `Group ${quote(name)} ${REFERENCE}`,
}

/** Since 0.29. */
export const MESSAGES_0_29: PolicyMessages = {
  ...MESSAGES_0_27,
  wrongGroup: (group, value) =>
    'json: cannot unmarshal JSON object into Go v2.Groups within "/groups": ' +
    `group value must be an array of users: group ${quote(group)} got ${goType(value)}`,
  unknownField: (name) => `unknown field: ${quote(name)}`,
  badGroup: (name) => `group must start with 'group:', got: ${quote(name)}`,
  badTag: (name) => `tag must start with 'tag:', got: ${quote(name)}`,
  badAction: (name) => `action=${quote(name)} is not supported: invalid ACL action`,
  noSuchTag: (name, side) => `${side}=tag not found: ${quote(name)}`,
  noSuchGroup: (name) => `group not defined in policy: ${quote(name)}`,
}
