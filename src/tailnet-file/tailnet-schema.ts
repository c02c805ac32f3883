/**
 * The fields of a tailnet file, as zod. A module of its own, loaded only when there is a file: from a namespace import the
 * bundlers keep what is used here, a tenth of the library.
 */
import * as z from 'zod'

/** Half of a character, as `"\ud800"` in JSON makes it, cannot be sent to a client. */
const text = z.string().refine((value) => value.isWellFormed(), 'must be valid Unicode')
const name = text.min(1, 'must not be empty')
const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
const moment = z.iso.datetime({offset: true, error: 'must be a time such as 2022-03-20T09:08:58Z'})
const ip = z.union([z.ipv4(), z.ipv6()], 'must be an IP address')
const route = z.union([z.cidrv4(), z.cidrv6()], 'must be a prefix such as 10.0.0.0/24')
const tag = text.startsWith('tag:', 'must start with tag:')
const BAD_ID = 'must be a number from 1 on; in quotes if it has more than 15 digits'
const id = z.union([z.int(BAD_ID).positive(BAD_ID), z.string().regex(/^[1-9]\d{0,19}$/, BAD_ID)], BAD_ID)
const ownId = id.describe('Larger than that of the one before. The next number when absent.').optional()
const created = moment.describe('Time of creation. Now when absent.').optional()

const user = z.strictObject({
  id: ownId,
  name: text.describe('Login name. Absent for a user of single sign-on without one (0.24+).').optional(),
  displayName: text.describe('Name to display.').optional(),
  email: text.describe('E-mail address.').optional(),
  providerId: text.describe('ID at the identity provider. Users who have one may share a name.').optional(),
  provider: text.describe('Identity provider. oidc when absent, if there is a providerId.').optional(),
  profilePicUrl: text.describe('URL of a picture.').optional(),
  createdAt: created,
})

const node = z.strictObject({
  id: ownId,
  name: text.describe('Host name of the client.'),
  user: name
    .nullable()
    .describe('Name, e-mail address or providerId of a user, or id:N. Null for a node without a user.'),
  givenName: text.describe('Name in lists and in MagicDNS. The host name when absent.').optional(),
  nodeKey: hex.describe('Made up when absent, like the next two.').optional(),
  machineKey: hex.describe('The same for the nodes of one machine.').optional(),
  discoKey: hex.describe('Key for direct connections.').optional(),
  ip: z
    .union([ip, z.array(ip)], 'must be an IP address or a list of them')
    .describe('IP addresses. The next free ones when absent.')
    .optional(),
  online: z.boolean().describe('Whether the client is connected. True when absent.').optional(),
  routes: z.array(route).describe('Prefixes that the client advertises.').optional(),
  approved: z.array(route).describe('Approved prefixes.').optional(),
  serving: z
    .array(route)
    .describe('Prefixes that it serves, exit routes aside. Decided by the server when absent.')
    .optional(),
  routeIds: z.record(route, id).describe('Ids of routes by prefix, where routes have ids (0.18 to 0.25).').optional(),
  tags: z.array(tag).describe('Tags set by an administrator.').optional(),
  requestedTags: z.array(tag).describe('Tags that the client requests and the policy allows.').optional(),
  expiry: moment.describe('Time when its key expires. Never when absent.').optional(),
  lastSeen: moment.describe('Time of its last contact; of a node that is online it is now.').optional(),
  createdAt: created,
  preAuthKey: id.describe('Id of the key in preAuthKeys that it joined with.').optional(),
  registerMethod: z
    .enum(['auth-key', 'cli', 'oidc'], 'must be auth-key, cli or oidc')
    .describe('How it was registered. auth-key with a preAuthKey and cli otherwise when absent.')
    .optional(),
})

const pending = z.strictObject({
  key: name.describe('Registration key, without the prefix that the release adds.'),
  name: name.describe('Host name of the client.'),
  nodeKey: hex.describe('Made up when absent.').optional(),
  online: z.boolean().describe('Whether it stays connected after registration. True when absent.').optional(),
  routes: z.array(route).describe('Prefixes that it advertises.').optional(),
})

const preAuthKey = z.strictObject({
  id: ownId,
  user: name.describe('As of a node. Absent for a key that has only tags (0.28+).').optional(),
  key: name.describe('The secret. Made up when absent.').optional(),
  reusable: z.boolean().describe('Whether it can register more than one node.').optional(),
  ephemeral: z.boolean().describe('Whether its nodes are deleted when they go offline.').optional(),
  used: z.boolean().describe('Whether it has registered a node.').optional(),
  tags: z.array(tag).describe('Tags of nodes that register with it.').optional(),
  expiration: moment.describe('Time of expiration. Never when absent.').optional(),
  createdAt: created,
})

/** What a tailnet file may have; other fields are mistakes. */
export const seedSchema = z
  .strictObject({
    prefixes: z.array(route).min(1, 'must not be empty').describe('Address pools. 10.1.0.0/16 when absent.').optional(),
    users: z.array(user).describe('Users by id.').optional(),
    namespaces: z.array(user).describe('More users, as they were called up to 0.18.').optional(),
    nodes: z.array(node).describe('Registered nodes by id.').optional(),
    pending: z.array(pending).describe('Clients that wait to be registered.').optional(),
    preAuthKeys: z.array(preAuthKey).describe('Pre-auth keys by id.').optional(),
    policy: text.describe('Access policy, as HuJSON text (0.23+).').optional(),
  })
  .meta({id: 'Tailnet', description: 'A tailnet: what export writes, and a seed of the sandbox.'})

/** What is wrong with a value, in our words. */
export function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
  if (issue.code !== 'invalid_type') return issue.message
  const [, got = ''] = /received (.+)$/.exec(issue.message) ?? []
  return got === 'undefined' ? 'is missing' : `expected ${issue.expected}, got ${got}`
}
