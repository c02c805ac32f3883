/**
 * The simulated server between its listeners and its face: which operation a request is, and the answer to it.
 *
 * It stays the same whatever the release and whatever carried the request.
 */
import {loadFamily, type Family} from '../api/messages.ts'
import {OPERATIONS, type Operation, type OperationId} from '../api/operations.ts'
import type {Face, Message} from './faces/face.ts'
import {Code, Crash, Refusal} from './refusal.ts'
import type {Tailnet} from './tailnet.ts'

export interface Service {
  readonly face: Face
  readonly tailnet: Tailnet
  readonly family: Family
  /** What the release can do. */
  readonly operations: readonly Operation[]
  /**
   * Runs an operation. Every field of the request must be there, as Family.request().decode() leaves it.
   * @throws Refusal, or Crash where the real server would end
   */
  answer(operation: OperationId, request: Message): Message
}

export async function createService(face: Face, tailnet: Tailnet): Promise<Service> {
  const operations = Object.values(OPERATIONS).filter(({id}) => id in face.handlers)
  return {
    face,
    tailnet,
    operations,
    family: await loadFamily(face.family),
    answer(id, request) {
      const handler = face.handlers[id]
      if (!handler) throw new Refusal(Code.unimplemented, `method ${OPERATIONS[id].rpc} not implemented`)
      try {
        return handler(tailnet, request)
      } catch (error) {
        if (error instanceof Crash) tailnet.pending.clear()
        throw error
      }
    },
  }
}
