/** What `setup join` is asked for, and what each platform can do of it. Pure: a release is here only as its oldest client. */
import {usageError} from '../../errors.ts'

export const PLATFORMS = [
  'linux',
  'docker',
  'openwrt',
  'synology',
  'qnap',
  'macos',
  'windows',
  'android',
  'ios',
] as const

export type Platform = (typeof PLATFORMS)[number]

export interface JoinOptions {
  /** `server_url` of the server, without a slash at the end. */
  serverUrl: string
  /** The pre-auth key; null if somebody registers the node afterwards. */
  authKey: string | null
  hostname: string | null
  /** Networks that the node routes, in canonical spelling. */
  subnets: readonly string[]
  exitNode: boolean
  /** Whether to use routes of other nodes; null for the usual choice. */
  acceptRoutes: boolean | null
  /** Whether to use the DNS settings of the server; null for that of the client. */
  acceptDns: boolean | null
  /** The oldest client that the server accepts, such as `1.80`; null if it accepts all. */
  minimumClient: string | null
}

/** Whether the node forwards packets of others. */
export function isRouter({subnets, exitNode}: Pick<JoinOptions, 'subnets' | 'exitNode'>): boolean {
  return subnets.length > 0 || exitNode
}

/** Every route that the node advertises. */
export function advertisedRoutes({subnets, exitNode}: Pick<JoinOptions, 'subnets' | 'exitNode'>): string[] {
  return [...subnets, ...(exitNode ? ['0.0.0.0/0', '::/0'] : [])]
}

/** `Tailscale`, or `Tailscale 1.80 or later`. */
export function clientText({minimumClient}: Pick<JoinOptions, 'minimumClient'>): string {
  return minimumClient === null ? 'Tailscale' : `Tailscale ${minimumClient} or later`
}

/** The flags as given, before anything is known of a server. */
interface GivenFlags {
  key: boolean
  hostname: boolean
  subnets: boolean
  exitNode: boolean
  accepts: boolean
}

/** @throws a usage error for a flag that the app of a phone has no place for */
export function checkPlatform(platform: Platform, given: GivenFlags): void {
  if (platform !== 'ios' && platform !== 'android') return
  const refuse = (flag: string, hint: string): never => {
    throw usageError(`${flag} cannot be used with --on ${platform}`, hint)
  }
  if (given.hostname) refuse('--hostname', 'the app uses the name of the device; rename the node later: nodes rename')
  if (given.accepts) refuse('--accept-routes and --accept-dns', 'they are switches in the settings of the app')
  if (given.subnets) refuse('--subnet', 'a phone is no router for a network')
  if (platform === 'android') return
  if (given.exitNode) refuse('--exit-node', 'the app has no such switch')
  if (given.key)
    refuse('--user and --tag', 'the app has no place for a pre-auth key: leave them out, and register the node')
}
