/**
 * What differs between the releases of this simulator (0.27 to 0.29), stated once. 0.27 stands for 0.27.1, 0.28 for 0.28.0,
 * 0.29 for 0.29.3. Handlers ask for a fact, never for a number.
 */
import {MESSAGES_0_27, MESSAGES_0_29, type PolicyMessages} from './policy-messages.ts'

export interface ReleaseFacts {
  release: '0.27.0' | '0.27' | '0.28' | '0.29' | '0.30'
  /** What `/version` says. */
  version: string
  /** Pre-auth keys by id and shown once, API keys by id, tags for good and without moving: since 0.28. */
  hasKeyIdsAndTags: boolean
  /** A time at which a node is to expire: since 0.27.1. */
  hasExpiryTime: boolean
  /** AuthRegister, AuthApprove, AuthReject, CheckPolicy and disable_expiry: since 0.29. */
  hasAuthAndChecks: boolean
  /** What stands before the 24 characters of a registration key. */
  keyPrefix: '' | 'hskey-authreq-'
  /** Secrets are of hex digits: the 0.30 tree. */
  hexSecrets: boolean
  /** Host names that are none in DNS become `invalid-` and eight random characters: up to 0.28. */
  replacesHostNames: boolean
  /** Routes of a debug registration reach the node; in 0.29 they are echoed and lost. */
  keepsDebugRoutes: boolean
  /** Tagging leaves the user on the node, as the one who made it; 0.29 takes it away. */
  tagsKeepUser: boolean
  /** Only connected nodes serve routes: since 0.29. */
  servesOnlineOnly: boolean
  /** Deleting any user deletes the pre-auth keys of everybody: 0.28.0 alone. */
  deletesAllPreAuthKeys: boolean
  /** What stands before "creating user: …" when creating one fails. */
  createUserContext: string
  /** How a change of a node that is not there is refused, up to its id. */
  noSuchNode: string
  /** How a name that another node has is refused, up to the name. */
  nameTaken: string
  spacesInTag: string
  policyMessages: PolicyMessages
  /** Fields that a policy may have. */
  policyFields: readonly string[]
}

const POLICY_FIELDS = ['groups', 'hosts', 'tagOwners', 'acls', 'autoApprovers', 'ssh']

const V0_27_0: ReleaseFacts = {
  release: '0.27.0',
  version: 'v0.27.0',
  hasKeyIdsAndTags: false,
  hasExpiryTime: false,
  hasAuthAndChecks: false,
  keyPrefix: '',
  replacesHostNames: true,
  hexSecrets: false,
  keepsDebugRoutes: true,
  tagsKeepUser: true,
  servesOnlineOnly: false,
  deletesAllPreAuthKeys: false,
  createUserContext: 'failed to create user',
  noSuchNode: 'node not found in NodeStore: ',
  nameTaken: 'name is not unique: ',
  spacesInTag: 'tag should not contains space',
  policyMessages: MESSAGES_0_27,
  policyFields: POLICY_FIELDS,
}
const V0_27: ReleaseFacts = {...V0_27_0, release: '0.27', version: 'v0.27.1', hasExpiryTime: true}
const V0_28: ReleaseFacts = {
  ...V0_27,
  release: '0.28',
  version: 'v0.28.0',
  hasKeyIdsAndTags: true,
  deletesAllPreAuthKeys: true,
  noSuchNode: 'node no longer exists in NodeStore: ',
  nameTaken: 'node name is not unique: ',
}
const V0_29: ReleaseFacts = {
  ...V0_28,
  release: '0.29',
  version: 'v0.29.3',
  hasAuthAndChecks: true,
  keyPrefix: 'hskey-authreq-',
  replacesHostNames: false,
  keepsDebugRoutes: false,
  tagsKeepUser: false,
  servesOnlineOnly: true,
  deletesAllPreAuthKeys: false,
  createUserContext: 'creating user',
  spacesInTag: 'tags must not contain spaces',
  policyMessages: MESSAGES_0_29,
  policyFields: [...POLICY_FIELDS, 'grants', 'nodeAttrs', 'tests', 'sshTests', 'randomizeClientPort'],
}

export const FACTS: Record<ReleaseFacts['release'], ReleaseFacts> = {
  '0.27.0': V0_27_0,
  '0.27': V0_27,
  '0.28': V0_28,
  '0.29': V0_29,
  '0.30': {...V0_29, release: '0.30', version: 'dev', hexSecrets: true},
}
