/**
 * The tailnet of a server as a tailnet file, from which the sandbox makes a copy with the same ids.
 *
 * No key of the server is in it: the copy makes up its own. Only which nodes share a machine key is kept, by a number in
 * its place. What a server does not tell, or a copy cannot have, is said in sentences; nothing is left out silently.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {type Node} from '../../domain/node.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {Route} from '../../domain/route.ts'
import type {User} from '../../domain/user.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import {HeadscaleError} from '../../errors.ts'
import type {SeedData, SeedId, SeedNode, SeedPreAuthKey, SeedUser} from '../../tailnet-file/tailnet-data.ts'
import {guessPools} from './address-pools.ts'
import {type ExportedPolicy, exportPolicy} from './export-policy.ts'
import {isShownUnnamed, userReferences} from './user-references.ts'

export interface TailnetExport {
  data: SeedData
  /** What it does not contain or only guesses, a sentence each. */
  missing: string[]
}

/**
 * Sends one request for each list, and one for each node up to 0.17 (routes); twice if a user is deleted meanwhile.
 * @throws HeadscaleError (failed) if a node belongs to a user that the server does not list
 */
export async function exportTailnet(api: ControlApi): Promise<TailnetExport> {
  let lists = await readLists(api)
  if (nodeWithoutOwner(lists)) lists = await readLists(api)
  const stray = nodeWithoutOwner(lists)
  if (stray) {
    throw new HeadscaleError(
      'failed',
      `node ${stray.id} belongs to the user with id ${stray.user!.id}, which the server does not list`,
      {hint: 'nothing was written; if users or nodes are deleted just now, run the command again'},
    )
  }
  const {nodes, users, routes, policy} = lists
  const context: Context = {
    referTo: userReferences(users),
    routes: Map.groupBy(routes, ({node}) => node?.id ?? ''),
    machines: sharedMachines(nodes),
    hasRouteIds: api.server.capabilities.routes === 'rows',
  }
  const keys = new Map(nodes.flatMap(({preAuthKey}) => (preAuthKey ? [[preAuthKey.id, preAuthKey] as const] : [])))
  const prefixes = guessPools(nodes.flatMap(({ipAddresses}) => ipAddresses))
  const known = new Set(nodes.map(({id}) => id))
  const orphans = routes.filter(({node}) => node === null || !known.has(node.id)).length
  const unnamed = api.server.capabilities.namesUnnamedUsers ? users.filter(isShownUnnamed) : []
  return {
    data: {
      prefixes,
      users: users.map((user) => exportUser(user, unnamed.includes(user))),
      nodes: nodes.map((node) => exportNode(node, context)),
      ...(keys.size > 0 && {
        preAuthKeys: [...keys.values()].toSorted(byId).map((key) => exportKey(key, users, context)),
      }),
      ...(policy.text !== null && {policy: policy.text}),
    },
    missing: [
      'the export has no keys: the sandbox makes up node keys and pre-auth keys; API keys, pre-auth keys that no ' +
        'node has joined with, and clients that wait to be registered are left out',
      `the server does not report its address pools; by the addresses of its nodes: ${prefixes.join(', ')}`,
      'the configuration of the server (DNS, DERP, single sign-on) is left out',
      ...policy.missing,
      ...(orphans > 0 ? [`${orphans} routes of nodes that no longer exist are left out`] : []),
      ...(unnamed.length > 0
        ? [
            `the server shows ${unnamed.length} users under their e-mail address, provider id or id; they are written as ` +
              'users without a name',
          ]
        : []),
    ],
  }
}

interface Lists {
  nodes: Node[]
  users: User[]
  routes: Route[]
  policy: ExportedPolicy
}

async function readLists(api: ControlApi): Promise<Lists> {
  // In this order: the routes are those of known nodes.
  const nodes = await api.nodes.list()
  const [users, routes, policy] = await Promise.all([
    api.users.list(),
    api.server.capabilities.routesOnNodes ? [] : api.routes.list(nodes),
    exportPolicy(api),
  ])
  return {nodes, users, routes, policy}
}

/** A node that was read before its user was deleted. */
function nodeWithoutOwner({nodes, users}: Lists): Node | undefined {
  const known = new Set(users.map(({id}) => id))
  return nodes.find(({user}) => user !== null && !known.has(user.id))
}

interface Context {
  referTo: (user: Pick<User, 'id'>) => string
  /** By the id of their node; empty where nodes have them. */
  routes: ReadonlyMap<string, Route[]>
  /** By real machine keys that several nodes have: one in its place. */
  machines: ReadonlyMap<string, string>
  hasRouteIds: boolean
}

