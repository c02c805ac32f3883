/** What commands that report findings share: how they are printed, and when the exit code is 6. */
import * as Flags from '@oclif/core/flags'

export const findingFlags = {
  format: Flags.option({description: 'format of findings', options: ['text', 'github'] as const, default: 'text'})(),
  strict: Flags.boolean({description: 'exit with 6 on warnings too'}),
}

/** The exit code for findings. */
export function findingStatus({errors, warnings}: {errors: number; warnings: number}, strict: boolean): 0 | 6 {
  return errors > 0 || (strict && warnings > 0) ? 6 : 0
}
