/** A transport whose replies are checked against the schemas: what comes over HTTP may be anybody's JSON. */
import {HeadscaleError} from '../../errors.ts'
import type {Transport} from '../transport/transport.ts'

export function checkedTransport(inner: Transport): Transport {
  return {
    async call(operation, request) {
      const [reply, {REPLY_SCHEMAS}, {safeParse}] = await Promise.all([
        inner.call(operation, request),
        import('./schemas.ts'),
        import('zod/mini'),
      ])
      const schema = REPLY_SCHEMAS[operation]
      const result = schema && safeParse(schema, reply)
      if (result && !result.success) {
        const issue = result.error.issues[0]
        throw new HeadscaleError(
          'bad-reply',
          `the server's answer is not what headscale answers: ${issue?.path.join('.')}: ${issue?.message}`,
          {
            hint: 'is there a proxy in between that changes answers?',
          },
        )
      }
      return reply
    },
    close: () => inner.close(),
  }
}
