import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import type {PolicyText} from './policy-text.ts'

/** Replaces the policy. A server that can validate one without storing it (0.29+) does that first. */
export async function setPolicy(api: ControlApi, {text}: PolicyText): Promise<StoredPolicy> {
  if (api.server.capabilities.policyCheck) await api.policy.check(text)
  return api.policy.set(text)
}
