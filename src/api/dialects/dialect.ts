/**
 * What every dialect needs: one call that knows which operations the release has, and the readings of wire values
 * that are the same everywhere (times, texts that may be missing).
 */
import {HeadscaleError} from '../../errors.ts'
import type {Capabilities} from '../capabilities.ts'
import {type ReleaseGroup, RELEASE_GROUPS} from '../releases.ts'
import type {OperationId} from '../operations.ts'
import type {Transport, WireMessage} from '../transport/transport.ts'

/** A release and the way to it. */
export interface Dialect {
  group: ReleaseGroup
  /** Sends an operation the release has. @throws HeadscaleError (unsupported-by-server) before sending, otherwise */
  call<Reply>(operation: OperationId, request: WireMessage): Promise<Reply>
}

export function createDialect(transport: Transport, group: ReleaseGroup): Dialect {
  return {
    group,
    async call<Reply>(operation: OperationId, request: WireMessage) {
      refuseWithout(group, operation)
      return (await transport.call(operation, request)) as Reply
    },
  }
}

/** What to do instead of an operation that some releases do not have. */
const NO_LONGER: Partial<Record<OperationId, string>> = {
  CheckPolicy: 'headscale\'s own "headscale policy check -f FILE" (0.26 or later) checks a file without a server',
  DeleteRoute: 'a route goes when its node no longer advertises it; to take it out of use: routes disable',
}

/**
 * @param successor what the operation became later, so that the releases of both are named
 * @throws HeadscaleError (unsupported-by-server) where the release lacks the operation: before a first read, too
 */
export function refuseWithout(group: ReleaseGroup, operation: OperationId, successor?: OperationId): void {
  if (group.operations.has(operation)) return
  const having = RELEASE_GROUPS.filter(
    ({operations}) => operations.has(operation) || (successor !== undefined && operations.has(successor)),
  )
  throw unsupported({needs: rangeOf(having), found: group.releases}, NO_LONGER[operation])
}

/**
 * @param able whether a release with these capabilities can do it
 * @throws HeadscaleError (unsupported-by-server) naming the releases that can, where this one cannot
 */
export function refuseUnless(group: ReleaseGroup, able: (capabilities: Capabilities) => boolean, hint?: string): void {
  if (able(group.capabilities)) return
  const having = RELEASE_GROUPS.filter(({capabilities}) => able(capabilities))
  throw unsupported({needs: rangeOf(having), found: group.releases}, hint)
}

/** As text: `0.23 or later`, `0.21 to 0.25`. A range ends with a release line, not with a patch release. */
function rangeOf(having: readonly ReleaseGroup[]): string {
  const [first, last] = [having[0], having.at(-1)]
  if (!first || !last) return 'another release'
  if (last !== RELEASE_GROUPS.at(-1))
    return `${first.id} to ${last.releases.split(' ').at(-1)!.split('.').slice(0, 2).join('.')}`
  return first === last ? first.id : `${first.id} or later`
}

/**
 * The refusal of what a release cannot do, raised before anything is sent. The command puts its name in front.
 * @param needs releases that can, as text: `0.16 or later`
 * @param found the releases the server can be
 */
export function unsupported({needs, found}: {needs: string; found: string}, hint?: string): HeadscaleError {
  return new HeadscaleError('unsupported-by-server', `this needs headscale ${needs}; the server is ${found}`, {
    hint: hint ?? 'a newer server can do it; nothing was sent to this one',
    details: {needs, found},
  })
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