function exportUser(user: User, unnamed: boolean): SeedUser {
  const {displayName, email, providerId, provider, profilePictureUrl} = user
  return {
    id: seedId(user.id),
    ...(user.name !== '' && !unnamed && {name: user.name}),
    ...(displayName && {displayName}),
    ...(email && {email}),
    ...(providerId && {providerId}),
    ...(provider && {provider}),
    ...(profilePictureUrl && {profilePicUrl: profilePictureUrl}),
    ...(user.createdAt && {createdAt: timeText(user.createdAt)}),
  }
}

function exportNode(node: Node, context: Context): SeedNode {
  const {id, hostName, givenName, user, preAuthKey, requestedTags, registerMethod} = node
  const own = context.routes.get(id) ?? []
  const tags = node.tags.filter((tag) => !requestedTags.includes(tag))
  const machineKey = node.machineKey === null ? undefined : context.machines.get(node.machineKey)
  return {
    id: seedId(id),
    name: hostName,
    ...(givenName !== null && {givenName}),
    user: user && context.referTo(user),
    ip: node.ipAddresses,
    online: node.online,
    // The copy says now for a node that is online, as servers do.
    ...(!node.online && node.lastSeen && {lastSeen: timeText(node.lastSeen)}),
    ...(tags.length > 0 && {tags}),
    ...(requestedTags.length > 0 && {requestedTags}),
    ...routeFields(node, own, context.hasRouteIds),
    ...(node.expiry && {expiry: timeText(node.expiry)}),
    ...(node.createdAt && {createdAt: timeText(node.createdAt)}),
    ...(preAuthKey && {preAuthKey: seedId(preAuthKey.id)}),
    ...(registerMethod && registerMethod !== (preAuthKey ? 'auth-key' : 'cli') && {registerMethod}),
    ...(machineKey !== undefined && {machineKey}),
  }
}

function routeFields(node: Node, own: readonly Route[], hasIds: boolean): Partial<SeedNode> {
  const prefixes = (kept: readonly Route[]) => kept.map(({prefix}) => prefix)
  const routes = node.routes?.available ?? prefixes(own.filter(({available}) => available))
  const approved = node.routes?.approved ?? prefixes(own.filter((route) => route.approved))
  const served = node.routes?.serving ?? prefixes(own.filter((route) => route.serving))
  const serving = served.filter((prefix) => !isExitRoute(prefix))
  return {
    ...(routes.length > 0 && {routes}),
    ...(approved.length > 0 && {approved}),
    // With ids each row says whether it serves; otherwise the copy decides for prefixes that nobody serves.
    ...((serving.length > 0 || (hasIds && approved.length > 0)) && {serving}),
    ...(hasIds &&
      own.length > 0 && {routeIds: Object.fromEntries(own.map((row) => [row.prefix, seedId(row.id ?? '')]))}),
  }
}

/** The key without its secret. Up to 0.25 its owner is known by name, or by what the server shows in its place. */
function exportKey(key: PreAuthKey, users: readonly User[], {referTo}: Context): SeedPreAuthKey {
  const {user} = key
  const called = user && users.filter(({name, email, providerId}) => [name, email, providerId].includes(user.name))
  const owner = user && (user.id === null ? called?.[0] : {id: user.id})
  return {
    id: seedId(key.id),
    ...(owner && {user: referTo(owner)}),
    ...(key.reusable && {reusable: true}),
    ...(key.ephemeral && {ephemeral: true}),
    ...(key.used && {used: true}),
    ...(key.tags.length > 0 && {tags: key.tags}),
    ...(key.expiration && {expiration: timeText(key.expiration)}),
    ...(key.createdAt && {createdAt: timeText(key.createdAt)}),
  }
}

/** For each machine key that several nodes have, the id of the first of them, as long as a key. */
function sharedMachines(nodes: readonly Node[]): Map<string, string> {
  const shared = new Map<string, string>()
  for (const [key, [first, second]] of Map.groupBy(nodes, ({machineKey}) => machineKey)) {
    if (key !== null && first && second) shared.set(key, first.id.padStart(64, '0'))
  }
  return shared
}

/** A number where it is exact. */
function seedId(id: string): SeedId {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id
}

/** With milliseconds where there are any: they order what happened within a second. */
function timeText(time: Date): string {
  return time.toISOString().replace(/\.000Z$/, 'Z')
}

function byId(a: {id: string}, b: {id: string}): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1)
}
