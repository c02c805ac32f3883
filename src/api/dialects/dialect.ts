/**
 * What every dialect needs: one call that knows which operations the release has, and the readings of wire values
 * that are the same everywhere (times, texts that may be missing).
 */
import {HeadscaleError} from '../../errors.ts'
import type {Era} from '../eras.ts'
import type {OperationId} from '../operations.ts'
import type {Transport, WireMessage} from '../transport/transport.ts'

/** A release and the way to it. */
export interface Dialect {
  era: Era
  /** Sends an operation the release has. @throws HeadscaleError (unsupported-by-server) before sending, otherwise */
  call<Reply>(operation: OperationId, request: WireMessage): Promise<Reply>
}

export function createDialect(transport: Transport, era: Era): Dialect {
  return {
    era,
    async call<Reply>(operation: OperationId, request: WireMessage) {
      if (!era.operations.has(operation)) {
        throw new HeadscaleError('unsupported-by-server', `headscale ${era.releases} has no ${operation}`, {
          hint: 'run `headscale-ts version` to see which release the server is',
        })
      }
      return (await transport.call(operation, request)) as Reply
    },
  }
}

/**
 * An RFC 3339 time, or null when it is missing. Go's zero time (year 1) means "not set" wherever headscale stores it.
 * @throws HeadscaleError (bad-reply) for something that is no time
 */
export function readTime(text: string | null | undefined): Date | null {
  if (!text || text.startsWith('0001-01-01T')) return null
  const time = new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new HeadscaleError('bad-reply', 'the server answered with a time that is none')
  return time.getUTCFullYear() <= 1 ? null : time
}

/** Compares decimal ids by value. */
export function byId(a: {id: string}, b: {id: string}): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
