/**
 * The state of the sandbox: users, nodes, keys and routes of a tailnet, in memory, with an injected clock.
 *
 * It holds what every headscale release has in its database, in one shape, with lookups and the few steps that all
 * releases share (ids, addresses). Requests and answers belong to releases/; no release number and no wire format
 * belongs here.
 */
import {createHash, randomBytes} from 'node:crypto'
import {addressAt, EXIT_ROUTES} from './prefix.ts'

/** A user; a namespace up to 0.18. */
export interface User {
  id: string
  name: string
  createdAt: Date
  displayName: string
  email: string
  providerId: string
  provider: string
  profilePicUrl: string
}

/** Key material of a node, 64 hex digits each; '' when the release lost it. */
export interface NodeKeys {
  machineKey: string
  nodeKey: string
  discoKey: string
}

/** A registered node; a machine up to 0.22. */
export interface Node extends NodeKeys {
  id: string
  /** The host name of the client. */
  name: string
  givenName: string
  /** Null for a tagged node of 0.29. */
  userId: string | null
  addresses: string[]
  tags: string[]
  /** Tags that the client requests and the policy allows, where they are separate (0.16 to 0.27); none when absent. */
  requestedTags?: string[]
  /** Routes the client advertises, in its order. */
  advertised: string[]
  approved: string[]
  /** A connected client: its last-seen time is always now. */
  online: boolean
  lastSeen: Date | null
  /** Null = never expires; the zero time of year 1 means the same on most releases. */
  expiry: Date | null
  createdAt: Date
  preAuthKeyId: string | null
  registerMethod: `REGISTER_METHOD_${'UNSPECIFIED' | 'AUTH_KEY' | 'CLI' | 'OIDC'}`
}

/** A route as a row with an id, as 0.18 to 0.25 store it. */
export interface RouteRow {
  id: string
  nodeId: string
  prefix: string
  advertised: boolean
  enabled: boolean
  /** Whether this node serves the prefix, of those that advertise it and have it enabled. Never true for exit routes. */
  primary: boolean
  createdAt: Date
  updatedAt: Date
}

/** A client that waits to be registered. */
export interface Pending extends NodeKeys {
  name: string
  /** The DNS name if the release chooses it before registration, else null. */
  givenName: string | null
  routes: string[]
  /** True for a client that stays connected after it was registered. */
  online: boolean
  expiry: Date | null
  lastSeen: Date | null
  /** The user a debug registration was made for. */
  userId: string | null
  /** When the server forgets it; null = never. */
  forgetAt: Date | null
}

/** A key that lets clients join unattended. */
export interface PreAuthKey {
  id: string
  key: string
  userId: string | null
  reusable: boolean
  ephemeral: boolean
  used: boolean
  tags: string[]
  /** Null = never; the zero time means expired from the start. */
  expiration: Date | null
  createdAt: Date
}

/** A key for the REST API and remote gRPC. */
export interface ApiKey {
  id: string
  /** The part that lists show. */
  prefix: string
  secret: string
  expiration: Date | null
  createdAt: Date
  lastSeen: Date | null
}

/** An OAuth client of the v2 API of the 0.30 tree. */
export interface OAuthClient {
  id: string
  scopes: string[]
  tags: string[]
  description: string
  createdAt: Date
}

/** Go's zero time, which servers store for an absent time. */
export const ZERO_TIME = new Date('0001-01-01T00:00:00Z')

/** How long a pending registration is kept, in milliseconds. */
export const PENDING_LIFETIME = 15 * 60_000

export interface TailnetOptions {
  now: () => Date
  /** Address pools; a node gets one address of each. */
  prefixes: string[]
  /** Whether the address of a deleted node is reused before the pool is exhausted (up to 0.22). */
  reusesAddresses: boolean
  /** Whether routes are rows with ids (0.18 to 0.25), created for every prefix a new node advertises. */
  keepsRouteRows: boolean
}

type Counter = 'user' | 'node' | 'preAuthKey' | 'apiKey' | 'route'

/** The simulated tailnet. Lists are in order of creation, which is the order of ids. */
export class Tailnet {
  readonly now: () => Date
  readonly prefixes: string[]
  readonly users: User[] = []
  readonly nodes: Node[] = []
  readonly preAuthKeys: PreAuthKey[] = []
  readonly apiKeys: ApiKey[] = []
  readonly oauthClients: OAuthClient[] = []
  /** Empty where routes are fields of the node. */
  readonly routes: RouteRow[] = []
  /** By registration key without the prefix a release puts before it. */
  readonly pending = new Map<string, Pending>()
  policy: {text: string; updatedAt: Date} | null = null
  /** The active policy if it is not the stored one: one that 0.24 to 0.26 rejected, or the one before an empty text. */
  loadedPolicy: string | null = null
  /** The node that serves a prefix as long as it can, where routes are not rows. */
  readonly preferredServers = new Map<string, string>()
  readonly #last: Record<Counter, bigint> = {user: 0n, node: 0n, preAuthKey: 0n, apiKey: 0n, route: 0n}
  readonly #reusesAddresses: boolean
  readonly #keepsRouteRows: boolean
  readonly #taken = new Set<string>()
  /** Per pool, the offset below which every address is taken: a tailnet of 10,000 nodes is filled in linear time. */
  readonly #firstFree = new Map<string, bigint>()

