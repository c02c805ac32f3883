/**
 * The only place with headscale release numbers: one row per group of releases that detection can tell apart,
 * naming its message set, its operations and its capabilities. A new release is a row here and the one or two
 * shapes that changed.
 *
 * Sources: the descriptors, gateway code and swagger files of the tags v0.15.0 to v0.29.2 and the 0.30 development
 * tree. Groups with one API: 0.19/0.20, 0.21/0.22, 0.24/0.25.
 */
import type {Capabilities} from './capabilities.ts'
import type {MessageSetId} from './messages.ts'
import type {OperationId} from './operations.ts'

export type ReleaseGroupId =
  | '0.15'
  | '0.16'
  | '0.17'
  | '0.18'
  | '0.19'
  | '0.21'
  | '0.23'
  | '0.24'
  | '0.26'
  | '0.27.0'
  | '0.27.1'
  | '0.28'
  | '0.29'
  | '0.30'

export interface ReleaseGroup {
  /** First release of the group. */
  id: ReleaseGroupId
  /** The releases of the group as people write them: `0.21 or 0.22`. */
  releases: string
  /** message set of its gRPC API; null where there is only HTTP. */
  messageSet: MessageSetId | null
  operations: ReadonlySet<OperationId>
  capabilities: Capabilities
}

type Operations = readonly OperationId[]

const API_KEYS: Operations = ['CreateApiKey', 'ExpireApiKey', 'ListApiKeys']
const PRE_AUTH_KEYS: Operations = ['CreatePreAuthKey', 'ExpirePreAuthKey', 'ListPreAuthKeys']
const NAMESPACES: Operations = [
  'GetNamespace',
  'CreateNamespace',
  'RenameNamespace',
  'DeleteNamespace',
  'ListNamespaces',
]
const USERS_BY_NAME: Operations = ['GetUser', 'CreateUser', 'RenameUserByName', 'DeleteUserByName', 'ListUsers']
const USERS_BY_ID: Operations = ['CreateUser', 'RenameUser', 'DeleteUser', 'ListUsers']
const MACHINES: Operations = [
  'DebugCreateMachine',
  'GetMachine',
  'RegisterMachine',
  'DeleteMachine',
  'ExpireMachine',
  'ListMachines',
]
const MACHINE_EDITS: Operations = ['SetMachineTags', 'RenameMachine']
const MACHINE_ROUTE_SETS: Operations = ['GetMachineRoute', 'EnableMachineRoutes']
const ROUTES: Operations = ['GetRoutes', 'EnableRoute', 'DisableRoute']
const NODES: Operations = [
  'DebugCreateNode',
  'GetNode',
  'SetTags',
  'RegisterNode',
  'DeleteNode',
  'ExpireNode',
  'RenameNode',
  'ListNodes',
  'BackfillNodeIPs',
]
const POLICY: Operations = ['DeleteApiKey', 'GetPolicy', 'SetPolicy']
const NODE_ROUTES: Operations = [...ROUTES, 'DeleteRoute', 'GetNodeRoutes']
const KEYS_BY_ID: Operations = ['CreatePreAuthKey', 'ExpirePreAuthKeyById', 'DeletePreAuthKey', 'ListAllPreAuthKeys']
const AUTH: Operations = ['AuthRegister', 'AuthApprove', 'AuthReject', 'CheckPolicy']

const OAUTH: Operations = ['ListKeys', 'CreateKey', 'DeleteKey']

