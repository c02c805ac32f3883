/** What changes when one policy replaces another: the text, and the access of the nodes of a tailnet. */
import {type AccessChange, compareAccess} from '../../policy/access/access.ts'
import {checkPolicy} from '../../policy/check/check-policy.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import type {Policy} from '../../policy/policy.ts'
import {knowsPolicyRelease, type PolicyRelease, policyRelease} from '../../policy/releases.ts'

export interface NamedText {
  name: string
  /** Null for no policy, with which every node can reach every other. */
  text: string | null
}

/** The change of access, or why it is not known. */
export type ComparedAccess = AccessChange | {unknown: string}

/** @param release one that the user names is checked before */
export function compareForTailnet(from: NamedText, to: NamedText, tailnet: Tailnet, release: string): ComparedAccess {
  if (!knowsPolicyRelease(release)) return {unknown: `the policy rules of headscale ${release} are not known`}
  const rules = policyRelease(release)
  if (rules.compiler === null) {
    return {unknown: `what headscale ${rules.release} allows by a policy is not known, only for 0.23 and later`}
  }
  const policies = [from, to].map((named) => readPolicy(named, rules, tailnet))
  const invalid = [from, to].find((_, index) => policies[index] === undefined)
  if (invalid) return {unknown: `${invalid.name} has errors for headscale ${rules.release} (policy check)`}
  return compareAccess(policies[0] ?? null, policies[1] ?? null, tailnet, rules)
}

/** @returns null for no policy, undefined for one with errors */
function readPolicy({name, text}: NamedText, rules: PolicyRelease, tailnet: Tailnet): Policy | null | undefined {
  if (text === null) return null
  const {policy, findings} = checkPolicy(text, name, rules, rules.engine === 1 ? tailnet : null)
  return findings.some(({severity}) => severity === 'error') ? undefined : policy
}
