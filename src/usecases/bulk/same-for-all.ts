import type {ErrorCode} from '../../errors.ts'

/**
 * Errors that do not depend on the target: the command line is wrong, the server cannot do it, is gone, or does not
 * accept this client. Every further request would fail like it.
 */
export const SAME_FOR_ALL: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'unsupported-by-server',
  'unreachable',
  'timeout',
  'unauthenticated',
  'permission-denied',
])
