/** The published JSON of a node: one shape on all releases, proto-JSON spelling, null for what a release lacks. */
import type {Node, RegisterMethod} from '../../domain/node.ts'
import {preAuthKeyDocument} from './pre-auth-key.ts'
import {documentTime} from '../time.ts'
import type {NodeDocument} from './schemas.ts'
import {userDocument} from './user.ts'

const REGISTER_METHODS: Record<RegisterMethod, NonNullable<NodeDocument['registerMethod']>> = {
  'auth-key': 'REGISTER_METHOD_AUTH_KEY',
  cli: 'REGISTER_METHOD_CLI',
  oidc: 'REGISTER_METHOD_OIDC',
}

export function nodeDocument(node: Node): NodeDocument {
  return {
    id: node.id,
    machineKey: node.machineKey,
    nodeKey: node.nodeKey,
    discoKey: node.discoKey,
    ipAddresses: node.ipAddresses,
    name: node.hostName,
    givenName: node.givenName,
    user: node.user && userDocument(node.user),
    lastSeen: documentTime(node.lastSeen),
    expiry: documentTime(node.expiry),
    preAuthKey: node.preAuthKey && preAuthKeyDocument(node.preAuthKey),
    createdAt: documentTime(node.createdAt),
    registerMethod: node.registerMethod && REGISTER_METHODS[node.registerMethod],
    tags: node.tags,
    online: node.online,
    approvedRoutes: node.routes?.approved ?? null,
    availableRoutes: node.routes?.available ?? null,
    subnetRoutes: node.routes?.serving ?? null,
    os: node.client?.os ?? null,
    osVersion: node.client?.osVersion ?? null,
    clientVersion: node.client?.version ?? null,
    endpoints: node.client?.endpoints ?? null,
  }
}
