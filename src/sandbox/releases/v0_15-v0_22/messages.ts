/**
 * Replies of 0.15 to 0.22: the tailnet's records as these releases send them, fields in the order of the wire.
 * Field sets per release: the generated Go code of the tags.
 */
import {ZERO_TIME, type Node, type PreAuthKey, type Tailnet} from '../../tailnet.ts'
import {time, type Message} from '../shared/release-simulator.ts'
import {ownerMessage} from '../shared/owners.ts'
import {preAuthKeyFields} from '../shared/records.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** The owner of a machine in a route, which the servers do not load. */
const NOT_LOADED: Message = {id: '0', name: '', createdAt: time(ZERO_TIME)}

export function preAuthKeyMessage(tailnet: Tailnet, release: ReleaseFacts, key: PreAuthKey): Message {
  return {
    [release.owner]: tailnet.user(key.userId)?.name ?? '',
    ...preAuthKeyFields(key),
    ...(release.hasAclTags && {aclTags: key.tags}),
  }
}

/** What a reply contains besides the machine: lists have the pre-auth key, routes have no owner either. */
export type Loaded = 'owner and key' | 'owner' | 'nothing'

export function machineMessage(tailnet: Tailnet, release: ReleaseFacts, node: Node, loaded: Loaded = 'owner'): Message {
  const owner = tailnet.user(node.userId)
  const key = loaded === 'owner and key' ? tailnet.preAuthKey(node.preAuthKeyId) : undefined
  return {
    id: node.id,
    machineKey: node.machineKey,
    nodeKey: node.nodeKey,
    discoKey: node.discoKey,
    ipAddresses: node.addresses,
    name: node.name,
    [release.owner]: loaded === 'nothing' ? NOT_LOADED : owner ? ownerMessage(owner) : null,
    lastSeen: time(tailnet.lastSeen(node)),
    lastSuccessfulUpdate: time(tailnet.lastSeen(node)),
    expiry: time(node.expiry),
    preAuthKey: key ? preAuthKeyMessage(tailnet, release, key) : null,
    createdAt: time(node.createdAt),
    registerMethod: 'REGISTER_METHOD_UNSPECIFIED',
    ...(release.hasTagsAndNames && {
      forcedTags: node.tags,
      invalidTags: [],
      validTags: loaded === 'owner and key' ? (node.requestedTags ?? []) : [],
      givenName: node.givenName,
    }),
    ...(release.reportsOnline && {online: isOnline(tailnet, node)}),
  }
}

/** Whether a machine is online for these releases: just seen and not expired. */
export function isOnline(tailnet: Tailnet, {online, expiry}: Node): boolean {
  return online && (!expiry || expiry.getTime() === ZERO_TIME.getTime() || expiry >= tailnet.now())
}
