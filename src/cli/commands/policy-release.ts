/** The release whose policy rules apply where no flag names one: that of the server of this machine's configuration. */
import type {ConnectionFlagValues} from '../connection.ts'
import type {Io} from '../io/io.ts'

/**
 * The release of the server that is configured, if there is one, it answers soon, and its rules are known; a note says so.
 * @param toCompile whether the rules must be known as far as compiling a policy (0.23 and later)
 * @returns undefined for the default; if a server is configured, after a note that says why
 */
export async function configuredPolicyRelease(
  flags: ConnectionFlagValues,
  io: Io,
  {toCompile}: {toCompile: boolean},
): Promise<string | undefined> {
  const {askIfItAnswers, configuredServer} = await import('../configured-release.ts')
  const target = await configuredServer(flags, io)
  if (target === null) return undefined
  const {releaseOf} = await import('../../usecases/policy/check-file.ts')
  const {DEFAULT_POLICY_RELEASE, knowsPolicyRelease, policyRelease} = await import('../../policy/releases.ts')
  const instead = `the rules of headscale ${DEFAULT_POLICY_RELEASE} apply (--for chooses others)`
  const release = await askIfItAnswers(target, io, {instead, ask: async (api) => releaseOf(api)})
  if (release === null) return undefined
  if (!knowsPolicyRelease(release)) {
    io.note(`the policy rules of headscale ${release}, the release of the server, are not known; ${instead}`)
    return undefined
  }
  if (toCompile && policyRelease(release).compiler === null) {
    io.note(`what headscale ${release}, the release of the server, allows by a policy is not known; ${instead}`)
    return undefined
  }
  const {describeTarget} = await import('../../config/target.ts')
  io.note(`the rules of headscale ${release} apply, the release of ${describeTarget(target)}`)
  return release
}
