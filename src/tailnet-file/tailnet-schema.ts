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
const user = z.strictObject({
  name: text.optional(),
  displayName: text.optional(),
  email: text.optional(),
  providerId: text.optional(),
  provider: text.optional(),
  profilePicUrl: text.optional(),
  createdAt: moment.optional(),
})
const node = z.strictObject({
  name,
  user: name,
  givenName: name.optional(),
  nodeKey: hex.optional(),
  machineKey: hex.optional(),
  discoKey: hex.optional(),
  ip: z.union([ip, z.array(ip)], 'must be an IP address or a list of them').optional(),
  online: z.boolean().optional(),
  routes: z.array(route).optional(),
  approved: z.array(route).optional(),
  tags: z.array(tag).optional(),
  expiry: moment.optional(),
  lastSeen: moment.optional(),
  createdAt: moment.optional(),
  preAuthKey: z.int().positive().optional(),
})
/** What a seed file may have; other fields are mistakes. */
export const seedSchema = z.strictObject({
  prefixes: z.array(route).min(1, 'must not be empty').optional(),
  users: z.array(user).optional(),
  namespaces: z.array(user).optional(),
  nodes: z.array(node).optional(),
  pending: z
    .array(
      z.strictObject({
        key: name,
        name,
        nodeKey: hex.optional(),
        online: z.boolean().optional(),
        routes: z.array(route).optional(),
      }),
    )
    .optional(),
  preAuthKeys: z
    .array(
      z.strictObject({
        user: name.optional(),
        key: name.optional(),
        reusable: z.boolean().optional(),
        ephemeral: z.boolean().optional(),
        used: z.boolean().optional(),
        tags: z.array(tag).optional(),
        expiration: moment.optional(),
        createdAt: moment.optional(),
      }),
    )
    .optional(),
  policy: text.optional(),
})

/** What is wrong with a value, in our words. */
export function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
  if (issue.code !== 'invalid_type') return issue.message
  const [, got = ''] = /received (.+)$/.exec(issue.message) ?? []
  return got === 'undefined' ? 'is missing' : `expected ${issue.expected}, got ${got}`
}
