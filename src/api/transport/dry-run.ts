/** A transport that reads but never changes anything, for `--dry-run`. */
import {OPERATIONS, type OperationId} from '../operations.ts'
import type {Transport} from './transport.ts'

/** Thrown instead of sending the first change: all checks before it have passed. */
export class DryRunEnd extends Error {
  readonly operation: OperationId

  constructor(operation: OperationId) {
    super(`dry run: ${operation} was not sent`)
    this.operation = operation
  }
}

/** Sends calls that only read, and throws DryRunEnd at the first call that would change something. */
export function dryRunTransport(inner: Transport): Transport {
  return {
    async call(operation, request) {
      if (!OPERATIONS[operation].reads) throw new DryRunEnd(operation)
      return inner.call(operation, request)
    },
    close: () => inner.close(),
  }
}