  constructor({now, prefixes, reusesAddresses, keepsRouteRows}: TailnetOptions) {
    this.#keepsRouteRows = keepsRouteRows
    this.#reusesAddresses = reusesAddresses
    this.now = now
    this.prefixes = prefixes
  }

  /** A new id; deleted ones are never reused. */
  nextId(counter: Counter): string {
    this.#last[counter] += 1n
    return String(this.#last[counter])
  }

  /** The id itself, if it is given; new ones are larger from then on. */
  #idOf(counter: Counter, given: string | undefined): string {
    if (given === undefined) return this.nextId(counter)
    const value = BigInt(given)
    if (value > this.#last[counter]) this.#last[counter] = value
    return given
  }

  addUser(fields: Partial<User> & {name: string}): User {
    const empty = {displayName: '', email: '', providerId: '', provider: '', profilePicUrl: ''}
    const user = {...empty, createdAt: this.now(), ...fields, id: this.#idOf('user', fields.id)}
    this.users.push(user)
    return user
  }

  addNode(fields: Omit<Node, 'id' | 'createdAt'> & Partial<Node>): Node {
    const node = {createdAt: this.now(), ...fields, id: this.#idOf('node', fields.id)}
    this.giveAddresses(node, node.addresses)
    this.nodes.push(node)
    if (this.#keepsRouteRows) for (const prefix of node.advertised) this.addRoute(node, prefix)
    return node
  }

  /** Adds a row, which serves its prefix if no other one does. @param given what is known of it */
  addRoute(node: Node, prefix: string, given: {id?: string; advertised?: boolean; primary?: boolean} = {}): RouteRow {
    const [createdAt, enabled] = [this.now(), node.approved.includes(prefix)]
    const [id, nodeId] = [this.#idOf('route', given.id), node.id]
    const advertised = given.advertised ?? true
    const row = {id, nodeId, prefix, advertised, enabled, primary: false, createdAt, updatedAt: createdAt}
    row.primary = given.primary ?? (enabled && this.isOnlyServer(row))
    this.routes.push(row)
    return row
  }

  /** Whether no other node has the prefix of a row enabled. Always false for exit routes. */
  isOnlyServer({nodeId, prefix}: RouteRow): boolean {
    const rival = this.routes.some((row) => row.nodeId !== nodeId && row.prefix === prefix && row.enabled)
    return !rival && !EXIT_ROUTES.includes(prefix)
  }

  giveAddresses(node: Node, addresses: string[]): void {
    node.addresses = addresses
    this.reserveAddresses(addresses)
  }

  /** Marks addresses, in canonical spelling, as used. */
  reserveAddresses(addresses: readonly string[]): void {
    for (const address of addresses) this.#taken.add(address)
  }

  removeNode(node: Node): void {
    remove(this.nodes, node)
    for (const row of this.routes.filter(({nodeId}) => nodeId === node.id)) remove(this.routes, row)
    for (const address of node.addresses) this.#taken.delete(address)
    if (this.#reusesAddresses) this.#firstFree.clear()
  }

  addPreAuthKey(fields: Omit<PreAuthKey, 'id' | 'createdAt'> & {id?: string; createdAt?: Date}): PreAuthKey {
    const key = {createdAt: this.now(), ...fields, id: this.#idOf('preAuthKey', fields.id)}
    this.preAuthKeys.push(key)
    return key
  }

  addApiKey(fields: Omit<ApiKey, 'id' | 'createdAt' | 'lastSeen'>): ApiKey {
    const key = {...fields, createdAt: this.now(), lastSeen: null, id: this.nextId('apiKey')}
    this.apiKeys.push(key)
    return key
  }

  user(id: string | null): User | undefined {
    return this.users.find((user) => user.id === id)
  }

  node(id: string): Node | undefined {
    return this.nodes.find((node) => node.id === id)
  }

  preAuthKey(id: string | null): PreAuthKey | undefined {
    return this.preAuthKeys.find((key) => key.id === id)
  }

  /** The pending registration of a key, unless it has timed out. */
  waiting(key: string): Pending | undefined {
    const entry = this.pending.get(key)
    return entry?.forgetAt && entry.forgetAt <= this.now() ? undefined : entry
  }

  /**
   * The next free address of every pool, or null if one of them is exhausted. The first and the last address of a pool
   * (network and broadcast) are never assigned.
   */
  nextAddresses(): string[] | null {
    const found: string[] = []
    for (const prefix of this.prefixes) {
      let offset = this.#firstFree.get(prefix) ?? 1n
      let address = addressAt(prefix, offset)
      while (address !== null && this.#taken.has(address)) address = addressAt(prefix, ++offset)
      if (address === null || addressAt(prefix, offset + 1n) === null) return null
      this.#firstFree.set(prefix, this.#reusesAddresses ? offset : offset + 1n)
      found.push(address)
    }
    return found
  }

  /** When a node was last seen: now if it is connected. */
  lastSeen(node: Node): Date | null {
    return node.online ? this.now() : node.lastSeen
  }
}

/** Removes an item from a list in place. */
export function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item)
  if (index >= 0) list.splice(index, 1)
}

/** A key of a simulated client: the same in every run, so that runs can be compared. */
export function derivedKey(kind: string, client: string): string {
  return createHash('sha256').update(`${kind}:${client}`).digest('hex')
}

/** Random characters A-Z a-z 0-9 - _, the alphabet of headscale's secrets. */
export function randomText(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length)
}

/** Random hex digits. */
export function randomHex(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length)
}
