/** The policy of an export, and what a copy cannot have of it. */
import type {ControlApi} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'

export interface ExportedPolicy {
  /** Null where there is none, or the server does not give it. */
  text: string | null
  /** A sentence each. */
  missing: string[]
}

/** @throws HeadscaleError for an error that is not about the policy, such as a lost connection */
export async function exportPolicy(api: ControlApi): Promise<ExportedPolicy> {
  try {
    const {text, updatedAt} = await api.policy.get()
    const isFile = 'the server reads its policy from a file; in the copy it is stored, as after policy set'
    return {text, missing: updatedAt === null ? [isFile] : []}
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    switch (error.code) {
      case 'unsupported-by-server':
        return {text: null, missing: [`the policy is left out: headscale ${api.server.releases} reads it from a file`]}
      case 'not-found':
        return {text: null, missing: []}
      case 'failed':
        return {text: null, missing: [`the policy is left out: ${error.message}`]}
      default:
        throw error
    }
  }
}
