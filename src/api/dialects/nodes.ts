/** Nodes; called machines up to 0.22. */
import type {Node, RegisterMethod} from '../../domain/node.ts'
import {
  extractRegistrationKey,
  makeRegistrationKey,
  normalizeRegistrationKey,
} from '../../domain/values/registration-key.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import type {Capabilities} from '../capabilities.ts'
import type {DebugApi, NodesApi} from '../control-api.ts'
import type {OperationId} from '../operations.ts'
import type {WireMessage} from '../transport/transport.ts'
import {byId, type Dialect, readTime, referenced, requireCapability, requireOperation} from './shared/dialect.ts'
import {readPreAuthKey} from './pre-auth-keys.ts'
import type {WireNode} from './shared/schemas.ts'
import {requestName} from './shared/user-name.ts'
import {readUser} from './users.ts'

/** Up to 0.17 headscale's own CLI shows a machine as online if it was seen within this time (cli/nodes.go v0.17.1). */
const ONLINE_WINDOW_MS = 5 * 60 * 1000

/** A map, since the text comes from the server and could be the name of an object's built-in property. */
const REGISTER_METHODS: ReadonlyMap<string, RegisterMethod> = new Map([
  ['REGISTER_METHOD_AUTH_KEY', 'auth-key'],
  ['REGISTER_METHOD_CLI', 'cli'],
  ['REGISTER_METHOD_OIDC', 'oidc'],
])

/** @param now the clock, for `online` up to 0.17 */
export function nodesDialect(dialect: Dialect, now: () => Date): NodesApi {
  const {group, call} = dialect
  const {capabilities} = group
  const {ownerWord, nodeWord} = capabilities
  const read = (wire: WireNode) => readNode(wire, capabilities, now())

  async function ask(owner: WireMessage): Promise<Node[]> {
    const wire =
      nodeWord === 'machine'
        ? (await call<{machines: WireNode[]}>('ListMachines', owner)).machines
        : (await call<{nodes: WireNode[]}>('ListNodes', owner)).nodes
    return wire.map(read).toSorted(byId)
  }

  /**
   * Filtered here by id. Servers filter only by name, which can be empty (then they list all nodes), not unique, or not
   * the real name of the user.
   */
  async function list({user}: {user?: User} = {}): Promise<Node[]> {
    if (!user) return ask({})
    const ownedBy = (nodes: Node[]) => nodes.filter((node) => node.user?.id === user.id)
    try {
      return ownedBy(await ask({}))
    } catch (error) {
      // The list of all nodes can be too large for the gateway; the list of one user may fit.
      if (!(error instanceof HeadscaleError) || error.code !== 'failed' || user.name === '') throw error
      return ownedBy(await ask({[ownerWord]: await requestName(dialect, user)}))
    }
  }

  async function get(id: string): Promise<Node> {
    return nodeWord === 'machine'
      ? read((await call<{machine: WireNode}>('GetMachine', {machineId: id})).machine)
      : read((await call<{node: WireNode}>('GetNode', {nodeId: id})).node)
  }

  /** A call that changes one node and returns it. */
  async function edit(onMachine: OperationId, onNode: OperationId, id: string, change: WireMessage): Promise<Node> {
    requireOperation(group, nodeWord === 'machine' ? onMachine : onNode, {successor: onNode})
    return nodeWord === 'machine'
      ? read((await call<{machine: WireNode}>(onMachine, {machineId: id, ...change})).machine)
      : read((await call<{node: WireNode}>(onNode, {nodeId: id, ...change})).node)
  }

  /** Up to 0.22 a second registration of one client succeeds and stores it twice. */
  async function rejectRegisteredClient(key: string) {
    const digits = key.replace(/^[a-z]+:/, '')
    const twin = (await list()).find((node) => [node.nodeKey, node.machineKey].some((known) => known?.endsWith(digits)))
    if (!twin) return
    throw new HeadscaleError(
      'already-exists',
      `this client is registered already, as ${nodeWord} ${twin.id} (${twin.hostName})`,
      {
        hint: 'registering it again would store it twice; see: headscale-ts nodes list',
      },
    )
  }

  return {
    list,
    get,

    async register({user, rawKey}) {
      const key = normalizeRegistrationKey(rawKey, capabilities.registrationKeys)
      if (capabilities.registrationIsReusable) await rejectRegisteredClient(key)
      const request = {[ownerWord]: await requestName(dialect, user), key}
      return nodeWord === 'machine'
        ? read((await call<{machine: WireNode}>('RegisterMachine', request)).machine)
        : read((await call<{node: WireNode}>('RegisterNode', request)).node)
    },

    async rename({id}, newName) {
      return edit('RenameMachine', 'RenameNode', id, {newName})
    },

    async setTags({id}, tags) {
      if (tags.length === 0) {
        const hint = capabilities.tagsArePermanent
          ? 'the last tag of a node cannot be removed there; pass the tags to keep'
          : undefined
        requireCapability(group, ({clearsTags}) => clearsTags, {flag: '--clear', hint})
      }
      return edit('SetMachineTags', 'SetTags', id, {tags})
    },

    async expire({id}, when) {
      // An older server ignores the field and expires the node at once.
      if (when instanceof Date) {
        const hint = 'leave out --expiry to expire the node now'
        requireCapability(group, ({expiryTime}) => expiryTime, {flag: '--expiry', hint})
      }
      if (when === 'never') requireCapability(group, ({expiryOff}) => expiryOff, {flag: '--disable'})
      if (when === 'never') return edit('ExpireMachine', 'ExpireNode', id, {disableExpiry: true})
      return edit('ExpireMachine', 'ExpireNode', id, when === 'now' ? {} : {expiry: when.toISOString()})
    },

    async delete({id}) {
      if (nodeWord === 'machine') await call('DeleteMachine', {machineId: id})
      else await call('DeleteNode', {nodeId: id})
    },

    async move({id}, user) {
      const hint = 'delete the node and register it again for the other user'
      requireCapability(group, ({movesNodes}) => movesNodes, {hint})
      const owner = async () => (capabilities.preAuthKeyOwner === 'id' ? user.id : requestName(dialect, user))
      if (group.operations.has('MoveMachineToNamespace')) {
        return edit('MoveMachineToNamespace', 'MoveNode', id, {namespace: await owner()})
      }
      return edit('MoveMachine', 'MoveNode', id, {user: await owner()})
    },

    async backfillIPs() {
      return (await call<{changes?: string[] | null}>('BackfillNodeIPs', {confirmed: true})).changes ?? []
    },
  }
}

