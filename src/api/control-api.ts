/**
 * What commands see of a headscale server: verbs in domain words, the same on every release and transport.
 * Dialects implement it. A verb a release cannot do is refused with `unsupported-by-server` before anything is sent.
 */
import type {Node} from '../domain/node.ts'
import type {User} from '../domain/user.ts'
import type {Capabilities} from './capabilities.ts'

/** What is known of the server a command talks to. */
export interface ServerFacts {
  /** The releases it can be, as people write them: `0.29`, `0.21 or 0.22`. */
  releases: string
  /** The exact version where the server tells it (0.27+, over its listener); null otherwise. */
  version: string | null
  /** How it is reached, for messages: `gRPC on /run/headscale.sock`. */
  via: string
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
}

export interface NodesApi {
  /** Ascending by id. @param userName only the nodes of that user, by exact name */
  list(filter?: {userName?: string}): Promise<Node[]>
  /**
   * Admits the client that waits under a registration key.
   * @param pasted the key in any form extractRegistrationKey understands
   * @throws HeadscaleError (usage) for a key of another release's form, (not-found) when nobody waits under it
   */
  register(registration: {userName: string; pasted: string}): Promise<Node>
}

/** A made-up client that waits to be registered. */
export interface PendingNode {
  name: string
  userName: string
  registrationKey: string
  routes: string[]
}

export interface DebugApi {
  /** Makes a client that does not exist ask to join. @param pasted its key; one is made up when null */
  createNode(node: {name: string; userName: string; pasted: string | null; routes: string[]}): Promise<PendingNode>
}

export interface ControlApi {
  server: ServerFacts
  users: UsersApi
  nodes: NodesApi
  debug: DebugApi
}
