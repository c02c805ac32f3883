import type {ControlApi, StoredPolicy} from '../api/control-api.ts'
import {usageError} from '../errors.ts'

/**
 * Replaces the policy, judged by the server first where it can judge without storing (0.29+).
 * @param allowEmpty servers from 0.25 on store an empty text, which then means: everybody may reach everything
 */
export async function setPolicy(
  api: ControlApi,
  text: string,
  {allowEmpty}: {allowEmpty: boolean},
): Promise<StoredPolicy> {
  if (text.trim() === '' && !allowEmpty) {
    throw usageError(
      'the policy is empty',
      'without a policy everybody may reach everything; --allow-empty if you mean it',
    )
  }
  if (api.server.capabilities.policyCheck) await api.policy.check(text)
  return api.policy.set(text)
}
