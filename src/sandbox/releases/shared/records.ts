/**
 * What the simulators share of the records in replies, and of calls that read or create one. Fields are in the order of
 * the wire; each simulator adds those before and after them.
 */
import {serverError} from '../../server-error.ts'
import {
  derivedKey,
  PENDING_LIFETIME,
  randomText,
  ZERO_TIME,
  type ApiKey,
  type Node,
  type PreAuthKey,
  type Tailnet,
  type User,
} from '../../tailnet.ts'
import {time, type Handler, type Message} from './release-simulator.ts'

/** A pre-auth key between its owner and its tags. */
export function preAuthKeyFields(key: PreAuthKey, shown = key.key): Message {
  return {
    id: key.id,
    key: shown,
    reusable: key.reusable,
    ephemeral: key.ephemeral,
    used: key.used,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
  }
}

/** A node of 0.23 and later up to its user. */
export function nodeIdentity(node: Node): Message {
  return {
    id: node.id,
    machineKey: `mkey:${node.machineKey}`,
    nodeKey: `nodekey:${node.nodeKey}`,
    discoKey: `discokey:${node.discoKey}`,
    ipAddresses: node.addresses,
    name: node.name,
  }
}

/** @param prefix the part of the key that the release shows */
export function apiKeyMessage(key: ApiKey, prefix = key.prefix): Message {
  return {
    id: key.id,
    prefix,
    expiration: time(key.expiration),
    createdAt: time(key.createdAt),
    lastSeen: time(key.lastSeen),
  }
}

export const getPolicy: Handler = ({policy}) => {
  if (!policy) throw serverError('loading ACL from database: acl policy not found')
  return {policy: policy.text, updatedAt: time(policy.updatedAt)}
}

/** A debug registration of 0.23 and later. */
export interface DebugRegistration {
  /** Without the prefix of the release. */
  key: string
  /** Generated when absent. */
  machineKey?: string
  name: string
  owner: User
  routes: string[]
  /** Whether the routes reach the node. */
  keepsRoutes: boolean
}

/** Adds a pending registration with new keys and no disco key, and returns it as the node in the reply. */
export function addDebugRegistration(tailnet: Tailnet, registration: DebugRegistration): Node {
  const {key, machineKey, name, owner, routes, keepsRoutes} = registration
  const client = {
    machineKey: machineKey ?? derivedKey('machine', randomText(24)),
    nodeKey: derivedKey('node', randomText(24)),
    discoKey: '0'.repeat(64),
    name,
    online: false,
    expiry: ZERO_TIME,
    lastSeen: ZERO_TIME,
    userId: owner.id,
  }
  tailnet.pending.set(key, {
    ...client,
    givenName: null,
    routes: keepsRoutes ? routes : [],
    forgetAt: new Date(tailnet.now().getTime() + PENDING_LIFETIME),
  })
  return {
    ...client,
    id: '0',
    givenName: '',
    addresses: [],
    tags: [],
    advertised: routes,
    approved: [],
    createdAt: ZERO_TIME,
    preAuthKeyId: null,
    registerMethod: 'REGISTER_METHOD_UNSPECIFIED',
  }
}
