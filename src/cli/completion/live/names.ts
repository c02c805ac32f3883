/**
 * The names that a server gives for each kind of value. A name of a server is untrusted: what cannot be typed as it is, or
 * means something else on the command line, is offered by its id, and every description is made safe for a terminal.
 * No secret gets here: keys are shown by their id and prefix.
 */
import {isIP} from 'node:net'
import type {ControlApi} from '../../../api/control-api.ts'
import {describeNode, nodeName} from '../../../domain/node.ts'
import {keyOwner, maskedKey, type PreAuthKey} from '../../../domain/pre-auth-key.ts'
import type {Route} from '../../../domain/route.ts'
import {userLabel} from '../../../domain/user.ts'
import {canonicalPrefix} from '../../../domain/values/prefix.ts'
import {HeadscaleError} from '../../../errors.ts'
import {hasUnsafe, printable} from '../../../text/untrusted.ts'
import {listPreAuthKeys} from '../../../usecases/keys/list-pre-auth-keys.ts'
import {resolveNode} from '../../../usecases/nodes/resolve-node.ts'
import type {LiveKind} from '../../flags.ts'

export interface LiveName {
  value: string
  /** Other spellings, offered once they are begun: ids, addresses. */
  also: string[]
  /** One line; can be empty. */
  about: string
}

type Read = (api: ControlApi, context: {nodes: readonly string[]; now: Date}) => Promise<LiveName[]>

/** How the names of each kind are read. `nodes` are those that the line names. */
export const READ_NAMES: Readonly<Record<LiveKind, Read>> = {
  user: userNames,
  'user-id': async (api) => (await api.users.list()).map((user) => named(user.id, facts(userLabel(user), user.email))),
  'user-name': async (api) =>
    (await api.users.list())
      .filter(({name}) => isTypeable(name))
      .map(({id, name, email}) => named(name, facts(`id ${id}`, email))),
  node: nodeNames,
  'node-name': async (api) =>
    (await api.nodes.list())
      .filter((node) => isTypeable(nodeName(node)))
      .map((node) => named(nodeName(node), aboutNode(node))),
  tag: tagNames,
  route: routePrefixes,
  'route-id': async (api) =>
    (await api.routes.list(await api.nodes.list()))
      .filter(({id}) => id !== null)
      .map((route) => named(route.id!, facts(route.prefix, route.node && nodeName(route.node), stateOf(route)))),
  'pre-auth-key': async (api, {now}) => {
    const {found} = await listPreAuthKeys(api, {selector: null, now})
    return found.map(({key}) => named(key.id, aboutKey(key)))
  },
  'api-key': async (api) =>
    (await api.apiKeys.list()).map(({id, prefix, expiration}) => ({
      ...named(id, facts(prefix, until(expiration))),
      also: [barePrefix(prefix)].filter(isTypeable),
    })),
  'api-key-prefix': async (api) =>
    (await api.apiKeys.list())
      .map(({id, prefix, expiration}) => named(barePrefix(prefix), facts(`id ${id}`, until(expiration))))
      .filter(({value}) => isTypeable(value)),
  'oauth-client': async (api) =>
    (await api.oauthClients.list())
      .filter(({id}) => isTypeable(id))
      .map(({id, description}) => named(id, facts(description))),
}

function named(value: string, about: string): LiveName {
  return {value, also: [], about}
}

/** Facts on one line, those that are empty left out. */
function facts(...all: (string | null | undefined)[]): string {
  return printable(all.filter((fact) => fact).join(', '))
}

/** Whether a name can be typed as an argument: no control characters, no flag, no `-` for standard input, no `id:3`. */
function isTypeable(name: string): boolean {
  return (
    name.trim() !== '' &&
    name === name.trim() &&
    !/^(?:-|id:|name:)/.test(name) &&
    !hasUnsafe(name) &&
    !/[\n\ufffd]/.test(name)
  )
}

