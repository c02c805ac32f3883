/**
 * The only place with headscale release numbers: one row per release group, with its message set, operations and
 * capabilities. A new release needs a row here, and changes for the one or two messages that it changed.
 *
 * Sources: the descriptors, gateway code and swagger files of the tags v0.15.0 to v0.29.2 and the 0.30 development
 * tree. Groups with one API: 0.19/0.20, 0.21/0.22, 0.24/0.25. Minimum clients are in minimum-clients.ts.
 */
import {minimumClientOf} from '../minimum-clients.ts'
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
  /** The releases of the group, as text for messages: `0.21 or 0.22`. */
  releases: string
  /** Message set of its gRPC API; null where there is only HTTP. */
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

const CAPABILITIES_0_15: Capabilities = {
  ownerWord: 'namespace',
  nodeWord: 'machine',
  userProfiles: false,
  userNameRule: 'dns',
  givenNames: false,
  nodeTags: false,
  reportsOnline: false,
  routesOnNodes: false,
  routes: 'machine-sets',
  usersById: false,
  preAuthKeyOwner: 'name',
  preAuthKeysHaveIds: false,
  preAuthKeyTags: false,
  recordsReusableKeyUse: true,
  destroyDeletesAllPreAuthKeys: false,
  namesUnnamedUsers: false,
  tagsArePermanent: false,
  movesNodes: false,
  clearsTags: false,
  givenNamesAreUnique: false,
  numbersTakenNames: false,
  expiryTime: false,
  expiryOff: false,
  minimumClient: null,
  debugPageOfNodes: false,
  backfillsIPs: false,
  policyApi: false,
  policyCheck: false,
  policyGrants: false,
  policyWithoutRulesAllowsAll: false,
  rejectedPolicyBreaksState: false,
  registrationKeys: ['hex'],
  namesRegisteredNode: false,
  registrationIsReusable: true,
  debugKeyCrashesServer: false,
}
const CAPABILITIES_0_16: Capabilities = {
  ...CAPABILITIES_0_15,
  givenNames: true,
  nodeTags: true,
  movesNodes: true,
  clearsTags: true,
}
const CAPABILITIES_0_17: Capabilities = {
  ...CAPABILITIES_0_16,
  registrationKeys: ['nodekey'],
  namesRegisteredNode: true,
  debugKeyCrashesServer: true,
  preAuthKeyTags: true,
}
const CAPABILITIES_0_18: Capabilities = {...CAPABILITIES_0_17, reportsOnline: true, routes: 'rows'}
const CAPABILITIES_0_19: Capabilities = {...CAPABILITIES_0_18, ownerWord: 'user'}
const CAPABILITIES_0_23: Capabilities = {
  ...CAPABILITIES_0_19,
  minimumClient: minimumClientOf('0.23'),
  nodeWord: 'node',
  givenNamesAreUnique: true,
  registrationKeys: ['mkey'],
  registrationIsReusable: false,
  debugKeyCrashesServer: false,
  backfillsIPs: true,
  policyApi: true,
}
const CAPABILITIES_0_24: Capabilities = {
  ...CAPABILITIES_0_23,
  // That of 0.25; 0.24 accepts older clients too, and the two cannot be told apart.
  minimumClient: minimumClientOf('0.25'),
  // 0.24 still marks them, 0.25 does not, and the two cannot be told apart.
  recordsReusableKeyUse: false,
  userProfiles: true,
  usersById: true,
  rejectedPolicyBreaksState: true,
  userNameRule: 'server',
  registrationKeys: ['registration-id', 'mkey'],
}
const CAPABILITIES_0_26: Capabilities = {
  ...CAPABILITIES_0_24,
  minimumClient: minimumClientOf('0.26'),
  userNameRule: 'account',
  routesOnNodes: true,
  routes: 'node-sets',
  preAuthKeyOwner: 'id',
  registrationKeys: ['registration-id'],
}
const CAPABILITIES_0_27_0: Capabilities = {
  ...CAPABILITIES_0_26,
  policyWithoutRulesAllowsAll: true,
  rejectedPolicyBreaksState: false,
  minimumClient: minimumClientOf('0.27'),
  debugPageOfNodes: true,
}
const CAPABILITIES_0_27_1: Capabilities = {...CAPABILITIES_0_27_0, expiryTime: true}
const CAPABILITIES_0_28: Capabilities = {
  ...CAPABILITIES_0_27_1,
  minimumClient: minimumClientOf('0.28'),
  preAuthKeysHaveIds: true,
  namesUnnamedUsers: true,
  tagsArePermanent: true,
  clearsTags: false,
  movesNodes: false,
  destroyDeletesAllPreAuthKeys: true,
}
const CAPABILITIES_0_29: Capabilities = {
  ...CAPABILITIES_0_28,
  minimumClient: minimumClientOf('0.29'),
  destroyDeletesAllPreAuthKeys: false,
  expiryOff: true,
  numbersTakenNames: true,
  policyCheck: true,
  policyGrants: true,
  registrationKeys: ['auth-id'],
}
const CAPABILITIES_0_30: Capabilities = {...CAPABILITIES_0_29, minimumClient: minimumClientOf('0.30')}

function group(
  id: ReleaseGroupId,
  releases: string,
  messageSet: MessageSetId | null,
  capabilities: Capabilities,
  ...groups: Operations[]
): ReleaseGroup {
  return {id, releases, messageSet, capabilities, operations: new Set(groups.flat())}
}

