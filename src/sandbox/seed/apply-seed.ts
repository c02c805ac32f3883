/**
 * Creates the tailnet that a seed describes, as the given release would store it.
 *
 * What a server cannot hold is an error: two nodes with one address or node key, a node for which no address is left. Keys
 * that the seed does not give are derived from names, so that runs can be compared.
 */
import {usageError} from '../../errors.ts'
import {canonicalAddress, canonicalPrefix} from '../prefix.ts'
import type {ReleaseSimulator} from '../releases/shared/release-simulator.ts'
import {derivedKey, type Node, Tailnet, ZERO_TIME} from '../tailnet.ts'
import {ascendingIds} from './ids.ts'
import {readTime} from './read-time.ts'
import type {SeedData, SeedNode, SeedPending, SeedPreAuthKey} from '../../tailnet-file/tailnet-data.ts'
import {addUsers, findOwner} from './seed-users.ts'

const DEFAULT_POOL = '10.1.0.0/16'

/** @throws HeadscaleError for a seed that a server of the release cannot hold */
export function applySeed(seed: SeedData, simulator: ReleaseSimulator, now: () => Date): Tailnet {
  const tailnet = new Tailnet({
    now,
    prefixes: (seed.prefixes ?? [DEFAULT_POOL]).map(canonicalPrefix),
    reusesAddresses: simulator.reusesAddresses,
    keepsRouteRows: simulator.keepsRouteRows,
  })
  addUsers(tailnet, seed.users ?? [], simulator)
  addNodes(tailnet, seed, simulator)
  for (const [index, pending] of (seed.pending ?? []).entries()) addPending(tailnet, pending, index, simulator)
  const keyId = ascendingIds('preAuthKeys')
  for (const [index, {id, ...key}] of (seed.preAuthKeys ?? []).entries()) {
    addPreAuthKey(tailnet, {...key, ...keyId(index, id)}, index, simulator)
  }
  if (seed.policy !== undefined) tailnet.policy = {text: seed.policy, updatedAt: now()}
  return tailnet
}

/** Remembers which values are in use, and rejects one that is used twice. */
class Unique {
  readonly #used = new Map<string, string>()

  claim(where: string, what: string, value: string): void {
    const other = this.#used.get(value)
    if (other !== undefined) {
      throw usageError(`invalid seed: ${where}: the ${what} ${JSON.stringify(value)} is already used by ${other}`)
    }
    this.#used.set(value, where)
  }

  has(value: string): boolean {
    return this.#used.has(value)
  }
}

function addNodes(tailnet: Tailnet, {nodes = [], preAuthKeys = []}: SeedData, simulator: ReleaseSimulator): void {
  const [addresses, keys, givenNames] = [new Unique(), new Unique(), new Unique()]
  const clientOf = clientNames()
  const idOf = ascendingIds('nodes')
  const routeIds = new Set<string>()
  const keyIds = preAuthKeyIds(preAuthKeys)
  const given = nodes.map(({ip, givenName}, index) => {
    const own = ip === undefined ? null : [ip].flat().map(canonicalAddress)
    for (const address of own ?? []) addresses.claim(`nodes.${index}`, 'address', address)
    if (givenName !== undefined && simulator.givenNamesAreUnique)
      givenNames.claim(`nodes.${index}`, 'given name', givenName)
    return own
  })
  // before any address is assigned, so that none of these is
  for (const own of given) if (own) tailnet.reserveAddresses(own)

  for (const [index, node] of nodes.entries()) {
    const where = `nodes.${index}`
    const client = clientOf(node.name)
    const online = node.online ?? true
    const seeded = simulator.seedPending(
      {
        machineKey: node.machineKey ?? derivedKey('machine', client),
        nodeKey: node.nodeKey ?? derivedKey('node', client),
        discoKey: node.discoKey ?? derivedKey('disco', client),
        name: node.name,
        givenName: null,
        routes: (node.routes ?? []).map(canonicalPrefix),
        online,
        expiry: node.expiry === undefined ? null : readTime(node.expiry),
        lastSeen: node.lastSeen === undefined ? (online ? tailnet.now() : ZERO_TIME) : readTime(node.lastSeen),
        userId: null,
        forgetAt: null,
      },
      null,
    )
    const preAuthKey = node.preAuthKey === undefined ? undefined : String(node.preAuthKey)
    if (preAuthKey !== undefined && !keyIds.has(preAuthKey)) {
      throw usageError(
        `invalid seed: ${where}: pre-auth key ${preAuthKey} does not exist`,
        'the first key is 1, unless it has another id',
      )
    }
    keys.claim(where, 'node key', seeded.nodeKey)
    // Not the machine key: servers can store a machine twice.
    const own = given[index] ?? tailnet.nextAddresses()
    if (!own) throw usageError(`invalid seed: ${where}: no address is left in the pools`, 'use larger prefixes')
    const requestedTags = node.requestedTags ?? []
    const added = tailnet.addNode({
      ...idOf(index, node.id),
      name: node.name,
      machineKey: node.machineKey ?? seeded.machineKey,
      nodeKey: seeded.nodeKey,
      discoKey: seeded.discoKey,
      online,
      expiry: seeded.expiry,
      lastSeen: seeded.lastSeen,
      givenName: node.givenName ?? freeName(givenNames, where, node.name),
      userId: ownerOf(node, where),
      addresses: own,
      ...(node.createdAt !== undefined && {createdAt: readTime(node.createdAt)}),
      ...(simulator.separatesRequestedTags
        ? {tags: node.tags ?? [], requestedTags}
        : {tags: [...new Set([...(node.tags ?? []), ...requestedTags])]}),
      advertised: simulator.keepsRouteRows ? [] : seeded.routes,
      approved: (node.approved ?? []).map(canonicalPrefix),
      preAuthKeyId: preAuthKey ?? null,
      registerMethod: REGISTER_METHODS[node.registerMethod ?? (preAuthKey === undefined ? 'cli' : 'auth-key')],
    })
    if (simulator.keepsRouteRows) addRouteRows(tailnet, added, {node, advertised: seeded.routes, where, used: routeIds})
    else for (const prefix of node.serving ?? []) tailnet.preferredServers.set(canonicalPrefix(prefix), added.id)
  }
  tailnet.routes.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))

  /** A node without a user: a tagged one of later releases, or one whose user was removed. */
  function ownerOf({user, tags, requestedTags = []}: SeedNode, where: string): string | null {
    if (user === null) return null
    const tagged = [...(tags ?? []), ...requestedTags].length > 0
    return simulator.taggedNodesHaveUsers || !tagged ? findOwner(tailnet, user, where).id : null
  }
}

