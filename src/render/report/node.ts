/** All that is known of one node, as a framed report. */
import {isExpired, type Node, nodeName} from '../../domain/node.ts'
import {maskedKey} from '../../domain/pre-auth-key.ts'
import {tableTime} from '../time.ts'
import {framed} from './framed.ts'

/** @param ownerWord heads the owner's row, as in the list */
export function nodeReport(node: Node, {ownerWord, now}: {ownerWord: 'namespace' | 'user'; now: Date}): string {
  const {routes, preAuthKey} = node
  return framed([
    ['ID', node.id],
    ['Name', nodeName(node)],
    ['Host name', node.hostName],
    [ownerWord === 'namespace' ? 'Namespace' : 'User', node.user?.name ?? '-'],
    ['IP addresses', node.ipAddresses.join('\n')],
    ['Tags', node.tags.join('\n')],
    ['Online', node.online ? 'online' : 'offline'],
    ['Last seen', tableTime(node.lastSeen)],
    ['Created', tableTime(node.createdAt)],
    ['Expires', node.expiry ? `${tableTime(node.expiry)}${isExpired(node, now) ? ' (expired)' : ''}` : 'never'],
    ['Registered by', node.registerMethod ?? ''],
    ['Pre-auth key', preAuthKey ? `${maskedKey(preAuthKey.key)}${preAuthKey.ephemeral ? ' (ephemeral)' : ''}` : ''],
    ['Routes available', routes?.available.join('\n') ?? ''],
    ['Routes approved', routes?.approved.join('\n') ?? ''],
    ['Routes serving', routes?.serving?.join('\n') ?? ''],
    ['Machine key', node.machineKey ?? ''],
    ['Node key', node.nodeKey ?? ''],
    ['Disco key', node.discoKey ?? ''],
  ])
}
