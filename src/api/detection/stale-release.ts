/**
 * Detects that a REST reply comes from another release than the cached one. The gateway writes every field of its
 * release, set or not, so a missing or additional field shows another release. Without this check, for a minute after
 * an upgrade nodes would seem to have no routes, or users no profiles.
 *
 * Used only with a cached release; if this check fails, the release is detected again.
 */
import type {Capabilities} from '../capabilities.ts'

type Fields = Record<string, unknown>

/** Whether a reply has fields that the release does not have, or lacks fields that it has. */
export function isOfOtherRelease(reply: unknown, capabilities: Capabilities): boolean {
  return (
    objects(reply, ['nodes', 'machines', 'node', 'machine']).some((node) => nodeDiffers(node, capabilities)) ||
    objects(reply, ['users', 'namespaces', 'user', 'namespace']).some((user) => userDiffers(user, capabilities)) ||
    objects(reply, ['preAuthKeys', 'preAuthKey']).some((key) => keyDiffers(key, capabilities))
  )
}

/** The objects in the fields with these names, single or in a list. */
function objects(reply: unknown, names: readonly string[]): Fields[] {
  const fields = (reply ?? {}) as Fields
  return names.flatMap((name) => fields[name] ?? []).filter((value) => typeof value === 'object') as Fields[]
}

function nodeDiffers(node: Fields, capabilities: Capabilities): boolean {
  const {givenNames, reportsOnline, routesOnNodes, preAuthKeysHaveIds} = capabilities
  return (
    objects(node, ['user', 'namespace']).some((user) => userDiffers(user, capabilities)) ||
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
