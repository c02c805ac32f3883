/**
 * The interface between commands and a headscale server, the same on every release and transport. Dialects implement
 * it. A method that the release does not support throws `unsupported-by-server` before anything is sent.
 */
import type {ApiKey} from '../domain/api-key.ts'
import type {Node, NodeClient} from '../domain/node.ts'
import type {OAuthClient} from '../domain/oauth-client.ts'
import type {PreAuthKey} from '../domain/pre-auth-key.ts'
import type {Route} from '../domain/route.ts'
import type {User} from '../domain/user.ts'
import type {Capabilities} from './capabilities.ts'

/** The server that a command talks to. */
export interface ServerFacts {
  /** Its possible releases, as text for messages: `0.29`, `0.21 or 0.22`. */
  releases: string
  /** The exact version where the server reports it (0.27+, over HTTP); null otherwise. */
  version: string | null
  /** How it is reached, for messages: `gRPC on /run/headscale.sock`. */
  via: string
  /** The address of its REST API, without a slash at the end; null over a socket. */
  address: string | null
  /** The path of its socket; null over REST. */
  socketPath: string | null
  /** Where its API key was given, for messages: `HEADSCALE_CLI_API_KEY`; null over a socket. */
  apiKeySource: string | null
  /** How long to wait for a reply, in milliseconds. */
  timeoutMs: number
  capabilities: Capabilities
}

export interface NewUser {
  name: string
  /** Profile fields need a server that has them (0.24+). */
  displayName?: string | undefined
  email?: string | undefined
  pictureUrl?: string | undefined
}

export interface UsersApi {
  /** Ascending by id. */
  list(): Promise<User[]>
  create(user: NewUser): Promise<User>
  rename(user: User, newName: string): Promise<User>
  /** @throws HeadscaleError (invalid-input) while the user has nodes */
  destroy(user: User): Promise<void>
}

export interface NodesApi {
  /** Ascending by id. @param user only the nodes of this user */
  list(filter?: {user?: User}): Promise<Node[]>
  /** One node, read from the server. @throws HeadscaleError (not-found) */
  get(id: string): Promise<Node>
  /**
   * Registers the pending node with this registration key.
   * @param rawKey the key in any form that extractRegistrationKey understands
   * @throws HeadscaleError (usage) for a key in another release's form, (not-found) if no pending node has it
   */
  register(registration: {user: User; rawKey: string}): Promise<Node>
  /** Sets the given name (0.16+). @param newName one that checkNodeName accepts: over REST it is part of a path */
  rename(node: Node, newName: string): Promise<Node>
  /** Replaces the tags (0.16+); an empty list clears them, up to 0.27. */
  setTags(node: Node, tags: readonly string[]): Promise<Node>
  /** @param when `now`, a time (0.27.1+), or `never` (0.29+) */
  expire(node: Node, when: 'now' | 'never' | Date): Promise<Node>
  delete(node: Node): Promise<void>
  /** Moves a node to another user (0.16 to 0.27). */
  move(node: Node, user: User): Promise<Node>
  /** Makes the addresses of all nodes match the server's prefixes (0.23+). @returns the server's own list of changes */
  backfillIPs(): Promise<string[]>
}

export interface AuthApi {
  /** Approves a pending request without registering a node (0.29+). */
  approve(authId: string): Promise<void>
  /** Rejects a pending request (0.29+). */
  reject(authId: string): Promise<void>
}

export interface StoredPolicy {
  /** HuJSON, as stored. */
  text: string
  /** Null if the server reads the policy from a file. */
  updatedAt: Date | null
}

export interface NewOAuthClient {
  scopes: readonly string[]
  tags: readonly string[]
  description?: string | undefined
}

/** OAuth clients of the v2 API (0.30). */
export interface OAuthClientsApi {
  list(): Promise<OAuthClient[]>
  /** Only this reply contains the secret. */
  create(client: NewOAuthClient): Promise<{client: OAuthClient; secret: string}>
  delete(client: OAuthClient): Promise<void>
}

export interface PolicyApi {
  /** 0.23+. @throws HeadscaleError (not-found) when none is stored */
  get(): Promise<StoredPolicy>
  /** Replaces the policy (0.23+, `policy.mode: database`). */
  set(text: string): Promise<StoredPolicy>
  /** Validates a policy on the server without storing it (0.29+). */
  check(text: string): Promise<void>
}

