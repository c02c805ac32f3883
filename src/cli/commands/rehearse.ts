import type {ChangePlan} from '../../usecases/change-plan.ts'

/** Runs `apply` up to its first write, where the transport of a dry run stops it. @throws as `apply` before that */
export async function rehearse(plan: ChangePlan<unknown>): Promise<void> {
  const {DryRunEnd} = await import('../../api/transport/dry-run.ts')
  try {
    await plan.apply()
  } catch (error) {
    if (!(error instanceof DryRunEnd)) throw error
  }
}
