/**
 * How the releases of this simulator word what is wrong with a policy: hscontrol/policy/v2/types.go at v0.27.1 and v0.29.2.
 * Only words; what is a mistake is decided in policy.ts.
 */
export interface PolicyWords {
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

/** 0.27 and 0.28. */
export const EARLIER_WORDS: PolicyWords = {
  unknownField: (name) => `unknown field ${quote(name)}`,
  badGroup: (name) => `Group has to start with "group:", got: ${quote(name)}`,
  badTag: (name) => `tag has to start with "tag:", got: ${quote(name)}`,
  badAction: (name) => `invalid action ${quote(name)}, must be "accept"`,
  noSuchTag: (name) => `Tag ${quote(name)} ${REFERENCE}`,
  noSuchGroup: (name) => `Group ${quote(name)} ${REFERENCE}`,
}

/** Since 0.29. */
export const WORDS: PolicyWords = {
  unknownField: (name) => `unknown field: ${quote(name)}`,
  badGroup: (name) => `group must start with 'group:', got: ${quote(name)}`,
  badTag: (name) => `tag must start with 'tag:', got: ${quote(name)}`,
  badAction: (name) => `action=${quote(name)} is not supported: invalid ACL action`,
  noSuchTag: (name, side) => `${side}=tag not found: ${quote(name)}`,
  noSuchGroup: (name) => `group not defined in policy: ${quote(name)}`,
}
