/** The details of one node, as lines of `Key: value` that fit a terminal of 80 columns. */
import {isExpired, type Node, nodeName} from '../../domain/node.ts'
import {userLabel} from '../../domain/user.ts'
import {maskedKey} from '../../domain/pre-auth-key.ts'
import {ownerHeading} from '../columns/headings.ts'
import {tableTime} from '../time.ts'
import {keyValueLines} from './key-values.ts'

interface Context {
  /** The release's name for the owner of a node. */
  ownerWord: 'namespace' | 'user'
  now: Date
  /** Why it is not known what the client reports; null if it is. */
  unknownClient: string | null
}

export function nodeReport(node: Node, {ownerWord, now, unknownClient}: Context): string {
  const {routes, preAuthKey, client} = node
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
    ...(client
      ? ([
          ['OS', [client.os, client.osVersion && `(${client.osVersion})`].filter(Boolean).join(' ')],
          ['Client', client.version ?? ''],
          ['Endpoints', client.endpoints],
        ] as const)
      : ([['OS, client', unknownClient === null ? '' : `unknown: ${unknownClient}`]] as const)),
    ['Machine key', node.machineKey ?? ''],
    ['Node key', node.nodeKey ?? ''],
    ['Disco key', node.discoKey ?? ''],
  ])
}
