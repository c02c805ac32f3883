/**
 * Replies of 0.28 and 0.29: the tailnet's records as these releases print them, fields in the order of the wire.
 * Sources: Proto() in hscontrol/types and nodesToProto in hscontrol/grpcv1.go at v0.29.2.
 */
import {comparePrefixes, EXIT_ROUTES} from '../../prefix.ts'
import {ZERO_TIME, type ApiKey, type Node, type PreAuthKey, type Tailnet, type User} from '../../tailnet.ts'
import {time, type Message} from '../face.ts'
import type {NodesRelease} from './release.ts'

/** A user without a name shows what else is known of it, in the end its id. */
export function userMessage(user: User): Message {
  return {
    id: user.id,
    name: user.name || user.email || user.providerId || user.id,
    createdAt: time(user.createdAt),
    displayName: user.displayName,
    email: user.email,
    providerId: user.providerId,
    provider: user.provider,
    profilePicUrl: user.profilePicUrl,
  }
}

/** Whom lists show as the user of a tagged node. */
const TAGGED_DEVICES = userMessage({
  id: '2147455555',
  name: 'tagged-devices',
  createdAt: ZERO_TIME,
  displayName: 'Tagged Devices',
  email: '',
  providerId: '',
  provider: '',
  profilePicUrl: '',
})

/** @param full the whole secret, which only the answer to its creation has */
export function preAuthKeyMessage(tailnet: Tailnet, key: PreAuthKey, full = false): Message {
  const owner = tailnet.user(key.userId)
  const masked = key.key.startsWith('hskey-auth-') ? `${key.key.slice(0, 'hskey-auth-'.length + 12)}-***` : key.key
  return {
    user: owner ? userMessage(owner) : null,
    id: key.id,
    key: full ? key.key : masked,
    reusable: key.reusable,
    ephemeral: key.ephemeral,
    used: key.used,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
    aclTags: key.tags,
  }
}

/** A node as every call but lists and route changes shows it: nothing served. */
export function nodeMessage(tailnet: Tailnet, node: Node): Message {
  const owner = tailnet.user(node.userId)
  const key = tailnet.preAuthKey(node.preAuthKeyId)
  return {
    id: node.id,
    machineKey: `mkey:${node.machineKey}`,
    nodeKey: `nodekey:${node.nodeKey}`,
    discoKey: `discokey:${node.discoKey}`,
    ipAddresses: node.addresses,
    name: node.name,
    user: owner ? userMessage(owner) : null,
    lastSeen: time(tailnet.lastSeen(node)),
    expiry: time(node.expiry),
    preAuthKey: key ? preAuthKeyMessage(tailnet, key) : null,
    createdAt: time(node.createdAt),
    registerMethod: node.registerMethod,
    givenName: node.givenName,
    online: node.online,
    approvedRoutes: node.approved,
    availableRoutes: node.advertised,
    subnetRoutes: [],
    tags: node.tags,
  }
}

export function listedNodeMessage(tailnet: Tailnet, release: NodesRelease, node: Node): Message {
  const exits = node.advertised.filter((route) => EXIT_ROUTES.includes(route) && node.approved.includes(route))
  return {
    ...nodeMessage(tailnet, node),
    ...(node.tags.length > 0 && {user: TAGGED_DEVICES}),
    subnetRoutes: [...servedRoutes(tailnet, release, node), ...exits],
  }
}

/** Routes a node serves, without exit routes: approved, offered, and by no node before it. */
export function servedRoutes(tailnet: Tailnet, release: NodesRelease, node: Node): string[] {
  const serves = (other: Node, route: string) =>
    (other.online || !release.servesOnlineOnly) && other.approved.includes(route) && other.advertised.includes(route)
  return node.advertised
    .filter((route) => !EXIT_ROUTES.includes(route) && tailnet.nodes.find((other) => serves(other, route)) === node)
    .sort(comparePrefixes)
}

export function apiKeyMessage(key: ApiKey): Message {
  return {
    id: key.id,
    prefix: `hskey-api-${key.prefix}-***`,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
    lastSeen: time(key.lastSeen),
  }
}
