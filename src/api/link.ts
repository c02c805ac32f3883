/** Types that connect.ts shares with link-socket.ts and link-http.ts. */
import {HeadscaleError} from '../errors.ts'
import type {CacheHost} from './detection/cache.ts'
import type {ReleaseGroup} from './releases.ts'
import type {Transport} from './transport/transport.ts'

export interface ConnectHost extends CacheHost {
  /** Change nothing: the first call that would change something throws DryRunEnd. */
  dryRun?: boolean
  /** The command only reads, so a cached release is enough. */
  readsOnly?: boolean
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
