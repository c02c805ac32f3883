/**
 * Replies of 0.27 to 0.29: the tailnet's records as these releases send them, fields in the order of the wire.
 * Sources: Proto() in hscontrol/types and nodesToProto in hscontrol/grpcv1.go at v0.29.3.
 */
import {EXIT_ROUTES} from '../../prefix.ts'
import {ZERO_TIME, type Node, type PreAuthKey, type Tailnet, type User} from '../../tailnet.ts'
import {time, type Message} from '../shared/release-simulator.ts'
import {storedUserMessage, usernameOf} from '../shared/numbered-users.ts'
import {nodeMessage as earlierNodeMessage} from '../v0_23-v0_26/messages.ts'
import {FACTS as FACTS_UP_TO_0_26} from '../v0_23-v0_26/release-facts.ts'
import {servedRoutes} from '../shared/node-routes.ts'
import {nodeIdentity, preAuthKeyFields} from '../shared/records.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** A user without a name shows its e-mail address, provider id or id instead. */
export function userMessage(user: User): Message {
  return {...storedUserMessage(user), name: user.name || usernameOf(user)}
}

/** The user of a tagged node in lists. */
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

/** @param full whether to show the whole secret, as the reply to its creation does */
export function preAuthKeyMessage(tailnet: Tailnet, key: PreAuthKey, full = false): Message {
  const owner = tailnet.user(key.userId)
  const masked = key.key.startsWith('hskey-auth-') ? `${key.key.slice(0, 'hskey-auth-'.length + 12)}-***` : key.key
  return {
    user: owner ? userMessage(owner) : null,
    ...preAuthKeyFields(key, full ? key.key : masked),
    aclTags: key.tags,
  }
}

/** A node in every reply but lists and route changes: without served routes. */
export function nodeMessage(tailnet: Tailnet, node: Node, release: ReleaseFacts): Message {
  // as in 0.26, except that every reply has the online state
  if (!release.hasKeyIdsAndTags)
    return {...earlierNodeMessage(tailnet, FACTS_UP_TO_0_26['0.26'], node), online: node.online}
  const owner = tailnet.user(node.userId)
  const key = tailnet.preAuthKey(node.preAuthKeyId)
  return {
    ...nodeIdentity(node),
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

/** @param serving from servingNodes() */
export function listedNodeMessage(
  tailnet: Tailnet,
  node: Node,
  release: ReleaseFacts,
  serving: ReadonlyMap<string, Node>,
): Message {
  const exits = node.advertised.filter((route) => EXIT_ROUTES.includes(route) && node.approved.includes(route))
  return {
    ...nodeMessage(tailnet, node, release),
    ...(release.hasKeyIdsAndTags
      ? node.tags.length > 0 && {user: TAGGED_DEVICES}
      : {validTags: [...new Set([...node.tags, ...(node.requestedTags ?? [])])]}),
    subnetRoutes: [...servedRoutes(node, serving), ...exits],
  }
}
