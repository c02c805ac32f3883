/**
 * Whether a release rejects a policy: the rules of `policy check`, which are compared with real servers. The simulators know
 * the server's own words for common mistakes; for the others the words are those of `policy check`.
 */
import type {Finding} from '../../../diagnostics/finding.ts'
import {checkPolicy} from '../../../policy/check/check-policy.ts'
import type {Policy} from '../../../policy/policy.ts'
import type {Tailnet as PolicyTailnet} from '../../../policy/compile/tailnet.ts'
import {type PolicyRelease, policyRelease} from '../../../policy/releases.ts'
import {policyTailnet} from '../../policy-tailnet.ts'
import type {Tailnet} from '../../tailnet.ts'

export interface Rejection {
  /** When the server notices it: as it reads the text, as it compiles the ACLs, as it compiles the SSH rules of a node. */
  stage: 'reading' | 'compiling' | 'ssh'
  message: string
}

const OF_THE_TEXT: ReadonlySet<string> = new Set([
  'syntax',
  'wrong-type',
  'unknown-key',
  'duplicate-key',
  'empty-policy',
  'invalid-host-address',
])

/** @param release one whose policies are known: 0.23 and later @returns null for a policy that the release accepts */
export function rejectionOf(source: string, release: string, tailnet: Tailnet): Rejection | null {
  const rules = policyRelease(release)
  const found = policyTailnet(tailnet)
  const {findings, policy} = checkPolicy(source, 'policy', rules, found)
  const errors = findings.filter(
    (finding) => finding.severity === 'error' && !(policy && isWithoutEffect(finding, policy, rules, found)),
  )
  const error = errors.find(({code}) => OF_THE_TEXT.has(code)) ?? errors[0]
  return error ? {stage: stageOf(error, rules), message: `line ${error.place.line}: ${error.message}`} : null
}

/** From 0.26 on everything is checked as the text is read, but actions and protocols in 0.26, and up to 0.28 a missing SSH action. */
function stageOf({code, path}: Finding, {engine, typedFields, actionRequired}: PolicyRelease): Rejection['stage'] {
  if (OF_THE_TEXT.has(code)) return 'reading'
  if (engine === 1) return path.startsWith('ssh') ? 'ssh' : 'compiling'
  if (code === 'invalid-action' && typedFields && actionRequired && /^ssh\[\d+\]$/.test(path)) return 'ssh'
  const isOfRule = code === 'invalid-protocol' || (code === 'invalid-action' && path.startsWith('acls'))
  return isOfRule && !typedFields ? 'compiling' : 'reading'
}

/** SSH rules are compiled for the first node: their destinations always, the rest where the node is one of them. */
function isWithoutEffect(
  finding: Finding,
  {ssh, hosts, groups}: Policy,
  rules: PolicyRelease,
  {users, nodes}: PolicyTailnet,
): boolean {
  const {path} = finding
  const rule = stageOf(finding, rules) === 'ssh' ? ssh.find((one) => path.startsWith(one.path)) : undefined
  if (!rule) return false
  const [first] = nodes
  if (!first) return true
  if (path.startsWith(`${rule.path}.dst`)) return false
  const owner = users.find(({id}) => id === first.userId)?.name
  const isOwner = (name: string) => owner !== undefined && (name === owner || name === `${owner}@`)
  return !rule.dst.some(
    ({text}) =>
      text === '*' ||
      (first.tags.length === 0 && isOwner(text)) ||
      first.tags.includes(text) ||
      first.addresses.includes(hosts.find(({name}) => name.text === text)?.address.text ?? text) ||
      ((rules.engine === 1 || first.tags.length === 0) &&
        groups.some(({name, items}) => name.text === text && items.some((member) => isOwner(member.text)))),
  )
}
