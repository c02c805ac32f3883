/**
 * Signs that a reply over REST comes from another release than the one remembered of the address. The gateway writes
 * every field its release has, set or not, so a field that is missing, or one too many, tells. Without this an upgrade
 * would for a minute read as nodes without routes or users without profiles.
 *
 * It is for remembered releases only: after such a sign the server is asked for its release.
 */
import type {Capabilities} from '../capabilities.ts'

type Fields = Record<string, unknown>

/** Whether a reply has fields the release lacks, or lacks fields it has. */
export function isOfOtherRelease(reply: unknown, capabilities: Capabilities): boolean {
  return (
    things(reply, ['nodes', 'machines', 'node', 'machine']).some((node) => nodeDiffers(node, capabilities)) ||
    things(reply, ['users', 'namespaces', 'user', 'namespace']).some((user) => userDiffers(user, capabilities)) ||
    things(reply, ['preAuthKeys', 'preAuthKey']).some((key) => keyDiffers(key, capabilities))
  )
}

/** The objects under any of the names, each alone or in a list. */
function things(reply: unknown, names: readonly string[]): Fields[] {
  const fields = (reply ?? {}) as Fields
  return names.flatMap((name) => fields[name] ?? []).filter((thing) => typeof thing === 'object') as Fields[]
}

function nodeDiffers(node: Fields, capabilities: Capabilities): boolean {
  const {givenNames, reportsOnline, routesOnNodes, preAuthKeysHaveIds} = capabilities
  return (
    things(node, ['user', 'namespace']).some((user) => userDiffers(user, capabilities)) ||
    'givenName' in node !== givenNames ||
    'online' in node !== reportsOnline ||
    'availableRoutes' in node !== routesOnNodes ||
    'tags' in node !== preAuthKeysHaveIds
  )
}

function userDiffers(user: Fields, {userProfiles}: Capabilities): boolean {
  return 'displayName' in user !== userProfiles
}

function keyDiffers(key: Fields, {ownerWord, preAuthKeyOwner, preAuthKeyTags}: Capabilities): boolean {
  if (!(ownerWord in key)) return true
  const byName = typeof key[ownerWord] === 'string'
  return byName !== (preAuthKeyOwner === 'name') || 'aclTags' in key !== preAuthKeyTags
}
