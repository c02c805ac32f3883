/** What connect.ts and the ways to a server share. */
import {HeadscaleError} from '../errors.ts'
import type {CacheHost} from './detection/cache.ts'
import type {ReleaseGroup} from './releases.ts'
import type {Transport} from './transport/transport.ts'

export interface ConnectHost extends CacheHost {
  /** Let nothing change: the first call that would ends with DryRunEnd. */
  dryRun?: boolean
  /** The command only reads, so a remembered release will do. */
  readsOnly?: boolean
}

/** A server that was reached, and its release. */
export interface Link {
  transport: Transport
  group: ReleaseGroup
  /** The release was not asked for now, but remembered. */
  remembered: boolean
  /** The exact version; null where the server does not tell it. */
  version: string | null
  /** How the server is reached, for people. */
  via: string
}

export function notHeadscale(describe: string): HeadscaleError {
  return new HeadscaleError('unreachable', `${describe} is not a headscale server`, {
    hint: 'check the address; headscale-ts works with headscale 0.15 and later',
  })
}