const D1: Capabilities = {
  ownerWord: 'namespace',
  nodeWord: 'machine',
  userProfiles: false,
  userNameRule: 'dns',
  givenNames: false,
  reportsOnline: false,
  routesOnNodes: false,
  routes: 'machine-sets',
  usersById: false,
  preAuthKeyOwner: 'name',
  preAuthKeysHaveIds: false,
  preAuthKeyTags: false,
  destroyDeletesAllPreAuthKeys: false,
  tagsArePermanent: false,
  movesNodes: false,
  clearsTags: false,
  givenNamesAreUnique: false,
  expiryTime: false,
  expiryOff: false,
  backfillsIPs: false,
  policyCheck: false,
  policyGrants: false,
  policyWithoutRulesAllowsAll: false,
  rejectedPolicyBreaksState: false,
  registrationKeys: ['hex'],
  namesRegisteredNode: false,
  registrationIsReusable: true,
  debugKeyCrashesServer: false,
}
const D1_TAGS: Capabilities = {...D1, givenNames: true, movesNodes: true, clearsTags: true}
const D1_NODE_KEYS: Capabilities = {
  ...D1_TAGS,
  registrationKeys: ['nodekey'],
  namesRegisteredNode: true,
  debugKeyCrashesServer: true,
  preAuthKeyTags: true,
}
const D2: Capabilities = {...D1_NODE_KEYS, reportsOnline: true, routes: 'rows'}
const D3: Capabilities = {...D2, ownerWord: 'user'}
const D4: Capabilities = {
  ...D3,
  nodeWord: 'node',
  givenNamesAreUnique: true,
  registrationKeys: ['mkey'],
  registrationIsReusable: false,
  debugKeyCrashesServer: false,
  backfillsIPs: true,
}
const D5: Capabilities = {
  ...D4,
  userProfiles: true,
  usersById: true,
  rejectedPolicyBreaksState: true,
  userNameRule: 'server',
  registrationKeys: ['registration-id', 'mkey'],
}
const D6: Capabilities = {
  ...D5,
  rejectedPolicyBreaksState: false,
  policyWithoutRulesAllowsAll: true,
  userNameRule: 'account',
  routesOnNodes: true,
  routes: 'node-sets',
  preAuthKeyOwner: 'id',
  registrationKeys: ['registration-id'],
}
const D6_26: Capabilities = {...D6, rejectedPolicyBreaksState: true}
const D6_EXPIRY: Capabilities = {...D6, expiryTime: true}
const D7: Capabilities = {
  ...D6_EXPIRY,
  preAuthKeysHaveIds: true,
  tagsArePermanent: true,
  clearsTags: false,
  movesNodes: false,
}
const D7_28: Capabilities = {...D7, destroyDeletesAllPreAuthKeys: true}
const D7_AUTH: Capabilities = {
  ...D7,
  expiryOff: true,
  policyCheck: true,
  policyGrants: true,
  registrationKeys: ['auth-id'],
}

function group(
  id: ReleaseGroupId,
  releases: string,
  messageSet: MessageSetId | null,
  capabilities: Capabilities,
  ...groups: Operations[]
): ReleaseGroup {
  return {id, releases, messageSet, capabilities, operations: new Set(groups.flat())}
}

const D1_OPERATIONS = [...NAMESPACES, ...MACHINES, ...PRE_AUTH_KEYS, ...API_KEYS] as const
const D3_OPERATIONS = [
  ...USERS_BY_NAME,
  ...MACHINES,
  ...MACHINE_EDITS,
  'MoveMachine',
  ...ROUTES,
  'GetMachineRoutes',
  ...PRE_AUTH_KEYS,
  ...API_KEYS,
] as const
const D6_OPERATIONS = [
  ...USERS_BY_ID,
  ...NODES,
  'SetApprovedRoutes',
  'MoveNode',
  ...PRE_AUTH_KEYS,
  ...API_KEYS,
  ...POLICY,
] as const
const D7_OPERATIONS = [
  ...USERS_BY_ID,
  ...NODES,
  'SetApprovedRoutes',
  ...KEYS_BY_ID,
  ...API_KEYS,
  ...POLICY,
  'Health',
] as const

/** Every group, oldest first. */
export const RELEASE_GROUPS: readonly ReleaseGroup[] = [
  group('0.15', '0.15', 'v0_15', D1, D1_OPERATIONS, MACHINE_ROUTE_SETS),
  group('0.16', '0.16', 'v0_15', D1_TAGS, D1_OPERATIONS, MACHINE_ROUTE_SETS, MACHINE_EDITS, ['MoveMachineToNamespace']),
  group('0.17', '0.17', 'v0_15', D1_NODE_KEYS, D1_OPERATIONS, MACHINE_ROUTE_SETS, MACHINE_EDITS, [
    'MoveMachineToNamespace',
  ]),
  group(
    '0.18',
    '0.18',
    'v0_15',
    D2,
    D1_OPERATIONS,
    MACHINE_EDITS,
    ['MoveMachineToNamespace', 'GetMachineRoutes'],
    ROUTES,
  ),
  group('0.19', '0.19 or 0.20', 'v0_19', D3, D3_OPERATIONS),
  group('0.21', '0.21 or 0.22', 'v0_19', D3, D3_OPERATIONS, ['DeleteRoute']),
  group('0.23', '0.23', 'v0_19', D4, USERS_BY_NAME, NODES, ['MoveNode'], NODE_ROUTES, PRE_AUTH_KEYS, API_KEYS, POLICY),
  group(
    '0.24',
    '0.24 or 0.25',
    'v0_24',
    D5,
    USERS_BY_ID,
    NODES,
    ['MoveNode'],
    NODE_ROUTES,
    PRE_AUTH_KEYS,
    API_KEYS,
    POLICY,
  ),
  group('0.26', '0.26', 'v0_26', D6_26, D6_OPERATIONS),
  group('0.27.0', '0.27.0', 'v0_26', D6, D6_OPERATIONS, ['Health']),
  group('0.27.1', '0.27.1', 'v0_26', D6_EXPIRY, D6_OPERATIONS, ['Health']),
  group('0.28', '0.28', 'v0_26', D7_28, D7_OPERATIONS),
  group('0.29', '0.29', 'v0_26', D7_AUTH, D7_OPERATIONS, AUTH),
  group('0.30', '0.30', null, D7_AUTH, D7_OPERATIONS, AUTH, OAUTH),
]

