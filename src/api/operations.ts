/**
 * One table of all operations of the headscale API: gRPC method, REST method and path, and where REST expects each
 * field. Both transports, detection and the sandbox use it; nothing else knows a path.
 *
 * It does not know releases: releases.ts says which release has which operation. If a gRPC method changed the meaning
 * of its fields between releases, it has two operations with the same `rpc` (expiring a pre-auth key by user and by key
 * id), because the server silently misreads a request of the wrong kind.
 *
 * Field names are those of the JSON mapping (lowerCamelCase). The transport percent-encodes each `{field}` of the path.
 * A field can be in both `query` and `body`: some releases moved it, and each reads only one place and ignores the
 * other.
 *
 * Source: the generated gateway code and swagger files of the release tags v0.15.0 to v0.29.2, and
 * hscontrol/api/v1 of the 0.30 development tree.
 */

/** How one operation is sent. */
export interface Operation {
  /** Name of our request and reply messages, without the suffixes Request and Response. */
  id: OperationId
  /** Method name within the gRPC service. */
  rpc: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/api/v1`; `/api/v2` for a few calls of 0.30 that exist only there and only over HTTP. */
  root: string
  /** Path below the root, with `{field}` for each path field. */
  path: string
  /** Fields in the query string. */
  query: readonly string[]
  /** Fields in the JSON body. An operation without any sends no body. */
  body: readonly string[]
  /** True if it changes nothing on the server: only such a call may be retried. */
  reads: boolean
}

/** Full name of the gRPC service, the same on every release. */
export const SERVICE = 'headscale.v1.HeadscaleService'

/** Where the REST API begins on every release. */
export const REST_ROOT = '/api/v1'
const V2_ROOT = '/api/v2'

interface Entry {
  rpc?: string
  root?: string
  query?: readonly string[]
  body?: readonly string[]
}

function op(route: string, {rpc, root = REST_ROOT, query = [], body = []}: Entry = {}) {
  const [method, path] = route.split(' ') as [Operation['method'], string]
  return {rpc, method, root, path, query, body}
}

const TABLE = {
  // users, called namespaces up to 0.18
  GetNamespace: op('GET /namespace/{name}'),
  CreateNamespace: op('POST /namespace', {body: ['name']}),
  RenameNamespace: op('POST /namespace/{oldName}/rename/{newName}'),
  DeleteNamespace: op('DELETE /namespace/{name}'),
  ListNamespaces: op('GET /namespace'),
  GetUser: op('GET /user/{name}'),
  CreateUser: op('POST /user', {body: ['name', 'displayName', 'email', 'pictureUrl']}),
  RenameUserByName: op('POST /user/{oldName}/rename/{newName}', {rpc: 'RenameUser'}),
  RenameUser: op('POST /user/{oldId}/rename/{newName}'),
  DeleteUserByName: op('DELETE /user/{name}', {rpc: 'DeleteUser'}),
  DeleteUser: op('DELETE /user/{id}'),
  ListUsers: op('GET /user', {query: ['id', 'name', 'email']}),

  // pre-auth keys
  CreatePreAuthKey: op('POST /preauthkey', {
    body: ['namespace', 'user', 'reusable', 'ephemeral', 'expiration', 'aclTags'],
  }),
  ExpirePreAuthKey: op('POST /preauthkey/expire', {body: ['namespace', 'user', 'key']}),
  ExpirePreAuthKeyById: op('POST /preauthkey/expire', {rpc: 'ExpirePreAuthKey', body: ['id']}),
  DeletePreAuthKey: op('DELETE /preauthkey', {query: ['id']}),
  ListPreAuthKeys: op('GET /preauthkey', {query: ['namespace', 'user']}),
  ListAllPreAuthKeys: op('GET /preauthkey', {rpc: 'ListPreAuthKeys'}),

  // nodes, called machines up to 0.22
  DebugCreateMachine: op('POST /debug/machine', {body: ['namespace', 'user', 'key', 'name', 'routes']}),
  GetMachine: op('GET /machine/{machineId}'),
  SetMachineTags: op('POST /machine/{machineId}/tags', {rpc: 'SetTags', body: ['tags']}),
  RegisterMachine: op('POST /machine/register', {query: ['namespace', 'user', 'key']}),
  DeleteMachine: op('DELETE /machine/{machineId}'),
  ExpireMachine: op('POST /machine/{machineId}/expire'),
  RenameMachine: op('POST /machine/{machineId}/rename/{newName}'),
  ListMachines: op('GET /machine', {query: ['namespace', 'user']}),
  MoveMachineToNamespace: op('POST /machine/{machineId}/namespace', {rpc: 'MoveMachine', query: ['namespace']}),
  MoveMachine: op('POST /machine/{machineId}/user', {query: ['user']}),
  DebugCreateNode: op('POST /debug/node', {body: ['user', 'key', 'name', 'routes']}),
  GetNode: op('GET /node/{nodeId}'),
  SetTags: op('POST /node/{nodeId}/tags', {body: ['tags']}),
  RegisterNode: op('POST /node/register', {query: ['user', 'key']}),
  DeleteNode: op('DELETE /node/{nodeId}'),
  ExpireNode: op('POST /node/{nodeId}/expire', {
    query: ['expiry', 'disableExpiry'],
    body: ['expiry', 'disableExpiry'],
  }),
  RenameNode: op('POST /node/{nodeId}/rename/{newName}'),
  ListNodes: op('GET /node', {query: ['user']}),
  MoveNode: op('POST /node/{nodeId}/user', {query: ['user'], body: ['user']}),
  BackfillNodeIPs: op('POST /node/backfillips', {query: ['confirmed']}),
  AuthRegister: op('POST /auth/register', {body: ['user', 'authId']}),
  AuthApprove: op('POST /auth/approve', {body: ['authId']}),
  AuthReject: op('POST /auth/reject', {body: ['authId']}),

  // routes: sets per machine (to 0.17), rows with ids (0.18 to 0.25), fields of the node (since 0.26)
  GetMachineRoute: op('GET /machine/{machineId}/routes'),
  EnableMachineRoutes: op('POST /machine/{machineId}/routes', {query: ['routes']}),
  GetRoutes: op('GET /routes'),
  EnableRoute: op('POST /routes/{routeId}/enable'),
  DisableRoute: op('POST /routes/{routeId}/disable'),
  DeleteRoute: op('DELETE /routes/{routeId}'),
  GetMachineRoutes: op('GET /machine/{machineId}/routes'),
  GetNodeRoutes: op('GET /node/{nodeId}/routes'),
  SetApprovedRoutes: op('POST /node/{nodeId}/approve_routes', {body: ['routes']}),

  // API keys
  CreateApiKey: op('POST /apikey', {body: ['expiration']}),
  ExpireApiKey: op('POST /apikey/expire', {body: ['prefix', 'id']}),
  ListApiKeys: op('GET /apikey'),
  DeleteApiKey: op('DELETE /apikey/{prefix}', {query: ['id']}),

  // OAuth clients (0.30): one kind of the keys of the v2 API
  ListKeys: op('GET /tailnet/-/keys', {root: V2_ROOT}),
  CreateKey: op('POST /tailnet/-/keys', {root: V2_ROOT, body: ['keyType', 'scopes', 'tags', 'description']}),
  DeleteKey: op('DELETE /tailnet/-/keys/{id}', {root: V2_ROOT}),

  // policy, health
  GetPolicy: op('GET /policy'),
  SetPolicy: op('PUT /policy', {body: ['policy']}),
  CheckPolicy: op('POST /policy/check', {body: ['policy']}),
  Health: op('GET /health'),
} as const

export type OperationId = keyof typeof TABLE

/** Calls that change nothing although they are POST requests. */
const READS_BY_POST: ReadonlySet<string> = new Set(['CheckPolicy'])

/** Every operation by its id. */
export const OPERATIONS = Object.fromEntries(
  Object.entries(TABLE).map(([id, entry]) => [
    id,
    {...entry, id, rpc: entry.rpc ?? id, reads: entry.method === 'GET' || READS_BY_POST.has(id)},
  ]),
) as Record<OperationId, Operation>

/** HTTP/2 path of an operation: `/headscale.v1.HeadscaleService/ListUsers`. */
export function grpcPath(operation: Operation): string {
  return `/${SERVICE}/${operation.rpc}`
}