const OPERATIONS_0_15 = [...NAMESPACES, ...MACHINES, ...PRE_AUTH_KEYS, ...API_KEYS] as const
const OPERATIONS_0_19 = [
  ...USERS_BY_NAME,
  ...MACHINES,
  ...MACHINE_EDITS,
  'MoveMachine',
  ...ROUTES,
  'GetMachineRoutes',
  ...PRE_AUTH_KEYS,
  ...API_KEYS,
] as const
const OPERATIONS_0_26 = [
  ...USERS_BY_ID,
  ...NODES,
  'SetApprovedRoutes',
  'MoveNode',
  ...PRE_AUTH_KEYS,
  ...API_KEYS,
  ...POLICY,
] as const
const OPERATIONS_0_28 = [
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
  group('0.15', '0.15', 'v0_15', CAPABILITIES_0_15, OPERATIONS_0_15, MACHINE_ROUTE_SETS),
  group('0.16', '0.16', 'v0_15', CAPABILITIES_0_16, OPERATIONS_0_15, MACHINE_ROUTE_SETS, MACHINE_EDITS, [
    'MoveMachineToNamespace',
  ]),
  group('0.17', '0.17', 'v0_15', CAPABILITIES_0_17, OPERATIONS_0_15, MACHINE_ROUTE_SETS, MACHINE_EDITS, [
    'MoveMachineToNamespace',
  ]),
  group(
    '0.18',
    '0.18',
    'v0_15',
    CAPABILITIES_0_18,
    OPERATIONS_0_15,
    MACHINE_EDITS,
    ['MoveMachineToNamespace', 'GetMachineRoutes'],
    ROUTES,
  ),
  group('0.19', '0.19 or 0.20', 'v0_19', CAPABILITIES_0_19, OPERATIONS_0_19),
  group('0.21', '0.21 or 0.22', 'v0_19', CAPABILITIES_0_19, OPERATIONS_0_19, ['DeleteRoute']),
  group(
    '0.23',
    '0.23',
    'v0_19',
    CAPABILITIES_0_23,
    USERS_BY_NAME,
    NODES,
    ['MoveNode'],
    NODE_ROUTES,
    PRE_AUTH_KEYS,
    API_KEYS,
    POLICY,
  ),
  group(
    '0.24',
    '0.24 or 0.25',
    'v0_24',
    CAPABILITIES_0_24,
    USERS_BY_ID,
    NODES,
    ['MoveNode'],
    NODE_ROUTES,
    PRE_AUTH_KEYS,
    API_KEYS,
    POLICY,
  ),
  group('0.26', '0.26', 'v0_26', CAPABILITIES_0_26, OPERATIONS_0_26),
  group('0.27.0', '0.27.0', 'v0_26', CAPABILITIES_0_27_0, OPERATIONS_0_26, ['Health']),
  group('0.27.1', '0.27.1', 'v0_26', CAPABILITIES_0_27_1, OPERATIONS_0_26, ['Health']),
  group('0.28', '0.28', 'v0_26', CAPABILITIES_0_28, OPERATIONS_0_28),
  group('0.29', '0.29', 'v0_26', CAPABILITIES_0_29, OPERATIONS_0_28, AUTH),
  group('0.30', '0.30', null, CAPABILITIES_0_30, OPERATIONS_0_28, AUTH, OAUTH),
]

/** The row of a group; undefined for an unknown id (an old cache entry). */
export function findReleaseGroup(id: string): ReleaseGroup | undefined {
  return RELEASE_GROUPS.find((candidate) => candidate.id === id)
}

/** The first two numbers of a version: `0.30` of `0.30`, `v0.30.1`, `0.30.0-beta.1`. */
function minorOf(version: string): [number, number] | null {
  const parts = /^v?(\d+)\.(\d+)(?:\D|$)/.exec(version)
  return parts && [Number(parts[1]), Number(parts[2])]
}

/**
 * Whether a version that a server reports is newer than every group here. False proves nothing: development builds
 * report no version, or one older than their API.
 */
export function isNewerThanKnown(version: string): boolean {
  const [found, newest] = [minorOf(version), minorOf(RELEASE_GROUPS.at(-1)!.id)]
  return found !== null && newest !== null && (found[0] - newest[0] || found[1] - newest[1]) > 0
}

/** Facts about a server that identify its group. */
export interface Evidence {
  /** It serves an OpenAPI 3.1 document. A server with gRPC never does. */
  hasOpenApi: boolean
  /** The gRPC method exists, or its REST route. */
  hasMethod(rpc: string): boolean
  /** The message of the release has this field. */
  hasField(message: 'PreAuthKey' | 'ExpireNodeRequest', field: string): boolean
}

/** The newest group that the evidence shows; null if the server does not look like headscale. */
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
 * Groups with the same methods as the next group, and the field that distinguishes the two; over gRPC only reflection
 * shows it. `otherwise` is the assumption without reflection: the group whose requests do no damage on the other one. A
 * registration key without a prefix crashes 0.17; 0.27.0 ignores a time of expiry and expires the node at once.
 */
export const FIELD_OF_SUCCESSOR: Partial<
  Record<ReleaseGroupId, {message: 'PreAuthKey' | 'ExpireNodeRequest'; field: string; otherwise: boolean}>
> = {
  '0.16': {message: 'PreAuthKey', field: 'acl_tags', otherwise: true},
  '0.27.0': {message: 'ExpireNodeRequest', field: 'expiry', otherwise: false},
}

/** The methods that releaseGroupByEvidence uses. They are all probed at once. */
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
