/**
 * Shared by all dialects: a call that checks whether the release has the operation, the errors for what a release
 * cannot do, and functions that read wire values.
 */
import {HeadscaleError} from '../../../errors.ts'
import type {Capabilities} from '../../capabilities.ts'
import {type ReleaseGroup, RELEASE_GROUPS} from '../../releases.ts'
import type {OperationId} from '../../operations.ts'
import type {Transport, WireMessage} from '../../transport/transport.ts'

/** A release group, and the call to a server of it. */
export interface Dialect {
  group: ReleaseGroup
  /** Sends an operation. @throws HeadscaleError (unsupported-by-server) before sending, if the release lacks it */
  call<Reply>(operation: OperationId, request: WireMessage): Promise<Reply>
}

export function createDialect(transport: Transport, group: ReleaseGroup): Dialect {
  return {
    group,
    async call<Reply>(operation: OperationId, request: WireMessage) {
      requireOperation(group, operation)
      return (await transport.call(operation, request)) as Reply
    },
  }
}

/** Hints: what to do instead of an operation that some releases do not have. */
const NO_LONGER: Partial<Record<OperationId, string>> = {
  CheckPolicy: 'without a server: headscale-ts policy check FILE --for RELEASE',
  DeleteRoute: 'a route disappears when its node stops advertising it; to stop using it: routes disable',
}

/**
 * Called by createDialect, and earlier where a read would come first.
 * @param successor the later form of the operation; the error names the releases of both
 * @param flag the flag that asks for it, if the command itself works on this release
 * @throws HeadscaleError (unsupported-by-server) if the release does not have the operation
 */
export function requireOperation(
  group: ReleaseGroup,
  operation: OperationId,
  {successor, flag, hint}: {successor?: OperationId; flag?: string | undefined; hint?: string} = {},
): void {
  if (group.operations.has(operation)) return
  const having = RELEASE_GROUPS.filter(
    ({operations}) => operations.has(operation) || (successor !== undefined && operations.has(successor)),
  )
  throw unsupported({needs: rangeOf(having), found: group.releases, flag}, hint ?? NO_LONGER[operation])
}

/**
 * @param able whether a release with these capabilities can do it
 * @param flag the flag that asks for it, if the command itself works on this release
 * @throws HeadscaleError (unsupported-by-server) naming the releases that can do it, if this one cannot
 */
export function requireCapability(
  group: ReleaseGroup,
  able: (capabilities: Capabilities) => boolean,
  {flag, hint}: {flag?: string; hint?: string | undefined} = {},
): void {
  if (able(group.capabilities)) return
  throw unsupported({needs: releasesWith(able), found: group.releases, flag}, hint)
}

/** The releases with a capability, as text: `0.23 or later`. */
export function releasesWith(able: (capabilities: Capabilities) => boolean): string {
  return rangeOf(RELEASE_GROUPS.filter(({capabilities}) => able(capabilities)))
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
 * The error for something that a release cannot do, thrown before anything is sent. "this" stands for the command,
 * which puts its name there.
 * @param needs releases that can do it, as text: `0.16 or later`
 * @param found the possible releases of the server
 */
export function unsupported(
  {needs, found, flag}: {needs: string; found: string; flag?: string | undefined},
  hint?: string,
): HeadscaleError {
  const message = (what: string) => `${what} needs headscale ${needs}; the server is ${found}`
  const asked = (command: string) => (flag ? `${command} ${flag}` : command)
  return new HeadscaleError('unsupported-by-server', message(asked('this')), {
    hint: hint ?? 'a newer server can do it; nothing was sent to this one',
    details: {needs, found},
    withCommand: (command) => message(`"${asked(command)}"`),
  })
}

/**
 * An RFC 3339 time, or null when it is missing. Go's zero time (year 1) means "not set" wherever headscale stores it.
 * @throws HeadscaleError (bad-reply) for an invalid time
 */
export function readTime(text: string | null | undefined): Date | null {
  if (!text || text.startsWith('0001-01-01T')) return null
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new HeadscaleError('bad-reply', 'the server sent an invalid time')
  return time.getUTCFullYear() <= 1 ? null : time
}

/** Compares decimal ids by value. */
export function byId(a: {id: string}, b: {id: string}): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** A record that another one refers to. If its row is gone, the server sends an empty record with id 0: null here. */
export function referenced<T extends {id: string}>(wire: T | null | undefined): T | null {
  return wire && wire.id !== '' && wire.id !== '0' ? wire : null
}
