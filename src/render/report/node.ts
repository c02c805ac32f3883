/** The details of one node, as lines of `Key: value` that fit a terminal of 80 columns. */
import {isExpired, type Node, nodeName} from '../../domain/node.ts'
import {userLabel} from '../../domain/user.ts'
import {maskedKey} from '../../domain/pre-auth-key.ts'
import {ownerHeading} from '../columns/headings.ts'
import {tableTime} from '../time.ts'
import {keyValueLines} from './key-values.ts'

/** @param ownerWord the release's name for the owner of a node */
export function nodeReport(node: Node, {ownerWord, now}: {ownerWord: 'namespace' | 'user'; now: Date}): string {
  const {routes, preAuthKey} = node
  return keyValueLines([
    ['ID', node.id],
    ['Name', nodeName(node)],
    ['Host name', node.hostName],
    [ownerHeading(ownerWord), node.user ? userLabel(node.user) : ''],
    ['IP addresses', node.ipAddresses],
    ['Tags', node.tags],
    ['Online', node.online ? 'online' : 'offline'],
    ['Last seen', tableTime(node.lastSeen)],
    ['Created', tableTime(node.createdAt)],
    ['Expires', node.expiry ? `${tableTime(node.expiry)}${isExpired(node, now) ? ' (expired)' : ''}` : 'never'],
    ['Registered by', node.registerMethod ?? ''],
    ['Pre-auth key', preAuthKey ? `${maskedKey(preAuthKey.key)}${preAuthKey.ephemeral ? ' (ephemeral)' : ''}` : ''],
    ['Routes available', routes?.available ?? []],
    ['Routes approved', routes?.approved ?? []],
    ['Routes serving', routes?.serving ?? []],
    ['Machine key', node.machineKey ?? ''],
    ['Node key', node.nodeKey ?? ''],
    ['Disco key', node.discoKey ?? ''],
  ])
}
