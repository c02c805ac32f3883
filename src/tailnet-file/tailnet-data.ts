/**
 * What a tailnet holds, as a file: the seed of the sandbox. The shape is ours, and the same for every release.
 * docs/sandbox.md describes it; tailnet-schema.ts checks a file, and the sandbox creates a tailnet from it. No rule of a
 * server belongs here.
 */

export interface SeedUser {
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
  name: string
  /** Name, e-mail address or provider id of a user of this seed, or `id:N`; created when nobody has it. */
  user: string
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
  tags?: string[]
  /** RFC 3339; never when absent. */
  expiry?: string
  lastSeen?: string
  createdAt?: string
  /** The key of this seed that it joined with: 1 is the first. Absent for a node that a user registered. */
  preAuthKey?: number
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
