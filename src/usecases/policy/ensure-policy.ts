import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {type Ensured, unchanged} from '../ensured.ts'
import {readPolicyText} from './policy-text.ts'
import {planPolicy} from './set-policy.ts'

/** Plans that the server has this policy, comments and spaces included. @throws HeadscaleError as planPolicy */
export async function planEnsurePolicy(
  api: ControlApi,
  source: string,
  options: {allowEmpty: boolean},
): Promise<ChangePlan<Ensured<StoredPolicy>>> {
  const {text} = readPolicyText(source, {...options, server: api.server})
  const stored = await api.policy.get().catch((error: unknown) => {
    if (error instanceof HeadscaleError && error.code === 'not-found') return null
    throw error
  })
  if (stored?.text === text) return unchanged(stored)
  const plan = await planPolicy(api, source, options)
  return {...plan, apply: async () => ({outcome: stored ? 'updated' : 'created', object: await plan.apply()})}
}
