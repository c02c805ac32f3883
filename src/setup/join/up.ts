/** The arguments of `tailscale up`. */
import {advertisedRoutes, type JoinOptions} from './options.ts'

/**
 * @param asksForRoutes whether routes of other nodes are used only if a flag says so: the clients for Linux
 * @returns words, not yet quoted
 */
export function upWords(
  {serverUrl, authKey, hostname, subnets, exitNode, acceptRoutes, acceptDns}: JoinOptions,
  {asksForRoutes}: {asksForRoutes: boolean},
): string[] {
  return [
    'up',
    ...['--login-server', serverUrl],
    ...(authKey === null ? [] : ['--auth-key', authKey]),
    ...(hostname === null ? [] : ['--hostname', hostname]),
    ...acceptRoutesWords(acceptRoutes, asksForRoutes),
    ...(acceptDns === null ? [] : [`--accept-dns=${acceptDns}`]),
    ...(subnets.length === 0 ? [] : ['--advertise-routes', advertisedRoutes({subnets, exitNode: false}).join(',')]),
    ...(exitNode ? ['--advertise-exit-node'] : []),
  ]
}

/** The clients for Linux ignore routes of other nodes unless told; all others use them. */
export function acceptRoutesWords(acceptRoutes: boolean | null, asksForRoutes: boolean): string[] {
  if (asksForRoutes) return acceptRoutes === false ? [] : ['--accept-routes']
  return acceptRoutes === null ? [] : [`--accept-routes=${acceptRoutes}`]
}
