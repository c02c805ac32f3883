/**
 * A transport whose replies are checked: against the schemas, since what comes over HTTP may be anybody's JSON, and
 * against the release when that was only remembered.
 */
import {HeadscaleError} from '../errors.ts'
import type {Capabilities} from './capabilities.ts'
import type {Transport} from './transport/transport.ts'

/** @param remembered what the release at hand is like, when the server was not asked which one it is */
export function checkedTransport(inner: Transport, remembered: Capabilities | null): Transport {
  return {
    async call(operation, request) {
      const [reply, {faultOf}] = await Promise.all([inner.call(operation, request), import('./dialects/schemas.ts')])
      const fault = faultOf(operation, reply)
      if (fault !== null) {
        throw new HeadscaleError('bad-reply', `the server's answer is not what headscale answers: ${fault}`, {
          hint: 'is there a proxy in between that changes answers?',
        })
      }
      if (remembered && (await import('./detection/stale-release.ts')).isOfOtherRelease(reply, remembered)) {
        throw new HeadscaleError('bad-reply', 'the answer is of another release than the one remembered')
      }
      return reply
    },
    close: () => inner.close(),
  }
}