export function debugDialect(dialect: Dialect): DebugApi {
  const {group, call} = dialect
  const {ownerWord, nodeWord, registrationKeys} = group.capabilities
  return {
    async createNode({name, user, rawKey, routes}) {
      if (name.trim() === '') throw usageError('the node name is empty', 'give a name, such as: --name laptop')
      const keys =
        rawKey === null
          ? registrationKeys.map(makeRegistrationKey)
          : [normalizeRegistrationKey(extractRegistrationKey(rawKey), registrationKeys)]
      const userName = await requestName(dialect, user)
      const registrationKey = await firstTaken(keys, (key) =>
        call(nodeWord === 'machine' ? 'DebugCreateMachine' : 'DebugCreateNode', {
          [ownerWord]: userName,
          key,
          name,
          routes,
        }),
      )
      return {name, user, registrationKey, routes}
    },
  }
}

/**
 * The first key that the server accepts. Releases of one group can accept different forms (0.24 a machine key, 0.25 a
 * registration id); they reject the other form without damage. Other groups have only one form.
 */
async function firstTaken(keys: readonly string[], offer: (key: string) => Promise<unknown>): Promise<string> {
  const [key = '', ...others] = keys
  try {
    await offer(key)
    return key
  } catch (error) {
    const refused = error instanceof HeadscaleError && error.code === 'invalid-input'
    if (!refused || others.length === 0) throw error
    return firstTaken(others, offer)
  }
}

/**
 * A node that belongs to its tags has no user here. On the wire there are three forms: lists of 0.28 and later have a
 * user called tagged-devices, other replies of 0.28 the user who created the node, other replies of 0.29 no user.
 */
function readNode(wire: WireNode, capabilities: Capabilities, now: Date): Node {
  const tags = readTags(wire)
  const owner = capabilities.tagsArePermanent && tags.length > 0 ? null : referenced(wire.namespace ?? wire.user)
  const lastSeen = readTime(wire.lastSeen)
  return {
    id: wire.id,
    hostName: wire.name,
    givenName: capabilities.givenNames ? (wire.givenName ?? '') : null,
    machineKey: readKey(wire.machineKey, 'mkey'),
    nodeKey: readKey(wire.nodeKey, 'nodekey'),
    discoKey: readKey(wire.discoKey, 'discokey'),
    // IPv4 first: up to 0.22 the server's order changes with each start.
    ipAddresses: (wire.ipAddresses ?? []).toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':'))),
    user: owner ? readUser(owner, capabilities.userProfiles) : null,
    lastSeen,
    expiry: readTime(wire.expiry),
    createdAt: readTime(wire.createdAt),
    registerMethod: REGISTER_METHODS.get(wire.registerMethod ?? '') ?? null,
    preAuthKey: wire.preAuthKey ? readPreAuthKey(wire.preAuthKey) : null,
    tags,
    requestedTags: readRequestedTags(wire),
    routes: capabilities.routesOnNodes
      ? {available: wire.availableRoutes ?? [], approved: wire.approvedRoutes ?? [], serving: wire.subnetRoutes ?? []}
      : null,
    online: capabilities.reportsOnline
      ? (wire.online ?? false)
      : lastSeen !== null && now.getTime() - lastSeen.getTime() < ONLINE_WINDOW_MS,
    client: null,
  }
}

/** Up to 0.22 keys have no prefix on the wire; it is added here, as on later releases. All zeros mean no key. */
function readKey(key: string | null | undefined, prefix: string): string | null {
  if (!key || /^(?:[a-z]+:)?0*$/.test(key)) return null
  return /^[0-9a-f]{64}$/.test(key) ? `${prefix}:${key}` : key
}

/** One list since 0.28; before, the tags of an administrator and the granted tags of the client are separate. */
function readTags(wire: WireNode): string[] {
  return [...new Set([...(wire.tags ?? []), ...(wire.forcedTags ?? []), ...(wire.validTags ?? [])])]
}

/** Tags that are granted because the client requests them. Some releases repeat the administrator's tags in it. */
function readRequestedTags({forcedTags, validTags}: WireNode): string[] {
  const forced = new Set(forcedTags ?? [])
  return (validTags ?? []).filter((tag) => !forced.has(tag))
}
