/** A transport whose replies are checked against the schemas: what comes over HTTP may be anybody's JSON. */
import {HeadscaleError} from '../../errors.ts'
import type {Transport} from '../transport/transport.ts'

export function checkedTransport(inner: Transport): Transport {
  return {
    async call(operation, request) {
      const [reply, {faultOf}] = await Promise.all([inner.call(operation, request), import('./schemas.ts')])
      const fault = faultOf(operation, reply)
      if (fault !== null) {
        throw new HeadscaleError('bad-reply', `the server's answer is not what headscale answers: ${fault}`, {
          hint: 'is there a proxy in between that changes answers?',
        })
      }
      return reply
    },
    close: () => inner.close(),
  }
}
