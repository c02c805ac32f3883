import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {readPolicyText} from './policy-text.ts'

/**
 * Replaces the policy. A server that can validate one without storing it (0.29+) does that first.
 * @param source the new policy, as written by its author
 * @throws HeadscaleError as readPolicyText, (invalid-input) for a policy that the server rejects
 */
export async function planPolicy(
  api: ControlApi,
  source: string,
  {allowEmpty}: {allowEmpty: boolean},
): Promise<ChangePlan<StoredPolicy>> {
  const {text, warnings} = readPolicyText(source, {allowEmpty, server: api.server})
  if (api.server.capabilities.policyCheck) await api.policy.check(text)
  return {
    changes: [otherChange({action: 'set', kind: 'policy', summary: 'replace the policy', after: {policy: text}})],
    warnings,
    apply: () => setPolicy(api, text),
  }
}

/** Up to 0.26 the server keeps a rejected policy in memory: until a valid one is set, it returns errors even for calls that succeed. */
async function setPolicy(api: ControlApi, text: string): Promise<StoredPolicy> {
  try {
    return await api.policy.set(text)
  } catch (error) {
    const isRejected = error instanceof HeadscaleError && error.code === 'invalid-input'
    if (!isRejected || !api.server.capabilities.rejectedPolicyBreaksState) throw error
    const {code, message, hint, details, cause} = error
    const state = 'this release is in an inconsistent state after rejecting a policy: set a valid one or restart it'
    throw new HeadscaleError(code, message, {hint: hint === null ? state : `${hint}. ${state}`, details, cause})
  }
}
