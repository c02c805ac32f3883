/** How the rules of nodes report: the caller knows where each field was written. */
import type {Remark} from '../../diagnostics/finding.ts'
import type {DerpNode} from '../map.ts'

/** Reports one field of the node. `right` is the one right value, for --fix. */
export type NodeReport = (
  severity: 'error' | 'warning',
  code: string,
  field: keyof DerpNode,
  remark: Remark & {right?: string},
) => void