async function userNames(api: ControlApi): Promise<LiveName[]> {
  const users = await api.users.list()
  const uses = countOf(users.flatMap(({id, name, email, providerId}) => [...new Set([id, name, email, providerId])]))
  return users.map((user) => {
    const label = userLabel(user)
    const fits = isTypeable(label) && uses.get(label) === 1 && !/^\d+$/.test(label)
    const id = uses.get(user.id) === 1 ? user.id : `id:${user.id}`
    const other = [user.name, user.email, user.displayName].find((text) => text && text !== label)
    return {
      value: fits ? label : id,
      also: fits ? [id] : [],
      about: fits ? facts(`id ${user.id}`, other) : facts(label, other),
    }
  })
}

async function nodeNames(api: ControlApi): Promise<LiveName[]> {
  const nodes = await api.nodes.list()
  const uses = countOf(nodes.map(nodeName))
  return nodes.map((node) => {
    const name = nodeName(node)
    const fits =
      node.givenName !== '' && isTypeable(name) && uses.get(name) === 1 && !/^\d+$/.test(name) && isIP(name) === 0
    return {
      value: fits ? name : node.id,
      also: [...(fits ? [node.id] : []), ...node.ipAddresses.filter((address) => isIP(address) !== 0)],
      about: fits ? aboutNode(node) : printable(describeNode(node)),
    }
  })
}

/** `id 4, ops, 100.64.0.4, online` */
function aboutNode(node: Parameters<typeof describeNode>[0]): string {
  return printable(
    describeNode(node)
      .slice(nodeName(node).length)
      .replace(/^ \((.*)\)$/s, '$1'),
  )
}

/** The tags of nodes, and those of a stored policy (0.23+). */
async function tagNames(api: ControlApi): Promise<LiveName[]> {
  const [nodes, policy] = await Promise.all([api.nodes.list(), policyText(api)])
  const uses = countOf(nodes.flatMap(({tags}) => tags))
  const inPolicy = [...policy.matchAll(/"(tag:[^"\\]+)"/g)].map(([, tag]) => tag!)
  return [...new Set([...uses.keys(), ...inPolicy])]
    .filter((tag) => /^tag:[^\s,]+$/.test(tag) && isTypeable(tag))
    .toSorted()
    .map((tag) =>
      named(tag, uses.has(tag) ? `${uses.get(tag)} node${uses.get(tag) === 1 ? '' : 's'}` : 'in the policy'),
    )
}

async function policyText(api: ControlApi): Promise<string> {
  try {
    return (await api.policy.get()).text
  } catch (error) {
    // None is stored, or the release stores none.
    if (error instanceof HeadscaleError) return ''
    throw error
  }
}

/** The routes of the nodes that the line names, otherwise of all nodes. */
async function routePrefixes(api: ControlApi, {nodes}: {nodes: readonly string[]}): Promise<LiveName[]> {
  const routes =
    nodes.length === 0
      ? await api.routes.list(await api.nodes.list())
      : (await Promise.all(nodes.map(async (ref) => api.routes.ofNode(await resolveNode(api, ref))))).flat()
  const byPrefix = Map.groupBy(routes, ({prefix}) => canonicalPrefix(prefix))
  return [...byPrefix]
    .filter(([prefix]) => isTypeable(prefix) && prefix.includes('/'))
    .map(([prefix, all]) =>
      named(prefix, all.map((route) => facts(route.node && nodeName(route.node), stateOf(route))).join('; ')),
    )
}

function stateOf({available, approved, serving}: Route): string {
  if (!approved) return 'not approved'
  return serving ? 'approved, serving' : available ? 'approved' : 'approved, not advertised'
}

function aboutKey(key: PreAuthKey): string {
  const owner = keyOwner(key) ?? key.tags.join(' ')
  return facts(maskedKey(key.key), owner, key.reusable ? 'reusable' : key.used ? 'used' : null, until(key.expiration))
}

/** The part of a key that lists may show, without the mask. */
const barePrefix = (prefix: string) => prefix.replace(/-?\*+$/, '')

const until = (time: Date | null) => time && `expires ${time.toISOString().slice(0, 10)}`

function countOf(texts: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) if (text) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}
