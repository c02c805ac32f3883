/**
 * The seed file's fields, as zod. A module of its own, loaded only when there is a file: from a namespace import the
 * bundlers keep what is used here, a tenth of the library.
 */
import * as z from 'zod'

const name = z.string().min(1)
const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
const moment = z.iso.datetime({offset: true})
const ip = z.union([z.ipv4(), z.ipv6()])
const route = z.union([z.cidrv4(), z.cidrv6()])
const tag = z.string().startsWith('tag:')
const user = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  providerId: z.string().optional(),
  provider: z.string().optional(),
  profilePicUrl: z.string().optional(),
  createdAt: moment.optional(),
})
const node = z.strictObject({
  name,
  user: name,
  givenName: name.optional(),
  nodeKey: hex.optional(),
  machineKey: hex.optional(),
  discoKey: hex.optional(),
  ip: z.union([ip, z.array(ip)]).optional(),
  online: z.boolean().optional(),
  routes: z.array(route).optional(),
  approved: z.array(route).optional(),
  tags: z.array(tag).optional(),
  expiry: moment.optional(),
  lastSeen: moment.optional(),
  createdAt: moment.optional(),
})
/** What a seed file may say; other fields are mistakes. */
export const seedSchema = z.strictObject({
  prefixes: z.array(route).min(1).optional(),
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
      }),
    )
    .optional(),
  policy: z.string().optional(),
})
