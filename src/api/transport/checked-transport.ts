/** Transports that look at replies before they pass them on. What to look for is given to them. */
import {HeadscaleError} from '../../errors.ts'
import {OPERATIONS, type OperationId} from '../operations.ts'
import {withUnknownOutcome} from './indeterminate-error.ts'
import type {Transport, WireMessage} from './transport.ts'

/**
 * A transport whose replies have the form they should have: what comes over HTTP may be anybody's JSON.
 * @param faultOf what is wrong with a reply, or null
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
 * A transport to a server whose release was remembered, not asked for. It takes calls that change nothing, and passes on
 * replies that fit that release; otherwise the call fails as `bad-reply`, and the caller has to detect the release.
 * @param fits whether the server is, or its reply shows, what was remembered; asked at the same time as the call
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
