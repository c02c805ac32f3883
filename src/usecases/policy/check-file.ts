/** `policy check`: a policy by the rules of a release, and the verdict of a server. */
import type {ControlApi} from '../../api/control-api.ts'
import {type Finding, sortFindings} from '../../diagnostics/finding.ts'
import {HeadscaleError} from '../../errors.ts'
import {checkPolicy, isYamlPolicy} from '../../policy/check/check-policy.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {policyRelease} from '../../policy/releases.ts'
import {Places} from '../../syntax/tree.ts'
import {singleLine} from '../../text/untrusted.ts'

export interface PolicyReport {
  /** The release whose rules were applied. */
  release: string
  /** As named on the command line; `<stdin>` for `-`. */
  file: string
  findings: Finding[]
  /** What the policy has: `3 rules, 1 group`; null for a text that is not HuJSON. */
  content: string | null
  /** Whether the policy has tests that were not run, since they depend on the tailnet. */
  skipsTests: boolean
}

/**
 * @param text with its byte order mark
 * @param tailnet the users and nodes, for what depends on them; null without
 * @throws HeadscaleError (usage) for an unknown release
 */
export async function checkPolicyText(
  text: string,
  file: string,
  {release, tailnet = null}: {release: string | undefined; tailnet?: Tailnet | null},
): Promise<PolicyReport> {
  const rules = policyRelease(release)
  const readYaml = isYamlPolicy(file, rules) ? (await import('../../policy/read/yaml.ts')).parseYamlPolicy : null
  const {findings, policy} = checkPolicy(text, file, rules, tailnet, readYaml)
  const count = (number: number, noun: string) => (number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`])
  const content = policy && [
    ...count(policy.acls.length + policy.grants.length + policy.ssh.length, 'rule'),
    ...count(policy.groups.length, 'group'),
    ...count(policy.tagOwners.length, 'tag'),
    ...count(policy.hosts.length, 'host'),
    ...count(policy.tests.length + policy.sshTests.length, 'test'),
  ]
  return {
    release: rules.release,
    file,
    findings,
    content: content && (content.join(', ') || 'no rules'),
    skipsTests: tailnet === null && policy !== null && policy.tests.length + policy.sshTests.length > 0,
  }
}

/**
 * The release of a server in a form that policyRelease reads; the newest of those that it can be. A server that was built
 * without a release reports a version such as `dev`.
 */
export function releaseOf({server}: ControlApi): string {
  const version = server.version !== null && /^v?0\.\d/.test(server.version) ? server.version : null
  return version ?? /\d+\.\d+(?:\.\d+)?$/.exec(server.releases)?.[0] ?? server.releases
}

/** By the rules of the server's release and for its tailnet; a server of 0.29 and later is asked for its verdict, too. */
export async function checkOnServer(
  api: ControlApi,
  text: string,
  file: string,
  tailnet: Tailnet | null,
): Promise<PolicyReport> {
  const report = await checkPolicyText(text, file, {release: releaseOf(api), tailnet})
  const hasErrors = report.findings.some(({severity}) => severity === 'error')
  return api.server.capabilities.policyCheck && !hasErrors ? addServerVerdict(api, text, report) : report
}

/** Adds what a server (0.29+) says about the policy: one finding if it rejects the policy. */
export async function addServerVerdict(api: ControlApi, text: string, report: PolicyReport): Promise<PolicyReport> {
  try {
    await api.policy.check(text)
    return report
  } catch (error) {
    if (!(error instanceof HeadscaleError) || error.code !== 'invalid-input') throw error
    const verdict: Finding = {
      severity: 'error',
      code: 'rejected-by-server',
      place: new Places(report.file, text).at(0),
      path: '',
      message: singleLine(error.message),
      reason: `the server rejects the policy (${api.server.via})`,
      fix: error.hint === null || error.hint === undefined ? 'Fix the policy' : singleLine(error.hint),
      edit: null,
    }
    return {...report, findings: sortFindings([...report.findings, verdict])}
  }
}
