import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
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
    apply: () => api.policy.set(text),
  }
}
