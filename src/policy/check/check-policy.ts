/**
 * Checks a policy for one headscale release, offline: what the server rejects (errors), and what it ignores or what cannot have
 * the effect that its author wanted (warnings). With a tailnet also what depends on it: whether users exist, and whether `tests` and
 * `sshTests` succeed.
 */
import {type Finding, Findings, sortFindings} from '../../diagnostics/finding.ts'
import {parseHuJsonTree} from '../../syntax/json.ts'
import {Places, SyntaxProblem} from '../../syntax/tree.ts'
import type {Place, Tree} from '../../syntax/tree.ts'
import {Resolver, type Tailnet} from '../compile/tailnet.ts'
import type {Policy} from '../policy.ts'
import {decodePolicy, rejects} from '../read/decode.ts'
import type {PolicyRelease} from '../releases.ts'
import {checkAcl, checkGrant, checkNodeAttr} from './access-rules.ts'
import {checkDefinitions} from './definitions.ts'
import {Context} from './names.ts'
import {checkOldRules} from './old-rules.ts'
import {checkSsh} from './ssh-rules.ts'
import {checkNames, runTests} from './tailnet-rules.ts'
import {checkSshTest, checkTest} from './test-rules.ts'

export interface CheckedPolicy {
  findings: Finding[]
  /** Null for a text that cannot be read. */
  policy: Policy | null
}

/** Reads YAML: parseYamlPolicy, which is slow to load. @throws SyntaxProblem */
export type ReadYaml = (text: string, file: string) => Tree

/** Whether a release reads a file as YAML, by its name; then checkPolicy needs a reader. */
export function isYamlPolicy(file: string, {readsYaml}: PolicyRelease): boolean {
  return readsYaml && YAML_NAME.test(file)
}

const YAML_NAME = /\.ya?ml$/

/**
 * @param text with its byte order mark, if it has one
 * @param file its name, for the positions
 * @param tailnet the users and nodes; without it nothing is checked that depends on them
 * @param readYaml needed where isYamlPolicy
 */
export function checkPolicy(
  text: string,
  file: string,
  rules: PolicyRelease,
  tailnet: Tailnet | null = null,
  readYaml: ReadYaml | null = null,
): CheckedPolicy {
  const findings = new LimitedFindings()
  try {
    return {policy: checkText({text, file, readYaml}, rules, findings, tailnet), findings: finish(findings.list)}
  } catch (error) {
    if (!(error instanceof TooMany)) throw error
    return {policy: null, findings: finish(findings.list)}
  }
}

/** More than anybody reads, and few enough to be found at once. */
const MAX_FINDINGS = 2000

class TooMany extends Error {}

class LimitedFindings extends Findings {
  override error(...[code, place, path, remark]: Parameters<Findings['error']>): void {
    super.error(code, place, path, remark)
    this.#stop(place)
  }

  override warning(...[code, place, path, remark]: Parameters<Findings['warning']>): void {
    super.warning(code, place, path, remark)
    this.#stop(place)
  }

  #stop(place: Finding['place']): void {
    if (this.list.length < MAX_FINDINGS) return
    super.error('too-many-findings', place, '', {
      message: `the check stops after ${MAX_FINDINGS} findings`,
      reason: 'there can be more',
      fix: 'Fix these first',
    })
    throw new TooMany()
  }
}

/** Codes of what is missing, which a value of the wrong type or a misspelt key explains. */
const FOLLOWING: ReadonlySet<string> = new Set([
  'allows-everything',
  'empty-grant',
  'empty-policy',
  'empty-test',
  'invalid-test-source',
  'missing-ssh-users',
  'rule-never-matches',
])

/** Sorted, without what only follows from a value of the wrong type or from an unknown key. */
function finish(findings: readonly Finding[]): Finding[] {
  const causes = findings.filter(({code}) => code === 'wrong-type' || code === 'unknown-key')
  const rules = new Set(causes.map(({path}) => /^\w+\[\d+\]/.exec(path)?.[0] ?? path))
  const follows = ({code, path}: Finding) => FOLLOWING.has(code) && rules.has(path)
  return sortFindings(findings.filter((finding) => !follows(finding)))
}

interface Source {
  text: string
  file: string
  readYaml: ReadYaml | null
}

function checkText(source: Source, rules: PolicyRelease, findings: Findings, tailnet: Tailnet | null): Policy | null {
  const {text, file} = source
  const policy = text === '' && rules.takesEmptyText ? null : readPolicy(source, rules, findings)
  if (policy) {
    const context = new Context(
      policy,
      rules,
      findings,
      tailnet?.nodes.flatMap(({tags}) => tags),
    )
    if (rules.engine === 1) checkOldRules(context)
    else checkRules(context)
    checkContent(context)
    if (tailnet) {
      const resolver = new Resolver(policy, tailnet, rules)
      checkNames(context, resolver)
      const isValid = !findings.list.some(({severity}) => severity === 'error')
      if (isValid && rules.compiler !== null) runTests(context, resolver)
    }
  } else if (text === '' && rules.takesEmptyText) {
    findings.warning('allows-everything', new Places(file, text).at(0), '', {
      message: 'the policy is empty',
      reason: 'without a policy every node can reach every other',
      fix: 'Write rules, or "acls": [] to allow nothing',
    })
  }
  return policy
}

