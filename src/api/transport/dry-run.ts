/** A transport that asks but never changes: `--dry-run` of every command. */
import {OPERATIONS, type OperationId} from '../operations.ts'
import type {Transport} from './transport.ts'

/** Thrown in place of the first change: everything before it was checked and went well. */
export class DryRunEnd extends Error {
  readonly operation: OperationId

  constructor(operation: OperationId) {
    super(`dry run: ${operation} was not sent`)
    this.operation = operation
  }
}

/** Passes calls that only read, and ends with DryRunEnd at the first one that would change something. */
export function dryRunTransport(inner: Transport): Transport {
  return {
    async call(operation, request) {
      if (!OPERATIONS[operation].reads) throw new DryRunEnd(operation)
      return inner.call(operation, request)
    },
    close: () => inner.close(),
  }
}
