/**
 * Checks of a policy before it is sent: whether it is an object at all, and whether missing rules make it allow every
 * connection. A misspelled key in `jq .plicy | policy set -f -` gives the text `null`; headscale 0.27 and later store
 * it, and then allow every connection.
 *
 * The server checks everything else; its messages give the position of a syntax error.
 */
import type {ServerFacts} from '../../api/control-api.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {parseHuJson} from '../../syntax/json.ts'

/** A policy to send, and the warnings about it. */
export interface PolicyText {
  text: string
  warnings: string[]
}

/**
 * @param allowEmpty accept an empty policy; a text of only blanks and comments is then sent as the empty text, the form
 * that servers expect
 * @throws HeadscaleError (usage) for an empty policy, (invalid-input) for one that is not an object
 */
export function readPolicyText(
  text: string,
  {allowEmpty, server: {capabilities}}: {allowEmpty: boolean; server: ServerFacts},
): PolicyText {
  const blank = isBlankPolicy(text)
  const value = blank ? null : parse(text)
  if (value === undefined) return {text, warnings: []}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new HeadscaleError('invalid-input', `invalid policy: expected an object, got ${kindOf(value)}`, {
      hint: 'a policy looks like {"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}',
    })
  }
  if (value === null || Object.keys(value).length === 0) {
    if (!allowEmpty) throw empty(blank ? '' : value === null ? ' (null)' : ' ({})')
    return {text: blank ? '' : text, warnings: []}
  }
  const rules = capabilities.policyGrants ? ['acls', 'grants'] : ['acls']
  if (!capabilities.policyWithoutRulesAllowsAll || hasAny(value, rules)) return {text, warnings: []}
  return {
    text,
    warnings: [
      `this policy has no ${rules.map((name) => `"${name}"`).join(' and no ')}, so every node can reach every other; ` +
        'to allow nothing, write "acls": []',
    ],
  }
}

/** Whether two policies are the same text; `policy get` prints a line feed at the end, whether it is stored or not. */
export function isSameText(one: string, other: string): boolean {
  return one === other || `${one}\n` === other || one === `${other}\n`
}

/** Whether a text has only blanks and comments, which servers read as no policy. */
export function isBlankPolicy(text: string): boolean {
  return parse(`${text}\nnull`) === null
}

/** @returns undefined for a text that is not HuJSON */
function parse(text: string): unknown {
  try {
    return parseHuJson(text)
  } catch {
    return undefined
  }
}

/** The server ignores the case of field names, and reads a null field as a missing one. */
function hasAny(policy: object, names: readonly string[]): boolean {
  return Object.entries(policy).some(([name, rules]) => names.includes(name.toLowerCase()) && rules !== null)
}

function empty(what: string): HeadscaleError {
  return usageError(
    `the policy is empty${what}`,
    'without a policy every node can reach every other; to accept that, add --allow-empty',
  )
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