function readPolicy({text, file, readYaml}: Source, rules: PolicyRelease, findings: Findings): Policy | null {
  if (readYaml && isYamlPolicy(file, rules)) return readYamlPolicy(() => readYaml(text, file), rules, findings)
  try {
    const {root} = parseHuJsonTree(text, file)
    const comment = unendedComment(text, root.place.end)
    if (comment !== -1) {
      findings.error('syntax', new Places(file, text).at(comment), '', {
        message: 'the comment in the last line has no line feed after it',
        reason: rejects(rules.release),
        fix: 'End the file with an empty line, or run: headscale-ts policy fmt --write FILE',
      })
    }
    const half = rules.strictKeys ? halfSurrogate(root, text) : null
    if (half) {
      findings.error('syntax', half, '', {
        message: 'the string has half of a surrogate pair',
        reason: rejects(rules.release),
        fix: 'Write the character itself, or both halves',
      })
    }
    return decodePolicy(root, rules, findings)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    findings.error('syntax', error.place, '', {
      message: error.reason,
      reason: rejects(rules.release),
      fix: YAML_NAME.test(file)
        ? `Write the policy as JSON with comments and trailing commas: headscale ${rules.release} does not read YAML`
        : 'Fix the text at this position; a policy is JSON with comments and trailing commas',
    })
    return null
  }
}

function readYamlPolicy(read: () => Tree, rules: PolicyRelease, findings: Findings): Policy | null {
  try {
    return decodePolicy(read(), rules, findings, {isYaml: true})
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const fix = 'Fix the text at this position; the name of the file says that it is YAML'
    findings.error('syntax', error.place, '', {message: error.reason, reason: rejects(rules.release), fix})
    return null
  }
}

/** The first string with half of a character, as `"\\ud800"`; null if there is none. */
function halfSurrogate(root: Tree, text: string): Place | null {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return null
  const find = (tree: Tree): Place | null => {
    if (tree.kind === 'list') return firstOf(tree.items, find)
    if (tree.kind === 'map') return firstOf(tree.entries, ({key, value}) => find(key) ?? find(value))
    if (tree.kind === 'null' || tree.style !== 'quoted') return null
    const value = JSON.parse(text.slice(tree.place.offset, tree.place.end)) as string
    return value.isWellFormed() ? null : tree.place
  }
  return find(root)
}

function firstOf<T>(items: readonly T[], find: (item: T) => Place | null): Place | null {
  for (const item of items) {
    const found = find(item)
    if (found) return found
  }
  return null
}

/** The position of a line comment at the end of the text that no line feed ends; -1 if there is none. */
function unendedComment(text: string, end: number): number {
  const comments = /\/\/[^\n]*|\/\*[^]*?\*\//g
  comments.lastIndex = end
  for (let match = comments.exec(text); match; match = comments.exec(text)) {
    if (match[0].startsWith('//') && comments.lastIndex === text.length) return match.index
  }
  return -1
}

function checkRules(context: Context): void {
  const {policy} = context
  checkDefinitions(context)
  for (const acl of policy.acls) checkAcl(context, acl)
  for (const grant of policy.grants) checkGrant(context, grant)
  for (const rule of policy.ssh) checkSsh(context, rule)
  for (const attr of policy.nodeAttrs) checkNodeAttr(context, attr)
  for (const test of policy.tests) checkTest(context, test)
  for (const test of policy.sshTests) checkSshTest(context, test)
}

/** Policies that are empty as a whole. */
function checkContent(context: Context): void {
  const {policy, rules} = context
  const {groups, hosts, acls, hasAcls, hasGrants} = policy
  if (rules.rejectsEmpty && groups.length + hosts.length + acls.length === 0) {
    context.error('empty-policy', policy, {
      message: 'the policy has no "groups", no "hosts" and no "acls"',
      reason: `headscale ${rules.release} rejects it as empty`,
      fix: 'Add a rule; to allow everything: {"action": "accept", "src": ["*"], "dst": ["*:*"]}',
    })
  } else if (rules.emptyAllowsAll && !hasAcls && !hasGrants) {
    const names = rules.sections.includes('grants') ? '"acls" and no "grants"' : '"acls"'
    context.warning('allows-everything', policy, {
      message: `the policy has no ${names}`,
      reason: 'without rules every node can reach every other',
      fix: 'Write rules, or "acls": [] to allow nothing',
    })
  }
}
