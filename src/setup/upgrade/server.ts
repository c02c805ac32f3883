/** What a plan uses of a running server, as plain values: the use case reads it (usecases/read-upgrade-server.ts). */

export interface UpgradeUser {
  id: string
  name: string
  email: string
  providerId: string | null
}

export interface UpgradeNode {
  name: string
  userId: string | null
  tags: string[]
  addresses: string[]
  /** The version that its client reports, `1.80.2-t1234567`; null if it is not known. */
  client: string | null
}

export interface UpgradeServer {
  users: UpgradeUser[]
  nodes: UpgradeNode[]
  approvedRoutes: number
  /** Null if they cannot be listed. */
  preAuthKeys: number | null
  /** Ids and prefixes of API keys that have a prefix longer than those of 0.25 to 0.27. */
  longApiKeys: {id: string; prefix: string}[]
  /** The policy that is stored in it, or that it reads; null where there is none or the server does not give it. */
  policy: string | null
  /** Why no version of a client is known, as the end of a sentence; null if some are. */
  clientsUnknown: string | null
}
