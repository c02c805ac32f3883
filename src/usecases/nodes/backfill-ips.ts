import type {ControlApi} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import type {ChangePlan} from '../change-plan.ts'

/** Plans new addresses for all nodes; only the server knows which ones change. @returns the server's list of changes */
export async function planBackfill(api: ControlApi): Promise<ChangePlan<string[]>> {
  // On a release without the call `apply` fails, so there is nothing to count or to confirm.
  const nodes = api.server.capabilities.backfillsIPs ? (await api.nodes.list()).length : null
  const summary = `assign and remove addresses of ${nodes === 1 ? '1 node' : `${nodes} nodes`} to match the server's prefixes`
  return {
    changes: [otherChange({action: 'backfillips', kind: 'node', summary})],
    question: nodes === null ? null : 'Are you sure that you want to assign/remove IPs to/from nodes?',
    warnings: nodes === null ? [] : [`this concerns ${nodes === 1 ? '1 node' : `${nodes} nodes`}`],
    apply: () => api.nodes.backfillIPs(),
  }
}