export interface RoutesApi {
  /** Every route of every node, by node id, then in the server's order. */
  list(nodes: readonly Node[]): Promise<Route[]>
  /** Read from the server. */
  ofNode(node: Node): Promise<Route[]>
  /**
   * Sets the approved routes of a node to exactly these.
   * @param current the result of ofNode; unchanged rows are not sent
   * @throws HeadscaleError if the server rejects a prefix
   */
  setApproved(node: Node, approved: readonly string[], current: readonly Route[]): Promise<void>
  /**
   * One route by its id on the server (0.18–0.25).
   * @throws HeadscaleError (unsupported-by-server) where routes have none, (not-found)
   */
  byId(id: string): Promise<Route>
  /** One route by its id, where routes can be deleted (0.21–0.25). @throws as byId */
  deletable(id: string): Promise<Route>
  /** Deletes a route that `deletable` returned. */
  delete(route: Route): Promise<void>
}

export interface NewPreAuthKey {
  /** Null for a key that belongs to tags alone (0.28+). */
  user: User | null
  reusable: boolean
  ephemeral: boolean
  /** Always sent: without it the server creates an expired key. */
  expiration: Date
  tags: readonly string[]
}

export interface PreAuthKeysApi {
  /** Keys of these users; all keys for no users, where the server lists them at once. By id. */
  list(users: readonly User[]): Promise<PreAuthKey[]>
  /** Only this reply contains the secret. */
  create(key: NewPreAuthKey): Promise<PreAuthKey>
  /** @param owner the user of the key, which requests up to 0.27 contain */
  expire(key: PreAuthKey, owner: User | null): Promise<void>
  /** 0.28+ */
  delete(key: PreAuthKey): Promise<void>
}

export interface ApiKeysApi {
  /** By id. */
  list(): Promise<ApiKey[]>
  /** @returns the secret */
  create(expiration: Date): Promise<string>
  expire(key: ApiKey): Promise<void>
  /** 0.23+ */
  delete(key: ApiKey): Promise<void>
  /** Whether the requests of this API are sent with the key; false for every key over a socket, which needs none. */
  isInUse(key: Pick<ApiKey, 'prefix'>): boolean
  /**
   * Reads with another key, on a connection of its own.
   * @returns true, or false over a socket, where nothing is sent because it needs no key
   * @throws HeadscaleError (unauthenticated) if the server does not accept it, or as any call
   */
  prove(secret: string): Promise<boolean>
}

/** A fake pending node. */
export interface PendingNode {
  name: string
  user: User
  registrationKey: string
  routes: string[]
}

export interface DebugApi {
  /** Creates a fake pending node. @param rawKey its registration key; null for a random one */
  createNode(node: {name: string; user: User; rawKey: string | null; routes: string[]}): Promise<PendingNode>
}

/** What clients report, from a debug page of the server, or why it is not known. */
export type ReportedClients =
  | {
      known: true
      /** By the id of the node; the machine key tells whether it is a node of this server. */
      byNode: ReadonlyMap<string, NodeClient & {machineKey: string | null}>
      /** `http://127.0.0.1:9090` */
      origin: string
    }
  | {
      known: false
      /** One line, as the end of a sentence. */
      reason: string
    }

/** How a command names the address of the debug pages, for the reason why nothing is known. */
export interface ListenerNames {
  /** The setting that the flag of connection.ts stands for. */
  flag: string
  /** What to do, or what is missing, if no setting has the address: the end of a sentence. */
  missing: string
}

/** What some releases do not report, so that nothing can be selected by it. */
export type ReportedFact = 'node-tags' | 'pre-auth-key-tags' | 'serving-routes'

/** What some releases cannot do, checked before anything is read. */
export type Ability = 'delete-pre-auth-keys' | 'delete-api-keys' | 'approve-unadvertised-routes'

export interface ControlApi {
  server: ServerFacts
  /**
   * Checks that the release can do it; sends nothing.
   * @param flag the flag that asks for it, if the command itself works on this release
   * @throws HeadscaleError (unsupported-by-server)
   */
  requireAbility(ability: Ability, hint: string, flag?: string): void
  /**
   * Checks that the release reports a fact; sends nothing.
   * @param flag the flag that asks for it
   * @throws HeadscaleError (unsupported-by-server)
   */
  requireReported(fact: ReportedFact, flag: string): void
  users: UsersApi
  nodes: NodesApi
  routes: RoutesApi
  preAuthKeys: PreAuthKeysApi
  apiKeys: ApiKeysApi
  auth: AuthApi
  oauthClients: OAuthClientsApi
  policy: PolicyApi
  /**
   * Reads what clients report about their machines (0.27+). Never throws, and ends within two seconds. Callers use
   * usecases/nodes/host-facts.ts.
   */
  reportedClients(names: ListenerNames): Promise<ReportedClients>
  /** Checks the server. @returns whether its database is reachable */
  health(): Promise<boolean>
  debug: DebugApi
}
