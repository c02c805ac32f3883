/**
 * What a tailnet holds, as a file: the seed of the sandbox. The shape is ours, and the same for every release.
 * docs/sandbox.md describes it; tailnet-schema.ts checks a file, and the sandbox creates a tailnet from it. No rule of a
 * server belongs here.
 */

/** A positive decimal number; a text where it is too large for a number. */
export type SeedId = number | string

export interface SeedUser {
  /** Larger than those before it; the next one when absent. */
  id?: SeedId
  /** Absent for a user of single sign-on without a user name (0.24 and later). */
  name?: string
  displayName?: string
  email?: string
  /** Issuer and subject of the identity provider. Users who have one may share a name. */
  providerId?: string
  /** `oidc` when absent and there is a provider id. */
  provider?: string
  profilePicUrl?: string
  /** RFC 3339; now when absent. */
  createdAt?: string
}

export interface SeedNode {
  /** As for a user. */
  id?: SeedId
  name: string
  /**
   * Name, e-mail address or provider id of a user of this seed, or `id:N`; created when nobody has it. Null for a node
   * without a user, such as a tagged one of 0.28 and later.
   */
  user: string | null
  givenName?: string
  /** 64 hex digits; generated when absent, like the next two. */
  nodeKey?: string
  machineKey?: string
  discoKey?: string
  /** One address per family; the next free ones when absent. */
  ip?: string | string[]
  /** Whether the client is connected; true when absent. */
  online?: boolean
  /** Prefixes the client offers. */
  routes?: string[]
  /** Those of them that are enabled. */
  approved?: string[]
  /** The approved ones that it serves, exit routes aside; the first node that can serve a prefix does so when absent. */
  serving?: string[]
  /** Ids of routes, by prefix, where routes have ids (0.18 to 0.25). A prefix that is not in routes is one it no longer offers. */
  routeIds?: Record<string, SeedId>
  tags?: string[]
  /** Tags that the client requests and the policy allows: since 0.28 the same as tags. */
  requestedTags?: string[]
  /** RFC 3339; never when absent. */
  expiry?: string
  lastSeen?: string
  createdAt?: string
  /** The id of the key of this seed that it joined with: 1 is the first. Absent for a node that a user registered. */
  preAuthKey?: SeedId
  /** `auth-key` for a node with a preAuthKey and `cli` for any other when absent. */
  registerMethod?: 'auth-key' | 'cli' | 'oidc'
}

export interface SeedPending {
  /** The registration key without the prefix a release puts before it. */
  key: string
  name: string
  nodeKey?: string
  online?: boolean
  routes?: string[]
}

export interface SeedPreAuthKey {
  /** As for a user. */
  id?: SeedId
  /** As for a node. Absent for a key of tags alone. */
  user?: string
  key?: string
  reusable?: boolean
  ephemeral?: boolean
  used?: boolean
  tags?: string[]
  /** RFC 3339; never when absent. */
  expiration?: string
  /** RFC 3339; now when absent. */
  createdAt?: string
}

export interface SeedData {
  /** Address pools; 10.1.0.0/16 when absent. */
  prefixes?: string[]
  users?: SeedUser[]
  nodes?: SeedNode[]
  pending?: SeedPending[]
  preAuthKeys?: SeedPreAuthKey[]
  /** Policy text of the database (0.23 and later). */
  policy?: string
}