/** The row of a group, or undefined for an id that names none (a stale cache entry). */
export function findReleaseGroup(id: string): ReleaseGroup | undefined {
  return RELEASE_GROUPS.find((candidate) => candidate.id === id)
}

/** The parts of a version: `0.30` of `0.30`, `v0.30.1`, `0.30.0-beta.1`. */
function minorOf(version: string): [number, number] | null {
  const parts = /^v?(\d+)\.(\d+)(?:\D|$)/.exec(version)
  return parts && [Number(parts[1]), Number(parts[2])]
}

/**
 * Whether a version a server reports is newer than every group here. Builds of a development tree report older versions
 * than their API is, or none at all, so the opposite says nothing.
 */
export function isNewerThanKnown(version: string): boolean {
  const [found, newest] = [minorOf(version), minorOf(RELEASE_GROUPS.at(-1)!.id)]
  return found !== null && newest !== null && (found[0] - newest[0] || found[1] - newest[1]) > 0
}

/** What can be asked of a server from outside to find its group. */
export interface Evidence {
  /** It describes its API as OpenAPI 3.1. A server with gRPC never does. */
  hasOpenApi: boolean
  /** gRPC method exists, or REST route of that method exists. */
  hasMethod(rpc: string): boolean
  /** A field-level difference: the message of the release has that field. */
  hasField(message: 'PreAuthKey' | 'ExpireNodeRequest', field: string): boolean
}

/** The newest group whose mark the evidence shows, or null when there is no sign of headscale at all. */
export function releaseGroupByEvidence({hasOpenApi, hasMethod, hasField}: Evidence): ReleaseGroupId | null {
  if (hasOpenApi) return '0.30'
  if (hasMethod('AuthRegister')) return '0.29'
  if (hasMethod('DeletePreAuthKey')) return '0.28'
  if (hasMethod('Health')) return hasField('ExpireNodeRequest', 'expiry') ? '0.27.1' : '0.27.0'
  if (hasMethod('SetApprovedRoutes')) return '0.26'
  if (hasMethod('ListNodes')) return hasMethod('GetUser') ? '0.23' : '0.24'
  if (hasMethod('DeleteRoute')) return '0.21'
  if (hasMethod('ListUsers')) return '0.19'
  if (hasMethod('GetRoutes')) return '0.18'
  if (hasMethod('SetTags')) return hasField('PreAuthKey', 'acl_tags') ? '0.17' : '0.16'
  return hasMethod('ListNamespaces') ? '0.15' : null
}

/**
 * Groups whose methods are those of the next one, and the field that tells them apart; over gRPC only reflection shows
 * it. `otherwise` is what to assume without reflection: the release on which the other's requests do no harm. A bare
 * registration key ends a 0.17 server; a time to expire at ends a node of 0.27.0 at once.
 */
export const FIELD_OF_SUCCESSOR: Partial<
  Record<ReleaseGroupId, {message: 'PreAuthKey' | 'ExpireNodeRequest'; field: string; otherwise: boolean}>
> = {
  '0.16': {message: 'PreAuthKey', field: 'acl_tags', otherwise: true},
  '0.27.0': {message: 'ExpireNodeRequest', field: 'expiry', otherwise: false},
}

/** The methods that releaseGroupByEvidence asks for: all are probed at once. */
export const PROBED_METHODS = [
  'AuthRegister',
  'DeletePreAuthKey',
  'Health',
  'SetApprovedRoutes',
  'ListNodes',
  'GetUser',
  'DeleteRoute',
  'ListUsers',
  'GetRoutes',
  'SetTags',
  'ListNamespaces',
] as const
