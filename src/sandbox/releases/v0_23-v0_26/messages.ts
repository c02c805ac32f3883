/**
 * Replies of 0.23 to 0.26: the tailnet's records as these releases send them, fields in the order of the wire.
 * Sources: Proto() in hscontrol/types at v0.23.0, v0.25.1 and v0.26.1.
 */
import type {Node, PreAuthKey, Tailnet, User} from '../../tailnet.ts'
import {time, type Message} from '../shared/release-simulator.ts'
import {storedUserMessage, usernameOf} from '../shared/numbered-users.ts'
import {ownerMessage} from '../shared/owners.ts'
import {nodeIdentity, preAuthKeyFields} from '../shared/records.ts'
import type {ReleaseFacts} from './release-facts.ts'

export function userMessage(user: User, {usersById}: ReleaseFacts): Message {
  return usersById ? storedUserMessage(user) : ownerMessage(user)
}

export function preAuthKeyMessage(tailnet: Tailnet, release: ReleaseFacts, key: PreAuthKey): Message {
  const owner = tailnet.user(key.userId)
  // since 0.24 a lookup by the name shown here can fail
  const shown = owner && (release.usersById ? usernameOf(owner) : owner.name)
  return {
    user: release.keyOwner === 'name' ? (shown ?? '') : owner ? userMessage(owner, release) : null,
    ...preAuthKeyFields(key),
    aclTags: key.tags,
  }
}

/** A node in most replies: never online, without valid tags and served routes. */
export function nodeMessage(tailnet: Tailnet, release: ReleaseFacts, node: Node): Message {
  const owner = tailnet.user(node.userId)
  const key = tailnet.preAuthKey(node.preAuthKeyId)
  return {
    ...nodeIdentity(node),
    user: owner ? userMessage(owner, release) : null,
    lastSeen: time(tailnet.lastSeen(node)),
    expiry: time(node.expiry),
    preAuthKey: key ? preAuthKeyMessage(tailnet, release, key) : null,
    createdAt: time(node.createdAt),
    registerMethod: node.registerMethod,
    forcedTags: node.tags,
    invalidTags: [],
    validTags: [],
    givenName: node.givenName,
    online: false,
    ...(release.routes === 'fields' && {
      approvedRoutes: node.approved,
      availableRoutes: node.advertised,
      subnetRoutes: [],
    }),
  }
}
