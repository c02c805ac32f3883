/**
 * The simulated server between its listeners and its simulator: it runs the operation that a request names.
 *
 * It depends neither on the release nor on the listener.
 */
import {loadMessageSet, type MessageSet} from '../api/messages.ts'
import {OPERATIONS, type Operation, type OperationId} from '../api/operations.ts'
import type {ReleaseSimulator, Message} from './releases/shared/release-simulator.ts'
import {Code, ServerCrash, ServerError} from './server-error.ts'
import type {Tailnet} from './tailnet.ts'

export interface Service {
  readonly simulator: ReleaseSimulator
  readonly tailnet: Tailnet
  readonly messageSet: MessageSet
  /** The operations of the release. */
  readonly operations: readonly Operation[]
  /**
   * Runs an operation. Every field of the request must be there, as MessageSet.request().decode() leaves it.
   * @throws ServerError, or ServerCrash where the real server would crash
   */
  answer(operation: OperationId, request: Message): Message
}

export async function createService(simulator: ReleaseSimulator, tailnet: Tailnet): Promise<Service> {
  const operations = Object.values(OPERATIONS).filter(({id}) => id in simulator.handlers)
  return {
    simulator,
    tailnet,
    operations,
    messageSet: await loadMessageSet(simulator.messageSet),
    answer(id, request) {
      const handler = simulator.handlers[id]
      if (!handler) throw new ServerError(Code.unimplemented, `method ${OPERATIONS[id].rpc} not implemented`)
      try {
        return handler(tailnet, request)
      } catch (error) {
        if (error instanceof ServerCrash) tailnet.pending.clear()
        throw error
      }
    },
  }
}