const REGISTER_METHODS = {
  'auth-key': 'REGISTER_METHOD_AUTH_KEY',
  cli: 'REGISTER_METHOD_CLI',
  oidc: 'REGISTER_METHOD_OIDC',
} as const

/** Names from which the keys of clients are derived: the host name, with a number when an earlier client has it. */
function clientNames(): (name: string) => string {
  const used = new Set<string>()
  const repeats = new Map<string, number>()
  return (name) => {
    let repeat = repeats.get(name) ?? 0
    const client = () => (repeat === 0 ? name : `${name}:${repeat}`)
    while (used.has(client())) repeat++
    repeats.set(name, repeat + 1)
    used.add(client())
    return client()
  }
}

/** The ids that the keys of a seed will have. */
function preAuthKeyIds(keys: readonly SeedPreAuthKey[]): Set<string> {
  let last = 0n
  return new Set(keys.map(({id}) => String((last = id === undefined ? last + 1n : BigInt(id)))))
}

interface SeedRoutes {
  node: SeedNode
  advertised: readonly string[]
  where: string
  /** Ids of routes so far. */
  used: Set<string>
}

/** The routes of a node as rows: those that it advertises, and those with an id that it advertised before. */
function addRouteRows(tailnet: Tailnet, added: Node, {node, advertised, where, used}: SeedRoutes): void {
  added.advertised = [...advertised]
  const serving = node.serving?.map(canonicalPrefix)
  const ids = new Map(Object.entries(node.routeIds ?? {}).map(([prefix, id]) => [canonicalPrefix(prefix), String(id)]))
  for (const prefix of new Set([...advertised, ...ids.keys()])) {
    const id = ids.get(prefix)
    if (id !== undefined && used.has(id)) {
      throw usageError(`invalid seed: ${where}: another route has the id ${id}`, 'use unique ids')
    }
    const row = tailnet.addRoute(added, prefix, {
      ...(id !== undefined && {id}),
      advertised: advertised.includes(prefix),
      ...(serving && {primary: serving.includes(prefix)}),
    })
    used.add(row.id)
  }
}

/** The name for DNS: that of the client, with a number when another node has it. */
function freeName(used: Unique, where: string, name: string): string {
  let free = name
  for (let number = 1; used.has(free); number++) free = `${name}-${number}`
  used.claim(where, 'given name', free)
  return free
}

function addPending(
  tailnet: Tailnet,
  {key, name, nodeKey, online = true, routes = []}: SeedPending,
  index: number,
  simulator: ReleaseSimulator,
): void {
  const stored = simulator.pendingKey(key)
  if (tailnet.pending.has(stored)) {
    throw usageError(
      `invalid seed: pending.${index}: another client has the key ${JSON.stringify(stored)}`,
      `use unique keys; headscale ${simulator.release} may use only the first 24 characters`,
    )
  }
  const client = {
    machineKey: derivedKey('machine', key),
    nodeKey: nodeKey ?? derivedKey('node', key),
    discoKey: derivedKey('disco', key),
    name,
    givenName: null,
    routes: routes.map(canonicalPrefix),
    online,
    expiry: null,
    lastSeen: null,
    userId: null,
    forgetAt: null,
  }
  tailnet.pending.set(stored, simulator.seedPending(client, key))
}

function addPreAuthKey(
  tailnet: Tailnet,
  {user, expiration, createdAt, key, ...fields}: Omit<SeedPreAuthKey, 'id'> & {id?: string},
  index: number,
  simulator: ReleaseSimulator,
): void {
  const secret = key ?? simulator.preAuthKey(derivedKey('preauthkey', `${user ?? ''}:${index}`))
  if (tailnet.preAuthKeys.some((other) => other.key === secret)) {
    throw usageError(`invalid seed: preAuthKeys.${index}: another pre-auth key has the same key`, 'use unique keys')
  }
  tailnet.addPreAuthKey({
    reusable: false,
    ephemeral: false,
    used: false,
    tags: [],
    ...fields,
    key: secret,
    userId: user === undefined ? null : findOwner(tailnet, user, `preAuthKeys.${index}`).id,
    expiration: expiration === undefined ? null : readTime(expiration),
    ...(createdAt !== undefined && {createdAt: readTime(createdAt)}),
  })
}
