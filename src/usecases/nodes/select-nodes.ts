/** Finds the nodes that a selector matches, with as few requests as the release allows: never one per node. */
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {matchesNode, type NodeSelector} from '../../domain/selector.ts'
import type {User} from '../../domain/user.ts'
import {requireFact, withUsers} from '../resolve-selector.ts'
import {withRoutes} from './with-routes.ts'

/**
 * The nodes that meet every condition, ascending by id; none for a selector without conditions.
 * @param routes add their routes, even where this needs further calls
 * @throws HeadscaleError as resolveUser; (unsupported-by-server) for a fact that the release does not report, before
 * anything is read
 */
export async function selectNodes(
  api: ControlApi,
  selector: NodeSelector<string>,
  now: Date,
  {routes = false}: {routes?: boolean} = {},
): Promise<Node[]> {
  const resolved = await resolveSelector(api, selector)
  const nodes = await api.nodes.list(onlyUser(resolved))
  return filterNodes(api, nodes, resolved, now, {routes})
}

/** Checks that the release reports every fact, and resolves the users. @throws HeadscaleError as selectNodes */
export async function resolveSelector(api: ControlApi, selector: NodeSelector<string>): Promise<NodeSelector<User>> {
  requireFact(api, selector, 'tag', 'node-tags')
  return withUsers(api, selector)
}

/** The same for nodes that were already read. */
export async function filterNodes(
  api: ControlApi,
  nodes: readonly Node[],
  selector: NodeSelector,
  now: Date,
  {routes = false}: {routes?: boolean} = {},
): Promise<Node[]> {
  const [aboutRoutes, others] = [selector.filter(isAboutRoutes), selector.filter((one) => !isAboutRoutes(one))]
  // Up to 0.17 routes are read node by node, so as few as possible are read.
  const left = others.length === 0 ? nodes : nodes.filter((node) => matchesNode(node, others, now))
  if (aboutRoutes.length === 0) return routes ? withRoutes(api, left) : [...left]
  return (await withRoutes(api, left)).filter((node) => matchesNode(node, aboutRoutes, now))
}

const isAboutRoutes = ({is}: NodeSelector[number]) => is === 'route' || is === 'pending-routes'

/**
 * The user whose nodes alone have to be read. Not together with tags: where a server is asked for the nodes of one user,
 * 0.16 to 0.23 leave out the tags that clients request.
 */
function onlyUser(selector: NodeSelector<User>): {user?: User} {
  const user = selector.find((condition) => condition.is === 'user' && !condition.not)
  return user?.is === 'user' && selector.every(({is}) => is !== 'tag') ? {user: user.value} : {}
}
