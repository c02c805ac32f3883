/**
 * zod schemas of headscale's replies in proto-JSON, the same for all releases and both transports.
 * They check a reply and do not change it. Every REST reply is checked; gRPC replies only in tests, since their decoder
 * guarantees the shape. The dialects use only the types from here; zod itself is loaded when a reply is checked.
 */
import * as z from 'zod/mini'
import type {OperationId} from '../../operations.ts'

/** 64-bit ids are decimal text on every transport. */
const id = z.string()
/** RFC 3339, any fraction, any offset. */
const time = z.nullish(z.string())
const text = z.nullish(z.string())
const list = z.nullish(z.array(z.string()))
const flag = z.nullish(z.boolean())

const user = z.object({
  id,
  name: z.string(),
  createdAt: time,
  displayName: text,
  email: text,
  provider: text,
  providerId: text,
  profilePicUrl: text,
})

const preAuthKey = z.object({
  id,
  key: z.string(),
  namespace: text,
  user: z.nullish(z.union([z.string(), user])),
  reusable: flag,
  ephemeral: flag,
  used: flag,
  expiration: time,
  createdAt: time,
  aclTags: list,
})

const node = z.object({
  id,
  machineKey: text,
  nodeKey: text,
  discoKey: text,
  ipAddresses: list,
  name: z.string(),
  givenName: text,
  namespace: z.nullish(user),
  user: z.nullish(user),
  lastSeen: time,
  expiry: time,
  preAuthKey: z.nullish(preAuthKey),
  createdAt: time,
  registerMethod: text,
  forcedTags: list,
  invalidTags: list,
  validTags: list,
  tags: list,
  online: flag,
  approvedRoutes: list,
  availableRoutes: list,
  subnetRoutes: list,
})

const apiKey = z.object({id, prefix: z.string(), expiration: time, createdAt: time, lastSeen: time})

const route = z.object({
  id,
  prefix: z.string(),
  machine: z.nullish(node),
  node: z.nullish(node),
  advertised: flag,
  enabled: flag,
  isPrimary: flag,
})

const routeSets = z.object({routes: z.nullish(z.object({advertisedRoutes: list, enabledRoutes: list}))})
const routeRows = z.object({routes: z.array(route)})
const preAuthKeyReply = z.object({preAuthKey})
const preAuthKeysReply = z.object({preAuthKeys: z.array(preAuthKey)})
const v2Key = z.object({
  id,
  keyType: text,
  key: text,
  description: text,
  scopes: list,
  tags: list,
  created: time,
  expires: time,
})

const policyReply = z.object({policy: z.string(), updatedAt: time})
const namespaceReply = z.object({namespace: user})
const userReply = z.object({user})
const machineReply = z.object({machine: node})
const nodeReply = z.object({node})

export type WireUser = z.infer<typeof user>
export type WirePreAuthKey = z.infer<typeof preAuthKey>
export type WireApiKey = z.infer<typeof apiKey>
export type WireRoute = z.infer<typeof route>
export type WireRouteSets = z.infer<typeof routeSets>
export type WireV2Key = z.infer<typeof v2Key>
export type WireNode = z.infer<typeof node>

/** The reply of each operation. The replies of operations without an entry are not used. */
export const REPLY_SCHEMAS: Partial<Record<OperationId, z.core.$ZodType>> = {
  ListNamespaces: z.object({namespaces: z.array(user)}),
  CreateNamespace: namespaceReply,
  ListUsers: z.object({users: z.array(user)}),
  CreateUser: userReply,
  ListMachines: z.object({machines: z.array(node)}),
  RegisterMachine: machineReply,
  DebugCreateMachine: machineReply,
  GetMachine: machineReply,
  GetNode: nodeReply,
  ListNodes: z.object({nodes: z.array(node)}),
  RegisterNode: nodeReply,
  DebugCreateNode: nodeReply,
  RenameNamespace: namespaceReply,
  RenameUserByName: userReply,
  RenameUser: userReply,
  SetMachineTags: machineReply,
  ExpireMachine: machineReply,
  RenameMachine: machineReply,
  SetTags: nodeReply,
  ExpireNode: nodeReply,
  RenameNode: nodeReply,
  SetApprovedRoutes: nodeReply,
  GetMachineRoute: routeSets,
  EnableMachineRoutes: routeSets,
  GetRoutes: routeRows,
  GetMachineRoutes: routeRows,
  GetNodeRoutes: routeRows,
  CreatePreAuthKey: preAuthKeyReply,
  ListPreAuthKeys: preAuthKeysReply,
  ListAllPreAuthKeys: preAuthKeysReply,
  CreateApiKey: z.object({apiKey: z.string()}),
  ListApiKeys: z.object({apiKeys: z.array(apiKey)}),
  MoveMachineToNamespace: machineReply,
  MoveMachine: machineReply,
  MoveNode: nodeReply,
  BackfillNodeIPs: z.object({changes: list}),
  ListKeys: z.object({keys: z.array(v2Key)}),
  CreateKey: v2Key,
  GetPolicy: policyReply,
  SetPolicy: policyReply,
  Health: z.object({databaseConnectivity: flag}),
}

/** The first problem of a reply, as `path: reason`; null for a valid reply. */
export function faultOf(operation: OperationId, reply: unknown): string | null {
  const schema = REPLY_SCHEMAS[operation]
  const issue = schema && z.safeParse(schema, reply).error?.issues[0]
  return issue ? `${issue.path.join('.') || 'reply'}: ${issue.message}` : null
}
