/** The flags of `setup join`, checked as far as that needs no server. */
import {parseNetwork} from '../../domain/values/prefix.ts'
import {parseDuration} from '../../domain/values/duration.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {checkPlatform, type JoinOptions, type Platform, PLATFORMS} from '../../setup/join/options.ts'
import {quoted} from './quoted.ts'

const LIFETIME_MS = parseDuration('1h')

interface JoinFlags {
  on?: string | undefined
  user?: string | undefined
  tag?: string[] | undefined
  reusable: boolean
  ephemeral: boolean
  expiration?: number | undefined
  hostname?: string | undefined
  subnet?: string[] | undefined
  'exit-node': boolean
  'accept-routes'?: boolean | undefined
  'accept-dns'?: boolean | undefined
}

export interface JoinRequest {
  platform: Platform
  /** The pre-auth key to create; null if somebody registers the node afterwards. */
  key: {user: string | null; tags: string[]; reusable: boolean; ephemeral: boolean; lifetimeMs: number} | null
  node: Omit<JoinOptions, 'serverUrl' | 'authKey' | 'minimumClient'>
}

/** @throws HeadscaleError (usage) */
export function joinRequest(flags: JoinFlags): JoinRequest {
  const {on = 'linux', user, reusable, ephemeral, expiration, hostname} = flags
  const {'exit-node': exitNode, 'accept-routes': acceptRoutes, 'accept-dns': acceptDns} = flags
  const platform = PLATFORMS.find((name) => name === on)
  if (platform === undefined) {
    throw usageError(`invalid value ${quoted(on)} for --on`, `expected one of: ${PLATFORMS.join(', ')}`)
  }
  const tags = [...new Set((flags.tag ?? []).map(checkTag))]
  const subnets = [...new Set((flags.subnet ?? []).map(parseNetwork))]
  const hasKey = user !== undefined || tags.length > 0
  if (!hasKey && (reusable || ephemeral || expiration !== undefined)) {
    throw usageError(
      '--reusable, --ephemeral and --expiration are for a pre-auth key',
      'add --user USER or --tag tag:NAME, for which a key is created',
    )
  }
  checkPlatform(platform, {
    key: hasKey,
    hostname: hostname !== undefined,
    subnets: subnets.length > 0,
    exitNode,
    accepts: acceptRoutes !== undefined || acceptDns !== undefined,
  })
  return {
    platform,
    key: hasKey ? {user: user ?? null, tags, reusable, ephemeral, lifetimeMs: expiration ?? LIFETIME_MS} : null,
    node: {
      hostname: hostname === undefined ? null : checkHostname(hostname),
      subnets,
      exitNode,
      acceptRoutes: acceptRoutes ?? null,
      acceptDns: acceptDns ?? null,
    },
  }
}

/** What every client and every release of headscale keeps as it is. */
function checkHostname(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name
  throw usageError(`invalid host name ${quoted(name)}`, 'use lower-case letters a-z, digits and hyphens, 63 at most')
}
