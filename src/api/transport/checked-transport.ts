/** Transports that check replies with a function from the caller before they return them. */
import {HeadscaleError} from '../../errors.ts'
import {OPERATIONS, type OperationId} from '../operations.ts'
import {withUnknownOutcome} from './indeterminate-error.ts'
import type {Transport, WireMessage} from './transport.ts'

/**
 * A transport that rejects invalid replies, since JSON over HTTP can come from any server.
 * @param faultOf the problem of a reply, or null
 */
export function checkedTransport(
  inner: Transport,
  faultOf: (operation: OperationId, reply: WireMessage) => Promise<string | null>,
): Transport {
  return {
    async call(operation, request) {
      const reply = await inner.call(operation, request)
      const fault = await faultOf(operation, reply)
      if (fault === null) return reply
      const error = new HeadscaleError('bad-reply', `the server's reply is not valid: ${fault}`, {
        hint: 'check for a proxy that changes replies',
      })
      throw OPERATIONS[operation].reads ? error : withUnknownOutcome(error)
    },
    close: () => inner.close(),
  }
}

/**
 * A transport to a server whose release comes from the cache. It allows only reads, and returns only replies that match
 * the cached release; otherwise the call fails as `bad-reply`, and the caller must detect the release.
 * @param fits whether the server or its reply matches the cached release; runs at the same time as the call
 */
export function transportToRemembered(
  inner: Transport,
  fits: (reply: Promise<WireMessage>) => Promise<boolean>,
): Transport {
  return {
    async call(operation, request) {
      if (!OPERATIONS[operation].reads) throw otherRelease()
      const answer = inner.call(operation, request)
      const [reply, fitting] = await Promise.all([answer, fits(answer)])
      if (!fitting) throw otherRelease()
      return reply
    },
    close: () => inner.close(),
  }
}

function otherRelease(): HeadscaleError {
  return new HeadscaleError('bad-reply', 'the server may be of another release than it was a moment ago')
}
