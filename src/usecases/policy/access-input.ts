/** What questions about access need: a policy without errors, the tailnet, and the release that compiles it. */
import type {ControlApi} from '../../api/control-api.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {checkPolicy} from '../../policy/check/check-policy.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import type {Policy} from '../../policy/policy.ts'
import {COMPILED_RELEASES, knowsPolicyRelease, type PolicyRelease, policyRelease} from '../../policy/releases.ts'
import {releaseOf} from './check-file.ts'
import {readServerPolicy} from './server-policy.ts'
import {readServerTailnet} from './server-tailnet.ts'

export interface AccessInput {
  /** Null for none, which allows everything. */
  policy: Policy | null
  tailnet: Tailnet
  rules: PolicyRelease
}

/** A text, and its name in messages. */
export interface PolicySource {
  text: string
  file: string
}

/** What is not read from the server. */
export interface GivenInput {
  policy: PolicySource | null
  tailnet: Tailnet | null
  /** As policyRelease; that of the server, or the default, when absent. */
  release: string | undefined
}

/** How the policy of a server is called in messages. */
const SERVER_POLICY = 'policy'

/** @throws HeadscaleError as compilerOf and validPolicy */
export function offlineInput({
  policy,
  tailnet,
  release,
}: {
  policy: PolicySource
  tailnet: Tailnet
  release: string | undefined
}) {
  const rules = compilerOf(release)
  return {policy: validPolicy(policy, rules, tailnet), tailnet, rules} satisfies AccessInput
}

/** Reads the policy, or the users and nodes, or both. @throws HeadscaleError as offlineInput, and for what the server cannot tell */
export async function serverInput(api: ControlApi, given: GivenInput): Promise<AccessInput> {
  const rules = given.release === undefined ? serverCompiler(api) : compilerOf(given.release)
  const [policy, tailnet] = await Promise.all([
    given.policy ?? serverPolicy(api),
    given.tailnet ?? readServerTailnet(api),
  ])
  return {policy: policy && validPolicy(policy, rules, tailnet), tailnet, rules}
}

async function serverPolicy(api: ControlApi): Promise<PolicySource | null> {
  const found = await readServerPolicy(api)
  if (found.mode === 'database') return found.stored && {text: found.stored.text, file: SERVER_POLICY}
  if (found.text !== null) return {text: found.text, file: SERVER_POLICY}
  throw new HeadscaleError('unsupported-by-server', 'this server reads its policy from a file and does not show it', {
    hint: 'add --policy FILE with that file',
  })
}

/** The rules of the server's release. @throws HeadscaleError (unsupported-by-server) if they are not known as far as this */
function serverCompiler(api: ControlApi): PolicyRelease {
  const release = releaseOf(api)
  const rules = knowsPolicyRelease(release) ? policyRelease(release) : null
  if (rules?.compiler) return rules
  const found = api.server.releases
  const message = (what: string) => `${what} needs headscale ${COMPILED_RELEASES}; the server is ${found}`
  throw new HeadscaleError('unsupported-by-server', message('this'), {
    hint: `with --policy and --for, the rules of another release apply (${COMPILED_RELEASES})`,
    details: {needs: COMPILED_RELEASES, found},
    withCommand: (command) => message(`"${command}"`),
  })
}

function unknownAccess({release}: PolicyRelease): string {
  return `what headscale ${release} allows by a policy is not known`
}

/** The rules of a release that is known to compile policies. @throws HeadscaleError (usage) */
export function compilerOf(release: string | undefined): PolicyRelease {
  const rules = policyRelease(release)
  if (rules.compiler !== null) return rules
  throw usageError(
    unknownAccess(rules),
    `expected a release from ${COMPILED_RELEASES} (--for RELEASE); policy check works for all since 0.15`,
  )
}

/** @returns null for the empty text @throws HeadscaleError (invalid-input) for a policy that the release rejects */
export function validPolicy({text, file}: PolicySource, rules: PolicyRelease, tailnet: Tailnet): Policy | null {
  // Up to 0.25 a policy can have a tag without owners if a node has it. Tests of the policy do not matter here.
  const {policy, findings} = checkPolicy(text, file, rules, rules.engine === 1 ? tailnet : null)
  const error = findings.find(({severity}) => severity === 'error')
  if (!error) return policy
  const {file: name, line, column} = error.place
  throw new HeadscaleError('invalid-input', `${name}:${line}:${column}: ${error.message}`, {
    hint: `${error.fix}; for all findings: headscale-ts policy check`,
    details: {file: name, line, column},
  })
}
