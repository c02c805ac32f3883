/** The published JSON of a dry run: the changes that would be made. */
import type {Change} from '../../domain/change.ts'
import type {DryRunDocument} from './schemas.ts'

export function dryRunDocument(changes: readonly Change[]): DryRunDocument {
  return {dryRun: true, changes: changes.map(withoutReason)}
}

function withoutReason({reason: _reason, ...change}: Change): Omit<Change, 'reason'> {
  return change
}
