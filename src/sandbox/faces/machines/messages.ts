/**
 * Replies of 0.15 to 0.17: the tailnet's records as these releases print them, fields in the order of the wire.
 * Field sets per release: the generated Go code of the tags.
 */
import type {ApiKey, Node, PreAuthKey, Tailnet, User} from '../../tailnet.ts'
import {time, type Message} from '../face.ts'
import type {MachinesRelease} from './release.ts'

export function namespaceMessage(user: User): Message {
  return {id: user.id, name: user.name, createdAt: time(user.createdAt)}
}

export function preAuthKeyMessage(tailnet: Tailnet, release: MachinesRelease, key: PreAuthKey): Message {
  return {
    namespace: tailnet.user(key.userId)?.name ?? '',
    id: key.id,
    key: key.key,
    reusable: key.reusable,
    ephemeral: key.ephemeral,
    used: key.used,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
    ...(release.hasAclTags && {aclTags: key.tags}),
  }
}

/** @param withKey lists load the pre-auth key of a machine, everything else leaves it out */
export function machineMessage(tailnet: Tailnet, release: MachinesRelease, node: Node, withKey = false): Message {
  const owner = tailnet.user(node.userId)
  const key = withKey ? tailnet.preAuthKey(node.preAuthKeyId) : undefined
  return {
    id: node.id,
    machineKey: node.machineKey,
    nodeKey: node.nodeKey,
    discoKey: node.discoKey,
    ipAddresses: node.addresses,
    name: node.name,
    namespace: owner ? namespaceMessage(owner) : null,
    lastSeen: time(tailnet.lastSeen(node)),
    lastSuccessfulUpdate: time(tailnet.lastSeen(node)),
    expiry: time(node.expiry),
    preAuthKey: key ? preAuthKeyMessage(tailnet, release, key) : null,
    createdAt: time(node.createdAt),
    registerMethod: 'REGISTER_METHOD_UNSPECIFIED',
    ...(release.hasTagsAndNames && {
      forcedTags: node.tags,
      invalidTags: [],
      validTags: [],
      givenName: node.givenName,
    }),
  }
}

export function routesMessage(node: Node): Message {
  return {routes: {advertisedRoutes: node.advertised, enabledRoutes: node.approved}}
}

export function apiKeyMessage(key: ApiKey): Message {
  return {
    id: key.id,
    prefix: key.prefix,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
    lastSeen: time(key.lastSeen),
  }
}
