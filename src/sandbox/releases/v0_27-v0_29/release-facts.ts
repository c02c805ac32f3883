/**
 * What differs between the releases of this simulator (0.27 to 0.29). 0.27 stands for 0.27.1, 0.28 for 0.28.0, 0.29 for
 * 0.29.3. Handlers use these facts, never release numbers.
 */
import {MESSAGES_0_27, MESSAGES_0_29, type PolicyMessages} from './policy-messages.ts'

export interface ReleaseFacts {
  release: '0.27.0' | '0.27' | '0.28' | '0.29' | '0.30'
  /** The version in the reply of `/version`. */
  version: string
  /** Keys have ids, pre-auth keys are shown once, tags are permanent and nodes cannot be moved: since 0.28. */
  hasKeyIdsAndTags: boolean
  /** A node can be expired at a given time: since 0.27.1. */
  hasExpiryTime: boolean
  /** AuthRegister, AuthApprove, AuthReject, CheckPolicy and disable_expiry: since 0.29. */
  hasAuthAndChecks: boolean
  /** The prefix before the 24 characters of a registration key. */
  keyPrefix: '' | 'hskey-authreq-'
  /** Secrets consist of hex digits: the 0.30 tree. */
  hexSecrets: boolean
  /** Invalid host names become `invalid-` and eight random characters: up to 0.28. */
  replacesHostNames: boolean
  /** The node of a debug registration has its routes; 0.29 echoes and loses them. */
  keepsDebugRoutes: boolean
  /** A tagged node keeps its user; 0.29 removes it. */
  tagsKeepUser: boolean
  /** Only connected nodes serve routes: since 0.29. */
  servesOnlineOnly: boolean
  /** Deleting any user deletes the pre-auth keys of everybody: 0.28.0 alone. */
  deletesAllPreAuthKeys: boolean
  /** The context before "creating user: …" in an error. */
  createUserContext: string
  /** The error for a change of an unknown node, up to its id. */
  nodeNotFoundMessage: string
  /** The error for a name that another node has, up to the name. */
  nameTakenMessage: string
  spaceInTagMessage: string
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
  nodeNotFoundMessage: 'node not found in NodeStore: ',
  nameTakenMessage: 'name is not unique: ',
  spaceInTagMessage: 'tag should not contains space',
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
  nodeNotFoundMessage: 'node no longer exists in NodeStore: ',
  nameTakenMessage: 'node name is not unique: ',
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
  spaceInTagMessage: 'tags must not contain spaces',
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
