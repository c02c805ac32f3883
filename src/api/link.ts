/** Types that connect.ts shares with link-socket.ts and link-http.ts. */
import {HeadscaleError} from '../errors.ts'
import type {CacheHost} from './detection/cache.ts'
import type {ReleaseGroup} from './releases.ts'
import type {Trace} from './transport/trace.ts'
import type {Transport} from './transport/transport.ts'

export interface ConnectHost extends CacheHost {
  /** Change nothing: the first call that would change something throws DryRunEnd. */
  dryRun?: boolean
  /** The command only reads, so a cached release is enough. */
  readsOnly?: boolean
  /** Receives a line for each call and each decision, for `--debug`. */
  trace?: Trace | undefined
  /** Called when a call begins: `list nodes`. @returns a function to call when it has ended */
  waiting?: ((what: string) => () => void) | undefined
}

/** The line about the release that a cached or a new finding names. */
export function releaseLine({releases}: ReleaseGroup, version: string | null, how: 'remembered' | 'detected'): string {
  return `release: ${releases}${version === null ? '' : `, version ${version}`} (${how})`
}

/** A connected server, and its release. */
export interface Link {
  transport: Transport
  group: ReleaseGroup
  /** The release comes from the cache. */
  remembered: boolean
  /** The exact version; null where the server does not report it. */
  version: string | null
  /** How the server is reached, for messages. */
  via: string
}

export function notHeadscale(describe: string): HeadscaleError {
  return new HeadscaleError('unreachable', `${describe} is not a headscale server`, {
    hint: 'check the address; headscale-ts works with headscale 0.15 and later',
  })
}
